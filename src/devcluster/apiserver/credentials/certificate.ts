// A certificate for loopback, signed with its own key: kubectl sends no token over plain HTTP, and a token must not go to
// whoever happens to listen on the port. No IO but randomness.
import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** PEM, both. */
export interface KeyAndCertificate {
  key: string;
  certificate: string;
}

const NAME = 'portico';
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 3650;
/** Before its end it is replaced by a new one. */
const SPARE_DAYS = 30;
/** A clock may be a little behind when it is first looked at. */
const EARLY_DAYS = 1;

export async function makeCertificate(now: number): Promise<KeyAndCertificate> {
  const made = await generate([{ name: 'commonName', value: NAME }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - EARLY_DAYS * DAY_MS),
    notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
    extensions: [
      // It serves, and it vouches for itself.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  // Each PEM ends its own last line, so that they can stand in one file.
  return { key: `${made.private.trim()}\n`, certificate: `${made.cert.trim()}\n` };
}

export function isStillGood(certificate: string, now: number): boolean {
  return new X509Certificate(certificate).validToDate.getTime() > now + SPARE_DAYS * DAY_MS;
}
