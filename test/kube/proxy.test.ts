// Reaching the API server through a proxy.
import path from 'node:path';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ClusterConfig } from '../../src/kube/config/cluster-config.ts';
import { connect, type Connection } from '../../src/kube/transport/connection.ts';
import { Proxies, type ProxyEnvironment } from '../../src/net/proxy.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { collect } from './support/collect.ts';
import { listen } from './support/local-server.ts';
import { kubeconfig } from './support/mocked-api.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const fixture = (file: string) => path.join(import.meta.dirname, 'fixtures', file);

describe('a proxy', () => {
  const folder = temporaryFolder();
  let server: https.Server;
  let proxy: ForwardProxy;
  let serverUrl: string;
  let connection: Connection;

  beforeEach(async () => {
    const tls = { cert: readFileSync(fixture('one.crt')), key: readFileSync(fixture('one.key')) };
    server = https.createServer(tls, (_request, response) => response.end('{"reached":true}'));
    serverUrl = await listen(server, 'https');
    proxy = await ForwardProxy.start();
  });
  afterEach(async () => {
    await connection.close();
    server.closeAllConnections();
    server.close();
    proxy.stop();
  });

  const call = async (cluster: object, environment?: ProxyEnvironment, url = serverUrl) => {
    const whole = { 'certificate-authority': fixture('one.crt'), ...cluster };
    const config = ClusterConfig.fromFile(folder.write('kubeconfig', kubeconfig(url, {}, whole)));
    connection = connect(config, environment ? { proxies: new Proxies(environment) } : {});
    expect(await connection.request({ path: '/' })).to.deep.equal({ reached: true });
    expect(await collect(await connection.lines({ path: '/' }))).to.deep.equal(['{"reached":true}']);
  };
  const authority = () => new URL(serverUrl).host;
  /** The same server under a name that leads there by the proxy alone. */
  const elsewhere = () => serverUrl.replace('127.0.0.1', 'api.test');
  const UNVERIFIED = { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true };

  it('of the kubeconfig is used for calls and streams, TLS verified through it', async () => {
    await call({ 'proxy-url': proxy.url });
    expect(proxy.hosts()).to.deep.equal([authority()]);
  });

  it('of the environment is used, with its credentials', async () => {
    const withCredentials = proxy.url.replace('//', '//me:pass%20word@');
    await call(UNVERIFIED, { https_proxy: withCredentials }, elsewhere());
    expect(proxy.hosts()).to.deep.equal([new URL(elsewhere()).host]);
    const authorization = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
    expect(proxy.seen[0]).to.include({ method: 'CONNECT', authorization });
  });

  it('of the environment is not used for this machine', async () => {
    await call({}, { HTTPS_PROXY: proxy.url });
    expect(proxy.seen).to.deep.equal([]);
  });

  it('of the kubeconfig is used whatever the environment says', async () => {
    await call({ 'proxy-url': proxy.url }, { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' });
    expect(proxy.hosts()).to.deep.equal([authority()]);
  });
});
