// The secrets that webhooks are signed with, from a file: one a line, the newest first. Read for each message, so that a file that
// has changed counts at once.
import { readFile } from 'node:fs/promises';
import { Webhook } from 'standardwebhooks';

/** The file cannot be used; the message says why, and nothing of what is in it. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const PREFIX = 'whsec_';
/** https://www.standardwebhooks.com asks for this many bytes. */
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** @throws SecretError */
export async function readSecrets(file: string): Promise<Webhook[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SecretError(`cannot read the webhook secrets: ${(cause as Error).message}`, { cause });
  });
  const lines = text.split('\n').map((line) => line.trim());
  const secrets = lines.flatMap((line, index) => (line === '' ? [] : secretOf(line, file, index + 1)));
  if (secrets.length === 0) throw new SecretError(`expected ${file} to have a secret, got nothing`);
  return secrets;
}

function secretOf(line: string, file: string, number: number): Webhook {
  const encoded = line.startsWith(PREFIX) ? line.slice(PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') === encoded && bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES) {
    return new Webhook(line);
  }
  throw new SecretError(
    `expected line ${String(number)} of ${file} to be ${PREFIX} and ${String(LEAST_BYTES)} to ${String(MOST_BYTES)} bytes in base64, got something else`,
  );
}
