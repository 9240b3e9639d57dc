// How one setting is read from a text: each returns the value, or says what was expected. No IO.
import { isIP } from 'node:net';
import { isLabelKey, isLabelValue } from '../jobs/labels.ts';

/** @throws SettingError */
export type Read<T> = (text: string) => T;

export class SettingError extends Error {
  override readonly name = 'SettingError';
}

export const integer =
  (least: number, most: number): Read<number> =>
  (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new SettingError(`an integer from ${String(least)} to ${String(most)}`);
    }
    return value;
  };

export const oneOf =
  <const T extends string>(...choices: T[]): Read<T> =>
  (text) => {
    const choice = choices.find((choice) => choice === text);
    if (choice === undefined) throw new SettingError(`one of ${choices.join(', ')}`);
    return choice;
  };

export const matching =
  (test: (text: string) => boolean, what: string): Read<string> =>
  (text) => {
    if (!test(text)) throw new SettingError(what);
    return text;
  };

export const httpUrl = matching(
  (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
  'an http or https URL such as http://127.0.0.1:3000',
);

/** Of a Portico: what it is called with goes into a header, not here. */
export const serverUrl = matching((text) => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}, 'an http or https URL without credentials, such as http://127.0.0.1:3000');

/** A value that was given, quoted, without the user and the password of a URL. */
export const shown = (text: string): string => JSON.stringify(text.replaceAll(/\/\/[^/?#\s]*@/g, '//...@'));

/** `parse` gives undefined for what is not as it should be. */
export const readBy =
  <T>(parse: (text: string) => T | undefined, what: string): Read<T> =>
  (text) => {
    const value = parse(text);
    if (value === undefined) throw new SettingError(what);
    return value;
  };

/** Separated by commas; blanks around them do not count. */
export const listOf =
  <T>(read: Read<T>): Read<T[]> =>
  (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(read);

export const text = matching((text) => text !== '', 'a text that is not empty');
export const namespace = matching(
  (text) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text),
  'the name of a namespace (RFC 1123 label)',
);
export const objectName = matching(
  (text) => text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text),
  'the name of an object (RFC 1123 subdomain)',
);
export const workerId = matching(
  (text) => text !== '' && isLabelValue(text),
  'worker ids that are label values, separated by commas',
);
export const labelKey = matching(isLabelKey, 'a label key such as portico.dev/worker-id');
export const host = matching(
  (text) => isIP(text) !== 0 || text === 'localhost',
  'an IP address or localhost',
);
