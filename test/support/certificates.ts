// Key pairs of a test's own, each its own authority, and the files that they are served from.
import { mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { generate } from 'selfsigned';
import type { KeyPair } from '../../src/http/server/served-certificate.ts';

/** For 127.0.0.1 and localhost, with that common name. */
export async function keyPairOf(name: string): Promise<KeyPair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}

/** As the kubelet mounts a Secret: links to files behind a link to a folder, and that one is moved at once. */
export function mountSecret(folder: string, { cert, key }: KeyPair): { cert: string; key: string } {
  const version = mkdtempSync(join(folder, '..version-'));
  writeFileSync(join(version, 'tls.crt'), cert);
  writeFileSync(join(version, 'tls.key'), key);
  symlinkSync(basename(version), join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  for (const [file, name] of [
    [files.cert, 'tls.crt'],
    [files.key, 'tls.key'],
  ] as const) {
    try {
      symlinkSync(join('..data', name), file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return files;
}
