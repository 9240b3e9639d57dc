// The certificate that HTTPS is served with: read from two files, and again when they change. Listens to nothing.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';

/** Paths. */
export interface CertificateFiles {
  /** PEM: the certificate, then those that lead to its root. */
  cert: string;
  /** PEM, without a passphrase. */
  key: string;
}

/** What is in the files. */
export interface KeyPair {
  cert: string;
  key: string;
}

/** The files hold no pair that can be served; the message is for whoever named them. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/**
 * Looked at, not watched: a Secret's volume changes by a link that is moved, an editor replaces the file, a network file system
 * tells nothing. What is read is compared.
 */
const LOOK_MS = 10_000;

export class ServedCertificate {
  readonly #files: CertificateFiles;
  readonly #log: Logger;
  readonly #listeners: ((pair: KeyPair) => void)[] = [];
  #served: KeyPair;
  /** What is wrong with the files now: it is said once. */
  #problem: string | undefined;

  /** @throws CertificateError */
  constructor(files: CertificateFiles, log: Logger) {
    this.#files = files;
    this.#log = log;
    this.#served = readPair(files);
    assertServable(this.#served, files);
  }

  get keyPair(): KeyPair {
    return this.#served;
  }

  onRenewal(listener: (pair: KeyPair) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks at the files every few seconds, until `signal` is aborted. */
  async follow(clock: Clock, signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(clock, LOOK_MS, signal);
      if (signal.aborted) return;
      this.#look();
    }
  }

  /** Two files do not change at once: a pair that does not fit is served when its other half has come, and the old one till then. */
  #look(): void {
    try {
      const pair = readPair(this.#files);
      if (pair.cert !== this.#served.cert || pair.key !== this.#served.key) this.#serve(pair);
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      if (error.message === this.#problem) return;
      this.#problem = error.message;
      const until = validTo(this.#served);
      this.#log.error(
        { err: error, validTo: until },
        'serving the old certificate: the new one cannot be used',
      );
    }
  }

  #serve(pair: KeyPair): void {
    assertServable(pair, this.#files);
    this.#served = pair;
    for (const listener of this.#listeners) listener(pair);
    this.#log.info({ validTo: validTo(pair) }, 'serving a new certificate');
  }
}

const validTo = ({ cert }: KeyPair): string => new X509Certificate(cert).validToDate.toISOString();

function readPair({ cert, key }: CertificateFiles): KeyPair {
  const read = (file: string) => attempt(`read ${file}`, () => readFileSync(file, 'utf8'));
  return { cert: read(cert), key: read(key) };
}

function assertServable({ cert, key }: KeyPair, files: CertificateFiles): void {
  const leaf = attempt(`use ${files.cert} as a certificate in PEM`, () => new X509Certificate(cert));
  const privateKey = attempt(`use ${files.key} as a private key in PEM without a passphrase`, () =>
    createPrivateKey(key),
  );
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      `the private key in ${files.key} is not that of the certificate in ${files.cert}`,
    );
  }
  // What OpenSSL finds too weak, or a chain that it cannot read.
  attempt(`use ${files.cert} as a certificate in PEM`, () => createSecureContext({ cert, key }));
}

/** @throws CertificateError with the first line of what went wrong */
function attempt<T>(what: string, task: () => T): T {
  try {
    return task();
  } catch (cause) {
    const [line = ''] = (cause as Error).message.split('\n');
    throw new CertificateError(`cannot ${what}: ${line}`, { cause });
  }
}
