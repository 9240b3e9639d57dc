// What a state folder's API server proves itself with, and its clients themselves: made once, so that a kubeconfig outlives
// restarts.
import { systemClock } from '../../../base/clock.ts';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { reasonOf, StateError } from '../storage/state-folder.ts';
import { isStillGood, makeCertificate, type KeyAndCertificate } from './certificate.ts';
import { readFileIfThere, writePrivateFile } from '../../private-files.ts';

export interface Credentials extends KeyAndCertificate {
  /** What a client must bear. */
  token: string;
}

const TOKEN_BYTES = 32;

/** @throws StateError */
export async function credentialsIn(directory: string, now = systemClock.dateMs()): Promise<Credentials> {
  try {
    return { token: tokenIn(directory), ...(await certificateIn(directory, now)) };
  } catch (error) {
    if (error instanceof StateError) throw error;
    const why = reasonOf(error);
    throw new StateError(directory, `credentials cannot be read or written: ${why}`, { cause: error });
  }
}

function tokenIn(directory: string): string {
  const file = join(directory, 'token');
  const token = readFileIfThere(file)?.trim();
  if (token) return checked(directory, token);
  const fresh = randomBytes(TOKEN_BYTES).toString('base64url');
  writePrivateFile(file, `${fresh}\n`);
  return fresh;
}

/** RFC 6750, 2.1. Who listens on the port of a token that can be guessed runs commands as its owner. */
const TOKEN = /^[A-Za-z0-9._~+/-]{32,}=*$/;

function checked(directory: string, token: string): string {
  if (TOKEN.test(token)) return token;
  throw new StateError(
    directory,
    'expected token to hold at least 32 letters and digits: remove the file, and a new one is made',
  );
}

/** One file for both, so that they always belong together. */
async function certificateIn(directory: string, now: number): Promise<KeyAndCertificate> {
  const file = join(directory, 'tls.pem');
  const [, key, certificate] = /^(.+KEY-----\s+)(.+)$/s.exec(readFileIfThere(file) ?? '') ?? [];
  if (key && certificate && isStillGood(certificate, now)) return { key, certificate };
  const fresh = await makeCertificate(now);
  writePrivateFile(file, fresh.key + fresh.certificate);
  return fresh;
}
