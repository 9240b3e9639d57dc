// Writes the kubeconfig that kubectl and client libraries find the embedded API server with.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import type { Credentials } from './credentials.ts';
import { writePrivateFile } from './private-file.ts';

const NAME = 'portico';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `server` is a URL. */
export function writeKubeconfig(
  path: string,
  { server, credentials }: { server: string; credentials: Pick<Credentials, 'token' | 'certificate'> },
): void {
  const cluster = { server, 'certificate-authority-data': base64(credentials.certificate) };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writePrivateFile(
    path,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: NAME, cluster }],
      users: [{ name: NAME, user: { token: credentials.token } }],
      contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
      'current-context': NAME,
    }),
  );
}
