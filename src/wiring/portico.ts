// Wires one Portico: a cluster, the controller on it, HTTP before it; and takes them down again in the opposite order.
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { v4 as newId } from 'uuid';
import type { Callers } from '../callers/callers.ts';
import { exposureWarning } from '../callers/exposure.ts';
import { TokenCallers } from '../callers/token-callers.ts';
import { assertReachable, configuredCluster, jobNamespaceOf, recordNamespaceOf } from './cluster.ts';
import type { Config } from '../settings/config.ts';
import { Controller } from '../controller/controller.ts';
import { MissingPermissions } from '../controller/api/missing-permissions.ts';
import type { DevCluster } from '../devcluster/index.ts';
import { LOCAL_WORKER, startEmbedded } from './embedded.ts';
import { createApp } from '../http/app.ts';
import { CertificateError, ServedCertificate } from '../http/server/served-certificate.ts';
import { ListenError, serve } from '../http/server/server.ts';
import { CALLBACK_ANNOTATION } from '../jobs/labels.ts';
import {
  defaultTemplate,
  type JobTemplate,
  parseTemplate,
  TemplateError,
} from '../jobs/template/job-template.ts';
import { systemClock as clock } from '../base/clock.ts';
import { ClusterConfig, KubeConfigError, type PodEnvironment } from '../kube/config/cluster-config.ts';
import { connect, type Connection, type ConnectionOptions } from '../kube/transport/connection.ts';
import { Metrics } from '../metrics/metrics.ts';
import { leaseTiming } from '../kube/election/lease-step.ts';
import { GuardedClient } from '../kube/guards/guarded-client.ts';
import { isLoopback } from '../net/loopback.ts';
import { type Proxies, ProxyError } from '../net/proxy.ts';
import { StartError } from './start-error.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { SecretError } from '../webhooks/secrets.ts';
import { WebhookSender } from '../webhooks/sender.ts';

/** Connections for calls: requests take 32 of them at most (controller.ts), the rest is for settling jobs and for the lease. */
const CONNECTIONS = 64;
/** Apart from all other calls: whoever comes with bad tokens, in numbers, only keeps those waiting that come with new ones. */
const REVIEWS = { atOnce: 8, ofOneAtOnce: 6, waiting: 256 };
/**
 * The embedded cluster's own replica goes by the same name in every process: the lock on the state folder proves that no other one
 * lives. So a process that follows one that was killed does not wait for a lease that only its predecessor can have held.
 */
const EMBEDDED_IDENTITY = 'embedded';

/** What stands around the process. */
export interface Surroundings {
  version: string;
  /** Relative paths of jobs on the embedded cluster start here. */
  cwd: string;
  pod: PodEnvironment;
  proxies: Proxies;
  log: Logger;
}

export interface Portico {
  url: string;
  /** The API server that Jobs are created on. */
  server: string;
  /** Set when that is the embedded cluster. */
  embedded?: { kubeconfig: string; workerId: string };
  /** Resolves when everything is in memory and calls are answered. */
  ready: Promise<void>;
  /** Says not ready, lets requests under way finish, then ends the rest. */
  stop(): Promise<void>;
}

/** What a part says that cannot be used as it was configured, in words for whoever configured it. */
const REFUSALS = [CertificateError, KubeConfigError, ListenError, ProxyError, SecretError, TemplateError];

/** @throws StartError: nothing is left running */
export async function startPortico(config: Config, surroundings: Surroundings): Promise<Portico> {
  const steps: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let end = steps.pop(); end; end = steps.pop()) await end();
  };
  try {
    return { ...(await startParts(config, surroundings, (end) => steps.push(end))), stop };
  } catch (error) {
    await stop();
    if (!REFUSALS.some((refusal) => error instanceof refusal)) throw error;
    throw new StartError((error as Error).message, { cause: error });
  }
}

type AtEnd = (end: () => Promise<void>) => void;

async function startParts(
  config: Config,
  surroundings: Surroundings,
  atEnd: AtEnd,
): Promise<Omit<Portico, 'stop'>> {
  const { log, version, proxies } = surroundings;
  proxies.assertUsable();
  const metrics = new Metrics(version);
  const template = await readTemplate(config);
  const certificate = certificateOf(config, log);
  const tracing = await openTracing(config, surroundings, atEnd);
  const sender = await openSender(config, surroundings, template, atEnd);
  const { cluster, devCluster } = await openCluster(config, surroundings, atEnd);
  const options: ConnectionOptions = {
    clock,
    log,
    proxies,
    userAgent: `portico/${version}`,
    connections: CONNECTIONS,
    observers: tracing ? [tracing.calls, metrics.calls] : [metrics.calls],
  };
  // The embedded one says itself that it serves; with a long history it takes its time to answer.
  if (!devCluster) await assertReachable(cluster, options);
  const connection = connect(cluster, options);
  atEnd(() => connection.close());
  const client = new MissingPermissions(connection, log);

  const identity = devCluster ? EMBEDDED_IDENTITY : `${hostname()}_${newId()}`;
  const controller = startController(
    { config, cluster, template, sender, client, identity, metrics, log },
    atEnd,
  );
  const callers = callersOf(config, cluster, client, log);
  const notReadyReasons = () => [...controller.notReadyReasons(), ...[devCluster?.problem() ?? []].flat()];
  const parts = {
    config,
    controller,
    callers,
    client,
    certificate,
    metrics,
    tracing,
    version,
    log,
    notReadyReasons,
  };
  const url = await startHttp(parts, atEnd);
  atEnd(() => Promise.resolve(cutInTime(config, connection)));
  const [workerId = LOCAL_WORKER] = config.workers ?? [];
  return {
    url,
    server: cluster.server,
    ready: controller.synced(),
    ...(devCluster && { embedded: { kubeconfig: devCluster.kubeconfig, workerId } }),
  };
}

/** What settles jobs may finish what it is at, though no longer than requests may: an API server that is away is not waited for. */
function cutInTime(config: Config, connection: Connection): void {
  const seconds = config.shutdownDelaySeconds + config.shutdownSeconds;
  clock.after(seconds * 1000, () => connection.cut());
}

async function readTemplate(config: Config): Promise<JobTemplate> {
  const file = config.jobTemplate;
  const image = config.workerImage;
  if (file === undefined) return defaultTemplate(image);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StartError(`cannot read the job template ${file}: ${(cause as Error).message}`, { cause });
  });
  return parseTemplate(text, config.workerLabel, image);
}

/** Loaded only when it is wanted: who traces nothing pays nothing. */
async function openTracing(
  config: Config,
  { version, proxies, log }: Surroundings,
  atEnd: AtEnd,
): Promise<Tracing | undefined> {
  const endpoint = config.otlpEndpoint;
  if (endpoint === undefined) return undefined;
  const { startTracing } = await import('../tracing/tracing.ts');
  const tracing = startTracing({ endpoint, proxy: proxies.for(endpoint), version, log });
  atEnd(() => tracing.stop());
  return tracing;
}

function certificateOf(config: Config, log: Logger): ServedCertificate | undefined {
  const { tlsCertFile: cert, tlsKeyFile: key } = config;
  return cert === undefined || key === undefined ? undefined : new ServedCertificate({ cert, key }, log);
}

/** Who may be told of the end of jobs; undefined when nobody may. @throws StartError, SecretError */
async function openSender(
  config: Config,
  { version, proxies }: Surroundings,
  template: JobTemplate,
  atEnd: AtEnd,
): Promise<WebhookSender | undefined> {
  const { webhookHosts: origins, webhookSecretFile: secretFile } = config;
  const sender =
    origins && secretFile !== undefined
      ? await WebhookSender.open({ origins, secretFile, userAgent: `portico/${version}`, clock, proxies })
      : undefined;
  if (sender) atEnd(() => sender.close());
  const url = template.job.annotations[CALLBACK_ANNOTATION];
  if (url !== undefined && !sender?.allows(url))
    throw new StartError(
      `expected ${CALLBACK_ANNOTATION} of the job template to be on a host that --webhook-hosts allows, got ${JSON.stringify(url)}`,
    );
  return sender;
}

/** The cluster that is configured, or one of our own. */
async function openCluster(
  config: Config,
  { pod, cwd, log }: Surroundings,
  atEnd: AtEnd,
): Promise<{ cluster: ClusterConfig; devCluster?: DevCluster }> {
  const configured = configuredCluster(config, pod);
  if (configured) return { cluster: configured };
  const devCluster = await startEmbedded(config, cwd, log);
  atEnd(() => devCluster.stop());
  return { cluster: ClusterConfig.fromFile(devCluster.kubeconfig), devCluster };
}

interface ControllerParts {
  config: Config;
  cluster: ClusterConfig;
  template: JobTemplate;
  sender: WebhookSender | undefined;
  client: MissingPermissions;
  identity: string;
  metrics: Metrics;
  log: Logger;
}

function startController(parts: ControllerParts, atEnd: AtEnd): Controller {
  const { config, cluster, template, sender, client, identity, metrics, log } = parts;
  const namespace = jobNamespaceOf(config, cluster);
  const controller = new Controller({
    client,
    recordNamespace: recordNamespaceOf(config, cluster),
    lease: {
      // Whoever settles the same Jobs takes part.
      name: config.leaseName ?? `portico-${namespace}`,
      identity,
      timing: leaseTiming(config.leaseSeconds),
    },
    manifest: {
      namespace,
      workerLabel: config.workerLabel,
      retentionSeconds: config.retentionSeconds,
      graceSeconds: config.graceSeconds,
      template,
    },
    declaredWorkers: config.workers ?? [],
    limits: {
      perWorker: config.maxJobsPerWorker || undefined,
      perCaller: config.maxJobsPerCaller || undefined,
    },
    sender,
    newId,
    clock,
    random: Math.random,
    log,
    observer: metrics.controller,
  });
  metrics.expose(controller.metricsSource);
  const end = new AbortController();
  const running = controller.run(end.signal);
  atEnd(async () => {
    end.abort();
    await running;
  });
  return controller;
}

/** undefined: nobody is asked who they are. */
function callersOf(
  config: Config,
  cluster: ClusterConfig,
  client: MissingPermissions,
  log: Logger,
): Callers | undefined {
  const { address, authMode } = config;
  const servesTls = config.tlsCertFile !== undefined;
  const warning = exposureWarning({ authMode, address, servesTls });
  if (warning !== undefined) log.warn({ address }, warning);
  if (authMode === 'none') return undefined;
  return new TokenCallers({
    client: new GuardedClient(client, { ...REVIEWS, clock, random: Math.random, log }),
    audience: config.authAudience,
    namespace: jobNamespaceOf(config, cluster),
    clock,
  });
}

interface HttpParts {
  config: Config;
  controller: Controller;
  callers: Callers | undefined;
  client: MissingPermissions;
  certificate: ServedCertificate | undefined;
  metrics: Metrics;
  tracing: Tracing | undefined;
  version: string;
  log: Logger;
  /** Empty when requests are better served here than not at all. */
  notReadyReasons: () => string[];
}

/** The URL that is served. */
async function startHttp(parts: HttpParts, atEnd: AtEnd): Promise<string> {
  const { config, controller, callers, client, certificate, metrics, tracing, version, log } = parts;
  const ending = new AbortController();
  const stopping = new AbortController();
  const app = createApp({
    service: controller.jobService,
    callers,
    logs: controller.logs,
    views: controller.jobViews,
    notReadyReasons: () => (ending.signal.aborted ? ['stopping'] : parts.notReadyReasons()),
    missingRights: () => client.texts(),
    exposition: () => metrics.exposition(),
    version,
    trace: tracing?.requests,
    ends: [metrics.requests],
    log,
    bodyLimitBytes: config.bodyLimit,
    loopbackOnly: isLoopback(config.address),
    stopping: stopping.signal,
  });
  const { address, port } = config;
  const listening = await serve(app, {
    address,
    port,
    log,
    certificate,
    graceMs: config.shutdownSeconds * 1000,
    maxConnections: config.maxConnections,
    timeouts: { headersMs: config.headerTimeoutSeconds * 1000 },
  });
  const following = certificate?.follow(clock, stopping.signal);
  atEnd(async () => {
    ending.abort();
    await listening.drain(config.shutdownDelaySeconds * 1000);
    // Who waits with Prefer: wait would only ask here again before.
    stopping.abort();
    await following;
    await listening.stop();
  });
  const host = isIPv6(listening.address) ? `[${listening.address}]` : listening.address;
  return `${certificate ? 'https' : 'http'}://${host}:${String(listening.port)}`;
}
