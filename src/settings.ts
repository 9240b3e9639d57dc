// How one setting is read from a text: each returns the value, or says what was expected. No IO.

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

/** Separated by commas; blanks around them do not count. */
export const listOf =
  <T>(read: Read<T>): Read<T[]> =>
  (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(read);
