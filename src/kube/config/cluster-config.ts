// Which cluster to talk to and as whom: from a kubeconfig, or from the pod this runs in. The sources stay where they are,
// so that rotated credentials are found there again.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { createSecureContext } from 'node:tls';
import { bufferFromFileOrString, type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { isLoopback } from '../../net/loopback.ts';
import { KubeConfigError, readKubeConfig, unreadable } from './kubeconfig-file.ts';

export { KubeConfigError };

/** Where Kubernetes puts a pod's token, CA and namespace. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const ANONYMOUS = 'anonymous';

export interface PodEnvironment {
  KUBERNETES_SERVICE_HOST?: string | undefined;
  KUBERNETES_SERVICE_PORT?: string | undefined;
}

export class ClusterConfig {
  /** The API server's URL. */
  readonly server: string;
  readonly context: string;
  /** The context's own namespace, or the pod's. */
  readonly namespace: string | undefined;
  readonly #load: (into: KubeConfig) => void;

  private constructor(load: (into: KubeConfig) => void) {
    this.#load = load;
    const { cluster, context, namespace } = this.loadInto(new KubeConfig());
    this.server = cluster.server;
    this.context = context;
    this.namespace = namespace;
  }

  /**
   * `path` may be several, as in $KUBECONFIG. `context` is the file's current one unless told.
   * @throws KubeConfigError
   */
  static fromFile(path: string, context?: string): ClusterConfig {
    return new ClusterConfig((into) => {
      // JSON is YAML too.
      into.loadFromString(JSON.stringify(readKubeConfig(path)));
      if (context !== undefined) into.setCurrentContext(context);
    });
  }

  /**
   * As the ServiceAccount of the pod that this runs in. `env` is that of the process.
   * @throws KubeConfigError: not in a pod, or without a mounted token.
   */
  static inCluster(env: PodEnvironment, folder: string = SERVICE_ACCOUNT): ClusterConfig {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
    if (!host || !port) {
      throw new KubeConfigError(
        'expected KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as in a pod, got none',
      );
    }
    const name = 'in-cluster';
    const server = `https://${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
    const tokenFile = `${folder}/token`;
    return new ClusterConfig((into) => {
      into.loadFromOptions({
        clusters: [{ name, server, caFile: `${folder}/ca.crt`, skipTLSVerify: false }],
        users: [{ name, authProvider: { name: 'tokenFile', config: { tokenFile } } }],
        contexts: [
          { name, cluster: name, user: name, namespace: read(`${folder}/namespace`).toString().trim() },
        ],
        currentContext: name,
      });
      read(tokenFile);
    });
  }

  /**
   * Reads the sources anew, all of them: nothing that `into` then holds was remembered.
   * @throws KubeConfigError
   */
  loadInto(into: KubeConfig): { cluster: Cluster; context: string; namespace: string | undefined } {
    this.#load(into);
    const name = contextOf(into);
    const context = into.getContextObject(name);
    const cluster = into.getCluster(context?.cluster ?? '');
    if (!cluster)
      throw new KubeConfigError(
        `context "${name}" names cluster "${context?.cluster ?? ''}", which is not there`,
      );
    checkServer(cluster);
    checkMaterial(cluster, userOf(into, name));
    return { cluster, context: name, namespace: context?.namespace };
  }
}

function contextOf(config: KubeConfig): string {
  const known = config.getContexts().map(({ name }) => name);
  const choice = known.length === 0 ? 'there are no contexts' : `there are ${known.join(', ')}`;
  const name = config.getCurrentContext() as string | undefined;
  if (!name) throw new KubeConfigError(`expected a current-context, got none; ${choice}`);
  if (!known.includes(name)) throw new KubeConfigError(`no context "${name}"; ${choice}`);
  return name;
}

/** A context without a user gets one without credentials: the base class sends no CA for nobody. */
function userOf(config: KubeConfig, contextName: string): User {
  const context = config.getContextObject(contextName);
  if (context?.user) {
    const user = config.getUser(context.user);
    if (!user)
      throw new KubeConfigError(`context "${contextName}" names user "${context.user}", which is not there`);
    return user;
  }
  const nobody = { name: ANONYMOUS };
  config.users = [...config.users.filter(({ name }) => name !== ANONYMOUS), nobody];
  config.contexts = config.contexts.map((one) =>
    one.name === contextName ? { ...one, user: ANONYMOUS } : one,
  );
  return nobody;
}

function checkServer({ name, server, skipTLSVerify, proxyUrl }: Cluster): void {
  const url = parseUrl(server);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new KubeConfigError(
      `cluster "${name}": expected server to be an http or https URL, got "${server}"`,
    );
  }
  if (url.protocol === 'http:' && !skipTLSVerify && !isLoopback(url.hostname)) {
    throw new KubeConfigError(
      `cluster "${name}": ${server} would carry credentials in the clear; expected https, loopback, or insecure-skip-tls-verify`,
    );
  }
  // The schemes that kubectl knows.
  const proxies = ['http:', 'https:', 'socks5:'];
  if (proxyUrl && !proxies.includes(parseUrl(proxyUrl)?.protocol ?? '')) {
    throw new KubeConfigError(
      `cluster "${name}": expected proxy-url to be http, https or socks5, got "${proxyUrl}"`,
    );
  }
}

const parseUrl = (text: string): URL | undefined => URL.parse(text) ?? undefined;

/** TLS material that OpenSSL cannot read is said at once, and not at the first connection. */
function checkMaterial(cluster: Cluster, user: User): void {
  const ca = check(`certificate-authority of cluster "${cluster.name}"`, () => {
    const pem = bufferFromFileOrString(cluster.caFile, cluster.caData);
    if (pem) new X509Certificate(pem);
    return pem;
  });
  check(`client certificate of user "${user.name}"`, () => {
    const cert = bufferFromFileOrString(user.certFile, user.certData);
    const key = bufferFromFileOrString(user.keyFile, user.keyData);
    createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  });
}

function check<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const [firstLine] = String(cause instanceof Error ? cause.message : cause).split('\n');
    throw new KubeConfigError(`cannot use the ${what}: ${firstLine ?? ''}`, { cause });
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
