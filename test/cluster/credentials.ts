// The keys of one run: the API server's certificate, the key of service accounts, the administrators' tokens; and kubeconfigs.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { generate } from 'selfsigned';
import { TESTED_USER } from './audit.ts';
import { ADDRESS, type Paths, SERVICE_ADDRESS } from './settings.ts';

export interface Credentials {
  /** PEM. Signed by itself, so it is also what verifies it. */
  certificate: string;
  token: string;
  /** For what is tested: the same rights under a name of its own, by which the audit log tells the two apart. */
  testedToken: string;
}

const NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'];
const ADDRESSES = ['127.0.0.1', ADDRESS, SERVICE_ADDRESS];
const DAY_MS = 24 * 60 * 60 * 1000;

export async function createCredentials(paths: Paths): Promise<Credentials> {
  const { cert: certificate, private: certificateKey } = await generate(
    [{ name: 'commonName', value: 'kube-apiserver' }],
    {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: new Date(Date.now() - DAY_MS),
      notAfterDate: new Date(Date.now() + 30 * DAY_MS),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            ...NAMES.map((value) => ({ type: 2 as const, value })),
            ...ADDRESSES.map((ip) => ({ type: 7 as const, ip })),
          ],
        },
      ],
    },
  );
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [token, testedToken] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')];
  const mode = 0o600;
  await mkdir(paths.logs, { recursive: true });
  await writeFile(paths.certificate, certificate);
  await writeFile(paths.certificateKey, certificateKey, { mode });
  await writeFile(paths.serviceAccountKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode });
  const users = [
    [token, 'admin'],
    [testedToken, TESTED_USER],
  ].map(([secret, name]) => `${String(secret)},${String(name)},${String(name)},system:masters\n`);
  await writeFile(paths.tokens, users.join(''), { mode });
  return { certificate, token, testedToken };
}

export async function writeKubeconfig(
  file: string,
  server: string,
  { certificate, token }: Pick<Credentials, 'certificate' | 'token'>,
): Promise<void> {
  const authority = Buffer.from(certificate).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 });
}
