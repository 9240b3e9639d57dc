// The embedded cluster as a whole: objects, API server, controllers and node, started and stopped in the right order.
import { join } from 'node:path';
import { systemClock, type Clock, type WallClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import {
  credentialsIn,
  knownReason,
  openObjects,
  serveApi,
  StateError,
  writeKubeconfig,
  type ClusterObjects,
} from './apiserver/index.ts';
import { runControllers, runScheduler, type Cluster } from './controllers/index.ts';
import { Events } from './events.ts';
import { versionInfo } from './kinds/index.ts';
import { Kubelet } from './node/kubelet.ts';
import { readMachine } from './node/machine.ts';
import { Unwritable } from './status.ts';

export { StateError } from './apiserver/index.ts';
export { nodeNameOf } from './node/registration.ts';

const LOOK_MS = 5_000;

export interface DevClusterOptions {
  /** Holds everything that outlives this process; made when missing, held for this process alone. */
  stateDir: string;
  /** One node each. */
  workers: readonly string[];
  /** Key of the node label that carries a worker's id. */
  workerLabel: string;
  /** Where commands run, and where their relative paths begin. */
  cwd: string;
  /** Any that is free when left out. */
  port?: number;
  log: Logger;
  clock?: Clock & WallClock;
  /** That of this process unless told: a few variables of it get into every container. */
  environment?: Readonly<Record<string, string | undefined>>;
}

export interface DevCluster {
  /** https://127.0.0.1:PORT */
  url: string;
  /** Path of the file. */
  kubeconfig: string;
  /** Why nothing new can be started, in words; undefined while all is well. */
  problem(): string | undefined;
  /** Ends what runs as the shutdown of a node does (SIGTERM, grace period, SIGKILL), then everything else. */
  stop(): Promise<void>;
}

/**
 * Resolves when the API is served and pods can run. @throws StateError when the folder cannot be used, and the socket's own
 * error (EADDRINUSE) when the port cannot be.
 */
export async function startDevCluster(options: DevClusterOptions): Promise<DevCluster> {
  const { stateDir: directory, clock = systemClock, log } = options;
  const objects = openObjects({ directory, clock, log });
  try {
    return await start(options, objects);
  } catch (error) {
    objects.close();
    throw stateErrorOf(directory, error);
  }
}

/** What the folder has to do with, in the words of the folder; other errors as they are. */
function stateErrorOf(directory: string, error: unknown): unknown {
  if (error instanceof StateError || isOfSocket(error)) return error;
  const why = error instanceof Unwritable ? error.why : knownReason(error);
  return why === undefined ? error : new StateError(directory, why, { cause: error });
}

const isOfSocket = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'listen';

async function start(options: DevClusterOptions, objects: ClusterObjects): Promise<DevCluster> {
  const { stateDir, workers, workerLabel, cwd, port = 0, log, clock = systemClock } = options;
  const credentials = await credentialsIn(stateDir);
  // First what can fail: a port in use must leave no process behind.
  const api = await serveApi({
    objects,
    credentials,
    port,
    log,
    clock,
    readLog: (pod, range) => kubelet.readLog(pod, range),
  });
  let kubelet: Kubelet;
  const events = new Events(objects, clock, log);
  const cluster: Cluster = { objects, clock, log, events, certificate: credentials.certificate };
  const kubeconfig = join(stateDir, 'kubeconfig');
  try {
    writeKubeconfig(kubeconfig, { server: api.url, credentials });
    kubelet = new Kubelet({
      ...cluster,
      stateDir,
      cwd,
      environment: options.environment ?? process.env,
      registration: { workers, workerLabel, machine: readMachine(versionInfo().gitVersion) },
    });
  } catch (error) {
    events.stop();
    await api.close();
    throw error;
  }
  const controllers = runControllers(cluster);
  const scheduling = runScheduler(cluster);

  const cancelLooks = lookNowAndThen(objects, clock);

  const stop = async (): Promise<void> => {
    cancelLooks();
    await scheduling.stop();
    await kubelet.stop();
    // The Jobs of what was just ended fail now, and not at the next start.
    await controllers.idle();
    await controllers.stop();
    await api.close();
    events.stop();
    objects.close();
  };
  let stopped: Promise<void> | undefined;
  return { url: api.url, kubeconfig, problem: () => objects.problem(), stop: () => (stopped ??= stop()) };
}

/** That the folder has gone, or its disk filled up, is noticed also when nobody starts anything. The result ends it. */
function lookNowAndThen(objects: ClusterObjects, clock: Clock): () => void {
  let cancel = (): void => undefined;
  const lookLater = (): void => {
    cancel = clock.after(LOOK_MS, () => {
      objects.problem();
      lookLater();
    });
  };
  lookLater();
  return () => {
    cancel();
  };
}
