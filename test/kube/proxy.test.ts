// Reaching the API server through a proxy.
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ClusterConfig } from '../../src/kube/config.ts';
import { connect, type Connection } from '../../src/kube/connection.ts';
import type { ProxySettings } from '../../src/kube/transport/pools.ts';
import { collect } from './support/collect.ts';
import { listen } from './support/local-server.ts';
import { kubeconfig } from './support/mocked-api.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const fixture = (file: string) => path.join(import.meta.dirname, 'fixtures', file);

describe('a proxy', () => {
  const folder = temporaryFolder();
  let server: https.Server;
  let proxy: http.Server;
  let serverUrl: string;
  let proxyUrl: string;
  let tunnels: (string | undefined)[];
  let connection: Connection;

  beforeEach(async () => {
    tunnels = [];
    const tls = { cert: readFileSync(fixture('one.crt')), key: readFileSync(fixture('one.key')) };
    server = https.createServer(tls, (_request, response) => response.end('{"reached":true}'));
    serverUrl = await listen(server, 'https');
    proxy = http.createServer().on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      tunnels.push(request.url);
      const { hostname, port } = new URL(`http://${request.url ?? ''}`);
      const onward = net.connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
      socket.on('close', () => onward.destroy());
    });
    proxyUrl = await listen(proxy);
  });
  afterEach(async () => {
    await connection.close();
    server.closeAllConnections();
    server.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  const call = async (cluster: object, settings?: ProxySettings) => {
    const whole = { 'certificate-authority': fixture('one.crt'), ...cluster };
    const config = ClusterConfig.fromFile(folder.write('kubeconfig', kubeconfig(serverUrl, {}, whole)));
    connection = connect(config, settings ? { proxy: settings } : {});
    expect(await connection.request({ path: '/' })).to.deep.equal({ reached: true });
    expect(await collect(await connection.lines({ path: '/' }))).to.deep.equal(['{"reached":true}']);
  };
  const authority = () => new URL(serverUrl).host;

  it('of the kubeconfig is used for calls and streams, TLS verified through it', async () => {
    await call({ 'proxy-url': proxyUrl });
    expect(new Set(tunnels)).to.deep.equal(new Set([authority()]));
  });

  it('of the environment is used', async () => {
    await call({}, { httpsProxy: proxyUrl });
    expect(new Set(tunnels)).to.deep.equal(new Set([authority()]));
  });

  it('of the environment is not used for what NO_PROXY names', async () => {
    await call({}, { httpsProxy: proxyUrl, noProxy: '127.0.0.1' });
    expect(tunnels).to.deep.equal([]);
  });
});
