// A real HTTP server on loopback for one test, and a connection to it.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { ClusterConfig } from '../../../src/kube/config/cluster-config.ts';
import { connect, type Connection, type ConnectionOptions } from '../../../src/kube/transport/connection.ts';
import { kubeconfig } from './mocked-api.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface LocalServer {
  /** Starts to serve; the connection is closed with the test. */
  serve(handler: http.RequestListener, options?: ConnectionOptions): Promise<Connection>;
  /** TCP connections accepted so far. */
  accepted(): number;
  /** Resolves when no TCP connection is left. */
  allClosed(): Promise<void>;
  http(): http.Server;
}

/** To be called inside describe(). */
export function localServer(): LocalServer {
  const folder = temporaryFolder();
  let server = http.createServer();
  let connection: Connection | undefined;
  let accepted = 0;
  let open = 0;
  beforeEach(() => {
    accepted = 0;
    open = 0;
    server = http.createServer();
    server.on('connection', (socket) => {
      accepted += 1;
      open += 1;
      socket.once('close', () => {
        open -= 1;
        server.emit('gone');
      });
    });
  });
  afterEach(async () => {
    await connection?.close();
    connection = undefined;
    server.closeAllConnections();
    server.close();
  });
  return {
    async serve(handler, options = {}) {
      server.on('request', handler);
      const url = await listen(server);
      const file = folder.write('kubeconfig', kubeconfig(url, { token: 'first' }));
      connection = connect(ClusterConfig.fromFile(file), { random: () => 0, ...options });
      return connection;
    },
    accepted: () => accepted,
    async allClosed() {
      while (open > 0) await once(server, 'gone');
    },
    http: () => server,
  };
}

/** The server's own URL. */
export async function listen(server: Server, scheme = 'http'): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `${scheme}://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
