// Writes the kubeconfig that kubectl and client libraries find the embedded API server with.
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import type { Credentials } from './credentials.ts';
import { makePrivateFolder, writePrivateFile } from '../../private-files.ts';

const NAME = 'portico';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `server` is a URL. */
export function writeKubeconfig(
  path: string,
  { server, credentials }: { server: string; credentials: Pick<Credentials, 'token' | 'certificate'> },
): void {
  const cluster = { server, 'certificate-authority-data': base64(credentials.certificate) };
  makePrivateFolder(dirname(path));
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
