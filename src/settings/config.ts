// Flags and environment to Config; one error lists every setting that is wrong. Reads neither itself: both are arguments.
import {
  host,
  httpUrl,
  integer,
  labelKey,
  listOf,
  namespace,
  objectName,
  oneOf,
  type Read,
  readBy,
  SettingError,
  shown,
  text,
  workerId,
} from './values.ts';
import { LONGEST_LEASE_SECONDS } from '../kube/election/lease-step.ts';
import { originOf } from '../webhooks/origins.ts';

const DAY_SECONDS = 86_400;

interface Setting<T> {
  env: string;
  /** What stands for the value in --help. */
  value: string;
  help: string;
  read: Read<T>;
  /** As it would be written; undefined: left to what `help` says. */
  byDefault?: string | undefined;
}

const setting = <T, const D extends string | undefined>(
  env: string,
  value: string,
  byDefault: D,
  read: Read<T>,
  help: string,
): Setting<T> & { byDefault: D } => ({ env, value, help, read, byDefault });

const origin = readBy(originOf, 'hosts such as hooks.example, hooks.example:8443 or http://10.0.0.7:8080');

/** Every setting, by its flag. The table in docs/reference/settings.md is made of the same, and a test compares the two. */
const SETTINGS = {
  address: setting('PORTICO_ADDRESS', 'IP', '127.0.0.1', host, 'address to listen on'),
  port: setting('PORTICO_PORT', 'PORT', '3000', integer(0, 65_535), 'port to listen on; 0 takes a free one'),
  kubeconfig: setting(
    'KUBECONFIG',
    'FILE',
    undefined,
    text,
    'cluster to use; else the pod’s own service account, else the embedded cluster',
  ),
  context: setting(
    'PORTICO_CONTEXT',
    'NAME',
    undefined,
    text,
    'context of the kubeconfig; else its current one',
  ),
  namespace: setting(
    'PORTICO_NAMESPACE',
    'NAME',
    undefined,
    namespace,
    'namespace of the Jobs; else the context’s, else default',
  ),
  'record-namespace': setting(
    'PORTICO_RECORD_NAMESPACE',
    'NAME',
    undefined,
    namespace,
    'namespace where the outcomes of deleted Jobs are kept; else the pod’s own, else that of the Jobs',
  ),
  'lease-name': setting(
    'PORTICO_LEASE_NAME',
    'NAME',
    undefined,
    objectName,
    'Lease, beside the outcomes, by which the replicas agree on who settles jobs; else portico-NAMESPACE, that of the Jobs',
  ),
  'lease-seconds': setting(
    'PORTICO_LEASE_SECONDS',
    'N',
    '15',
    integer(1, LONGEST_LEASE_SECONDS),
    'how long after a replica is lost another one settles jobs',
  ),
  workers: setting(
    'PORTICO_WORKERS',
    'ID,ID',
    undefined,
    listOf(workerId),
    'pools that are known even while no node carries their label; on the embedded cluster its nodes, else local',
  ),
  'worker-label': setting(
    'PORTICO_WORKER_LABEL',
    'KEY',
    'portico.dev/worker-id',
    labelKey,
    'node label whose value is the worker id',
  ),
  'worker-image': setting(
    'PORTICO_WORKER_IMAGE',
    'IMAGE',
    'portico-worker:latest',
    text,
    'image of the Jobs, unless the template names one',
  ),
  'job-template': setting(
    'PORTICO_JOB_TEMPLATE',
    'FILE',
    undefined,
    text,
    'YAML of a Job with image, resources, volumes and the like',
  ),
  'retention-seconds': setting(
    'PORTICO_RETENTION_SECONDS',
    'N',
    String(DAY_SECONDS),
    integer(1, 365 * DAY_SECONDS),
    'how long a finished job can be queried',
  ),
  'grace-seconds': setting(
    'PORTICO_GRACE_SECONDS',
    'N',
    '5',
    integer(0, 3_600),
    'from SIGTERM to SIGKILL when a job is stopped',
  ),
  'body-limit': setting(
    'PORTICO_BODY_LIMIT',
    'BYTES',
    '1048576',
    integer(1_024, 1_048_576),
    'largest request body',
  ),
  'auth-mode': setting(
    'PORTICO_AUTH_MODE',
    'MODE',
    'none',
    oneOf('none', 'token'),
    'who may call: none asks nobody, token takes ServiceAccount tokens (docs/guides/callers.md)',
  ),
  'auth-audience': setting(
    'PORTICO_AUTH_AUDIENCE',
    'AUDIENCE',
    'portico',
    text,
    'what callers’ tokens have to be made for',
  ),
  'tls-cert-file': setting(
    'PORTICO_TLS_CERT_FILE',
    'FILE',
    undefined,
    text,
    'PEM of the certificate to serve HTTPS with; read again when it changes',
  ),
  'tls-key-file': setting('PORTICO_TLS_KEY_FILE', 'FILE', undefined, text, 'PEM of its private key'),
  'max-jobs-per-worker': setting(
    'PORTICO_MAX_JOBS_PER_WORKER',
    'N',
    '0',
    integer(0, 1_000_000),
    'unfinished jobs that a worker may have; 0 for no limit',
  ),
  'max-jobs-per-caller': setting(
    'PORTICO_MAX_JOBS_PER_CALLER',
    'N',
    '0',
    integer(0, 1_000_000),
    'unfinished jobs that a caller may have, with --auth-mode token; 0 for no limit',
  ),
  'max-connections': setting(
    'PORTICO_MAX_CONNECTIONS',
    'N',
    '2000',
    integer(1, 1_000_000),
    'connections at the same time; what comes beyond is closed',
  ),
  'header-timeout-seconds': setting(
    'PORTICO_HEADER_TIMEOUT_SECONDS',
    'N',
    '10',
    integer(1, 300),
    'how long a client may take to send the headers of a request',
  ),
  'shutdown-delay-seconds': setting(
    'PORTICO_SHUTDOWN_DELAY_SECONDS',
    'N',
    '0',
    integer(0, 3_600),
    'how long after SIGTERM requests are still taken, while /readyz says no: until load balancers have heard of it',
  ),
  'shutdown-seconds': setting(
    'PORTICO_SHUTDOWN_SECONDS',
    'N',
    '10',
    integer(0, 3_600),
    'how long requests in flight may then take to finish',
  ),
  'webhook-hosts': setting(
    'PORTICO_WEBHOOK_HOSTS',
    'HOST,HOST',
    undefined,
    listOf(origin),
    'hosts that callback_url may name, by https unless http:// stands before one; else none',
  ),
  'webhook-secret-file': setting(
    'PORTICO_WEBHOOK_SECRET_FILE',
    'FILE',
    undefined,
    text,
    'secrets that callbacks are signed with, whsec_ and base64, one a line; read anew for each',
  ),
  'state-dir': setting(
    'PORTICO_STATE_DIR',
    'DIR',
    '.portico',
    text,
    'where the embedded cluster keeps its objects',
  ),
  'cluster-port': setting(
    'PORTICO_CLUSTER_PORT',
    'PORT',
    '0',
    integer(0, 65_535),
    'port of the embedded cluster’s API; 0 takes a free one',
  ),
  'otlp-endpoint': setting(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'URL',
    undefined,
    httpUrl,
    'where traces are sent, by OTLP over HTTP; else there are none',
  ),
  'log-level': setting(
    'PORTICO_LOG_LEVEL',
    'LEVEL',
    'info',
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
    'debug, info, warn, error or silent',
  ),
  'log-format': setting(
    'PORTICO_LOG_FORMAT',
    'FORMAT',
    'auto',
    oneOf('auto', 'json', 'pretty'),
    'json, pretty, or auto: pretty on a terminal',
  ),
} as const;

type Flag = keyof typeof SETTINGS;
type Value<F extends Flag> = (typeof SETTINGS)[F] extends Setting<infer T> ? T : never;
/** Those without a default, which may be missing. */
type Optional = { [F in Flag]: (typeof SETTINGS)[F]['byDefault'] extends string ? never : F }[Flag];

/** "job-template" is `jobTemplate` in code. */
type CamelCase<S extends string> = S extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<CamelCase<Rest>>}`
  : S;
const camelCase = (flag: string): string =>
  flag.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

export type Config = { [F in Exclude<Flag, Optional> as CamelCase<F>]: Value<F> } & {
  [F in Optional as CamelCase<F>]?: Value<F>;
};

/** Its message has a line for each setting that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What may stand after "--". */
export const FLAGS: readonly string[] = Object.keys(SETTINGS);

/**
 * A flag wins over the environment, an empty variable counts as unset.
 * @param problems what is wrong with the flags already
 * @throws ConfigError
 */
export function parseConfig(
  flags: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[] = [],
): Config {
  const values: Record<string, unknown> = {};
  for (const [flag, { env: variable, read, byDefault }] of Object.entries(SETTINGS)) {
    const fromFlag = flags.get(flag);
    const given = fromFlag ?? (env[variable] || undefined) ?? byDefault;
    if (given === undefined) continue;
    try {
      values[camelCase(flag)] = read(given);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      const name = fromFlag === undefined ? variable : `--${flag}`;
      problems.push(`expected ${name} to be ${error.message}, got ${shown(given)}`);
    }
  }
  // Each is right by now, or said to be wrong.
  if (problems.length === 0) problems.push(...contradictionsIn(values as Config));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return values as Config;
}

/** Of each pair both are set, or neither is. */
const PAIRS = [
  ['tlsCertFile', 'tlsKeyFile'],
  ['webhookHosts', 'webhookSecretFile'],
] as const;

const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function* contradictionsIn(config: Config): Generator<string> {
  for (const [one, other] of PAIRS) {
    if ((config[one] === undefined) === (config[other] === undefined)) continue;
    const alone = config[one] === undefined ? other : one;
    yield `expected ${flagOf(one)} and ${flagOf(other)}, got ${flagOf(alone)} alone`;
  }
  if (config.maxJobsPerCaller > 0 && config.authMode === 'none') {
    yield 'expected --auth-mode token with --max-jobs-per-caller: otherwise nobody knows who calls';
  }
}

/** One line a setting: flag, variable, meaning, default. */
export function settingLines(): { flag: string; env: string; help: string; byDefault: string }[] {
  return Object.entries<Setting<unknown>>(SETTINGS).map(([flag, { env, value, help, byDefault }]) => ({
    flag: `--${flag} ${value}`,
    env,
    help,
    byDefault: byDefault ?? '',
  }));
}
