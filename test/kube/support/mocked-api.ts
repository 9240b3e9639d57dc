// nock, switched on only for the suites that ask for it, and the kubeconfig that leads to it.
import nock from 'nock';
import { ClusterConfig } from '../../../src/kube/config/cluster-config.ts';
import { connect, type Connection, type ConnectionOptions } from '../../../src/kube/transport/connection.ts';
import { hastyClock, type HastyClock } from './hasty-clock.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Importing nock switches it on, for suites with real servers too.
nock.restore();

const SERVER = 'https://cluster.test:6443';

export interface MockedApi {
  /** nock's scope for the API server. */
  server(): nock.Scope;
  connection(): Connection;
  clock(): HastyClock;
  /** A connection with other settings or to another config; closed with the test. */
  connect(options: ConnectionOptions & { config?: ClusterConfig }): Connection;
  /** Puts another token into the kubeconfig. */
  setToken(token: string): void;
  setKubeConfig(content: string): void;
}

/** To be called inside describe(). */
export function mockedApi(): MockedApi {
  const folder = temporaryFolder();
  let clock = hastyClock();
  let connections: Connection[] = [];
  const setKubeConfig = (content: string) => {
    folder.write('kubeconfig', content);
  };
  const setToken = (token: string) => {
    setKubeConfig(kubeconfig(SERVER, { token }));
  };
  const open: MockedApi['connect'] = ({
    config = ClusterConfig.fromFile(folder.path('kubeconfig')),
    ...options
  }) => {
    const connection = connect(config, { clock, random: () => 0, ...options });
    connections.push(connection);
    return connection;
  };
  beforeEach(() => {
    nock.activate();
    nock.disableNetConnect();
    clock = hastyClock();
    setToken('first');
    open({});
  });
  afterEach(async () => {
    const unmet = nock.pendingMocks();
    nock.abortPendingRequests();
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
    await Promise.all(connections.map((connection) => connection.close()));
    connections = [];
    if (unmet.length > 0) throw new Error(`expected these calls too: ${unmet.join(', ')}`);
  });
  return {
    server: () => nock(SERVER),
    connection: () => {
      const [first] = connections;
      if (!first) throw new Error('expected to be called inside a test');
      return first;
    },
    clock: () => clock,
    connect: open,
    setToken,
    setKubeConfig,
  };
}

/** JSON is YAML. */
export function kubeconfig(server: string, user: object = {}, cluster: object = {}): string {
  return JSON.stringify({
    'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'jobs' } }],
  });
}
