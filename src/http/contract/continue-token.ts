// Where a page of jobs ended, as a text that a caller gives back: opaque to them, checked by us. No IO.
import type { Position } from '../../controller/cache/job-index.ts';

/** Seconds since the Unix epoch, and the name of a Job: a DNS subdomain. */
const FORM = /^(\d{1,12})\.([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)$/;

export const tokenOf = ({ createdAt, name }: Position): string =>
  Buffer.from(`${String(createdAt)}.${name}`).toString('base64url');

/** undefined when it is none of ours. */
export function positionOf(token: string): Position | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  const [, seconds = '', name = ''] = FORM.exec(text) ?? [];
  const position = { createdAt: Number(seconds), name };
  // The decoder passes over what is not base64url.
  return name !== '' && tokenOf(position) === token ? position : undefined;
}
