// TLS to a real server: what is verified, and what happens when certificates are rotated.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { ClusterConfig } from '../../src/kube/config/cluster-config.ts';
import { connect, type Connection } from '../../src/kube/transport/connection.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { failureOf } from './support/failure.ts';
import { hastyClock, type HastyClock } from './support/hasty-clock.ts';
import { listen } from './support/local-server.ts';
import { kubeconfig } from './support/mocked-api.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

// Self-signed for 127.0.0.1, and so each its own CA.
const pem = (file: string) => readFileSync(path.join(import.meta.dirname, 'fixtures', file), 'utf8');
const certificate = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });

describe('over TLS', () => {
  const folder = temporaryFolder();
  let server: https.Server;
  let url: string;
  let connection: Connection;
  let handshakes = 0;
  let clock: HastyClock;

  const open = (cluster: object, user: object = {}) => {
    const file = folder.write('kubeconfig', kubeconfig(url, user, cluster));
    connection = connect(ClusterConfig.fromFile(file), { clock, random: () => 0 });
    return connection;
  };
  const trusting = (name: string) => ({
    'certificate-authority': folder.write('ca.crt', pem(`${name}.crt`)),
  });

  beforeEach(async () => {
    handshakes = 0;
    clock = hastyClock();
    const options = { ...certificate('one'), requestCert: true, rejectUnauthorized: false };
    server = https.createServer(options, ({ socket, url: path }, response) => {
      if (path === '/watch') {
        response.write('one\n');
        server.once('more', () => response.end('two\n'));
        return;
      }
      const { subject } = (socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
      response.end(JSON.stringify({ client: subject?.CN ?? 'nobody' }));
    });
    server.on('secureConnection', () => (handshakes += 1));
    url = await listen(server, 'https');
  });
  afterEach(async () => {
    await connection.close();
    server.closeAllConnections();
    server.close();
  });

  it('a server of the CA is trusted, and one handshake serves many calls', async () => {
    open(trusting('one'));
    for (let call = 0; call < 20; call += 1) {
      expect(await connection.request({ path: '/' })).to.deep.equal({ client: 'nobody' });
    }
    expect(handshakes).to.be.at.most(2);
  });

  it('a server of another CA is not', async () => {
    open(trusting('two'));
    const { cause } = await failureOf(connection.request({ path: '/', method: 'POST' }), UnreachableError);
    expect(cause).to.have.property('code', 'DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('any server is trusted with insecure-skip-tls-verify', async () => {
    open({ 'insecure-skip-tls-verify': true });
    expect(await connection.request({ path: '/' })).to.deep.equal({ client: 'nobody' });
  });

  it('the client certificate is presented', async () => {
    const { cert, key } = certificate('two');
    const data = (text: string) => Buffer.from(text).toString('base64');
    open(trusting('one'), { 'client-certificate-data': data(cert), 'client-key-data': data(key) });
    expect(await connection.request({ path: '/' })).to.deep.equal({ client: 'two' });
  });

  it('a rotated CA is found at the next try, and a stream that is under way goes on to its end', async () => {
    open(trusting('one'));
    const lines: string[] = [];
    const stream = await connection.lines({ path: '/watch' });
    await connection.request({ path: '/' });

    server.setSecureContext(certificate('two'));
    server.closeIdleConnections();
    trusting('two');
    expect(await connection.request({ path: '/' })).to.deep.equal({ client: 'nobody' });
    expect(clock.passed()).to.be.within(1, 1_000);

    server.emit('more');
    for await (const line of stream) lines.push(line);
    expect(lines).to.deep.equal(['one', 'two']);
  });
});
