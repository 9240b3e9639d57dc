// HTTPS as a client meets it.
import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { Agent, request } from 'undici';
import type { KeyPair } from '../../src/http/server/served-certificate.ts';
import { keyPairOf, mountSecret } from '../support/certificates.ts';
import { freshFolder, Portico } from '../support/portico.ts';

describe('Portico with a certificate', () => {
  let folder: string;
  let pair: KeyPair;
  let portico: Portico;
  before(async () => {
    folder = await freshFolder();
    pair = await keyPairOf('one');
    const { cert, key } = mountSecret(folder, pair);
    portico = await Portico.start({ args: [`--tls-cert-file=${cert}`, `--tls-key-file=${key}`] });
  });
  after(async () => {
    await portico?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** On connections that trust this certificate and no other. */
  async function query({ cert }: KeyPair, url = portico.url): Promise<{ status: number; body: unknown }> {
    const dispatcher = new Agent({ connect: { ca: cert } });
    try {
      const body = JSON.stringify({ worker_id: 'local', job_id: 'b2b1f3a4-0000-4000-8000-000000000000' });
      const answer = await request(`${url}/query`, { method: 'POST', body, dispatcher });
      return { status: answer.statusCode, body: await answer.body.json() };
    } finally {
      await dispatcher.destroy();
    }
  }
  const failure = (promise: Promise<unknown>) =>
    promise.then(String, (error: NodeJS.ErrnoException) => error.code);

  it('serves https and says so', async () => {
    expect(portico.url).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await query(pair)).to.deep.equal({ status: 500, body: { error: 'job not found' } });
  });

  it('is not reached by plain HTTP, nor taken for another', async () => {
    const plain = portico.url.replace('https:', 'http:');
    expect(await failure(query(pair, plain))).to.be.oneOf(['UND_ERR_SOCKET', 'ECONNRESET']);
    expect(await failure(query(await keyPairOf('other')))).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});
