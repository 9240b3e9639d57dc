// What a state folder's server and its clients prove themselves with: stable, and for their owner alone.
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { isStillGood, makeCertificate } from '../../../src/devcluster/apiserver/credentials/certificate.ts';
import { credentialsIn, StateError, writeKubeconfig } from '../../../src/devcluster/apiserver/index.ts';
import { freshFolder, removeFolder } from './support.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the credentials of a state folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = freshFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('are random, stay, and are readable by their owner alone', async () => {
    const credentials = await credentialsIn(folder);
    expect(credentials.token).to.match(/^[\w-]{43}$/);
    expect(await credentialsIn(folder)).to.deep.equal(credentials);
    for (const file of readdirSync(folder)) expect(modeOf(join(folder, file)), file).to.equal(0o600);
    const other = freshFolder();
    expect((await credentialsIn(other)).token).not.to.equal(credentials.token);
    removeFolder(other);
  });

  it('have a new certificate before the old one ends, and the same token', async () => {
    const old = await credentialsIn(folder);
    const later = await credentialsIn(folder, Date.now() + 11 * YEAR_MS);
    expect(later.certificate).not.to.equal(old.certificate);
    expect(later.token).to.equal(old.token);
  });

  it('are not what can be guessed', async () => {
    for (const token of ['abcde', 'x'.repeat(31), `${'x'.repeat(40)} y`, 'ä'.repeat(40)]) {
      writeFileSync(join(folder, 'token'), `${token}\n`);
      const error: unknown = await credentialsIn(folder).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(StateError);
      expect((error as Error).message).to.match(/expected token to hold at least 32 letters and digits/);
    }
  });

  it('that cannot be kept are an error of the state', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const error: unknown = await credentialsIn(file).catch((error: unknown) => error);
    expect(error)
      .to.be.instanceOf(StateError)
      .with.property('message')
      .that.includes('cannot be read or written');
  });
});

describe('the certificate', () => {
  it('vouches for itself, for loopback, for ten years', async () => {
    const now = Date.parse('2030-01-01T00:00:00Z');
    const { certificate } = await makeCertificate(now);
    const read = new X509Certificate(certificate);
    expect(read.verify(read.publicKey)).to.equal(true);
    expect(read.subjectAltName).to.equal('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect(isStillGood(certificate, now)).to.equal(true);
    expect(isStillGood(certificate, now + 9.9 * YEAR_MS)).to.equal(true);
    expect(isStillGood(certificate, now + 10 * YEAR_MS)).to.equal(false);
  });

  it('is well formed also where its end is written with four digits', async () => {
    const { certificate } = await makeCertificate(Date.parse('2045-01-01T00:00:00Z'));
    expect(new X509Certificate(certificate).validToDate.getUTCFullYear()).to.equal(2054);
  });

  it('is accepted by name and by address, and only by who trusts it', async () => {
    const { key, certificate } = await makeCertificate(Date.now());
    const server = createServer({ key, cert: certificate }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const servername of ['localhost', '']) {
      const socket = connect({ port, host: '127.0.0.1', ca: certificate, servername });
      await once(socket, 'secureConnect');
      socket.destroy();
    }
    const stranger = connect({
      port,
      host: '127.0.0.1',
      ca: (await makeCertificate(Date.now())).certificate,
    });
    const [error] = (await once(stranger, 'error')) as [Error];
    expect(error).to.be.instanceOf(Error);
    server.close();
    await once(server, 'close');
  });
});

describe('the kubeconfig', () => {
  let folder: string;
  beforeEach(() => {
    folder = freshFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('is one that clients understand, for its owner alone', () => {
    const path = join(folder, 'deep', 'kubeconfig');
    writeKubeconfig(path, {
      server: 'https://127.0.0.1:1',
      credentials: { token: 'secret', certificate: 'PEM' },
    });
    expect(modeOf(path)).to.equal(0o600);
    const config = new KubeConfig();
    config.loadFromFile(path);
    expect(config.getCurrentCluster()?.server).to.equal('https://127.0.0.1:1');
    expect(config.getCurrentCluster()?.caData).to.equal(Buffer.from('PEM').toString('base64'));
    expect(config.getCurrentUser()?.token).to.equal('secret');
    expect(config.getContextObject(config.getCurrentContext())?.namespace).to.equal('default');
  });

  it('replaces an older one whole, whatever its mode was', () => {
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, 'old', { mode: 0o644 });
    writeKubeconfig(path, {
      server: 'https://127.0.0.1:2',
      credentials: { token: 'secret', certificate: 'PEM' },
    });
    expect(modeOf(path)).to.equal(0o600);
    expect(readFileSync(path, 'utf8')).to.contain('https://127.0.0.1:2').and.not.to.contain('old');
    expect(readdirSync(folder)).to.deep.equal(['kubeconfig']);
  });
});
