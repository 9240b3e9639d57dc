// A node for tests: objects and a kubelet that runs real processes, in a folder of their own. No API server; no controllers
// unless asked for: pods are bound by hand.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import type { LogOptions, ObjectDatabase } from '../../../src/devcluster/apiserver/index.ts';
import { runControllers, runScheduler, type Running } from '../../../src/devcluster/controllers/index.ts';
import { Events, type KubeEvent } from '../../../src/devcluster/events.ts';
import { EVENTS, PODS, type ResourceType } from '../../../src/devcluster/kinds/index.ts';
import { Kubelet } from '../../../src/devcluster/node/kubelet.ts';
import type { Tracking } from '../../../src/devcluster/node/runtime/protocol.ts';
import type { StrongestTracking } from '../../../src/devcluster/node/runtime/tracking.ts';
import { readMachine } from '../../../src/devcluster/node/machine.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';
import { Refusal } from '../../../src/devcluster/status.ts';
import { systemClock, type Clock, type WallClock } from '../../../src/base/clock.ts';
import { silent, type Logger } from '../../../src/base/logger.ts';
import type { KubeObject, Pod } from '../../../src/kube/wire.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];
type PodSpec = NonNullable<Pod['spec']>;

export const temporaryFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'portico-node-')));
export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};

/** The object, as soon as it is as wanted: now, or after a change. `undefined` is what a deleted one is. */
export function until<T extends KubeObject>(
  objects: ClusterObjects,
  type: ResourceType,
  name: string,
  isIt: (object: Stored<T> | undefined) => boolean,
): Promise<Stored<T> | undefined> {
  return new Promise((resolve) => {
    const now = () => objects.get<T>(type, 'default', name);
    if (isIt(now())) {
      resolve(now());
      return;
    }
    const end = objects.subscribe<T>(type, ({ object }) => {
      if (object.metadata.name !== name || !isIt(now())) return;
      end();
      resolve(now());
    });
  });
}

/** `$` doubled: Kubernetes expands what is in a command. */
const bash = (script: string): string[] => ['bash', '-c', script.replaceAll('$', '$$$$')];

/** A Job as Portico's own: what fails is not tried again, and says why. As an object of the store and of a client. */
export const jobRunning = (name: string, script: string) => ({
  metadata: { name },
  spec: {
    backoffLimit: 0,
    podFailurePolicy: {
      rules: [
        { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] } },
      ],
    },
    template: {
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 5,
        nodeSelector: { 'portico.dev/worker-id': 'local' },
        containers: [{ name: 'job', image: 'none', command: bash(script) }],
      },
    },
  },
});

const isOver = (pod: Pod | undefined): boolean =>
  pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed';

export interface TestNodeOptions {
  clock?: Clock & WallClock;
  environment?: Record<string, string>;
  /** That of an earlier node, to go on with; who made it removes it. */
  folder?: string;
  workers?: string[];
  /** Run Jobs, too. */
  controllers?: boolean;
  /** Where its objects are kept. */
  database?: (directory: string) => ObjectDatabase;
  /** The strongest that the machine has, unless told. */
  tracking?: StrongestTracking;
}

export class TestNode {
  readonly folder: string;
  readonly objects: ClusterObjects;
  readonly kubelet: Kubelet;
  /** Of the runtimes that it has had, in order. */
  readonly runtimePids: number[] = [];
  /** What its pods' processes are found by. */
  tracking: Tracking | undefined;
  readonly #events: Events;
  readonly #ownsFolder: boolean;
  readonly #running: Running[];
  #stopped = false;
  #closed = false;

  constructor(options: TestNodeOptions = {}) {
    const { clock = systemClock, environment = {}, workers = ['local'], controllers = false } = options;
    this.folder = options.folder ?? temporaryFolder();
    this.#ownsFolder = options.folder === undefined;
    const stateDir = join(this.folder, 'state');
    const { database } = options;
    this.objects = openObjects({ directory: stateDir, clock, ...(database && { open: database }) });
    this.#events = new Events(this.objects, clock, silent);
    const log: Logger = {
      ...silent,
      debug: (fields, message) => {
        if (message === 'runtime started') this.runtimePids.push((fields as { pid: number }).pid);
      },
      info: (fields, message) => {
        if (message === 'process tracking') this.tracking = fields as Tracking;
      },
    };
    const cluster = { objects: this.objects, clock, log, events: this.#events, certificate: '' };
    this.kubelet = new Kubelet({
      ...cluster,
      stateDir,
      cwd: this.folder,
      environment: { PATH: process.env.PATH ?? '', ...environment },
      ...(options.tracking && { tracking: options.tracking }),
      registration: { workers, workerLabel: 'portico.dev/worker-id', machine: readMachine('v0') },
    });
    this.#running = controllers ? [runScheduler(cluster), runControllers(cluster)] : [];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kubelet.stop();
    for (const each of this.#running) await each.stop();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#stopped) await this.stop();
    this.#events.stop();
    this.objects.close();
    if (this.#ownsFolder) removeFolder(this.folder);
  }

  /** A pod that is bound to the node. */
  add(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}): Stored<Pod> {
    return this.objects.create<Pod>(PODS, 'default', {
      metadata: { name, labels: { app: 'test' } },
      spec: {
        nodeName: 'local',
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 30,
        containers: [{ name: 'job', image: 'none', ...container }],
        ...spec,
      },
    });
  }

  /** `text` is taken literally. */
  script(name: string, text: string, spec: Partial<PodSpec> = {}): Stored<Pod> {
    return this.add(name, { command: bash(text) }, spec);
  }

  pod(name: string): Stored<Pod> | undefined {
    return this.objects.get<Pod>(PODS, 'default', name);
  }

  async until(
    name: string,
    isIt: (pod: Stored<Pod> | undefined) => boolean,
  ): Promise<Stored<Pod> | undefined> {
    return until<Pod>(this.objects, PODS, name, isIt);
  }

  /** Name of a Job's pod, once there is one. */
  podOf(job: string): Promise<string> {
    return new Promise((resolve) => {
      const found = () =>
        this.objects
          .list<Pod>(PODS, 'default')
          .find(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'] === job);
      const look = () => {
        const name = found()?.metadata.name;
        if (name === undefined) return;
        end();
        resolve(name);
      };
      const end = this.objects.subscribe(PODS, look);
      look();
    });
  }

  /** Rejects nothing: how a pod ended, whatever that was. */
  async ended(name: string): Promise<Stored<Pod>> {
    const pod = await this.until(name, isOver);
    if (!pod) throw new Error(`expected the pod ${name} to end, but it went`);
    return pod;
  }

  async gone(name: string): Promise<void> {
    await this.until(name, (pod) => pod === undefined);
  }

  async runScript(name: string, text: string, spec: Partial<PodSpec> = {}): Promise<Stored<Pod>> {
    this.script(name, text, spec);
    return this.ended(name);
  }

  /** Resolves with what a running pod has written when it has written `text`. */
  async said(name: string, text: string): Promise<string> {
    await this.until(name, (pod) => pod?.status?.phase === 'Running');
    let log = '';
    for await (const piece of this.reading(name, { follow: true })) {
      log += String(piece);
      if (log.includes(text)) return log;
    }
    throw new Error(`expected ${JSON.stringify(text)} in the log, got ${JSON.stringify(log)}`);
  }

  reading(name: string, options: Partial<LogOptions> = {}) {
    const pod = this.pod(name);
    if (!pod) throw new Error(`expected a pod ${name}, got none`);
    const log = this.kubelet.readLog(pod, {
      container: 'job',
      follow: false,
      previous: false,
      timestamps: false,
      ...options,
    });
    if (log instanceof Refusal) throw log;
    return log;
  }

  async log(name: string, options: Partial<LogOptions> = {}): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of this.reading(name, options)) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  }

  eventsOf(name: string): string[] {
    return this.objects
      .list<Stored<KubeEvent>>(EVENTS)
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`);
  }
}

export const terminatedOf = (pod: Pod) => pod.status?.containerStatuses?.[0]?.state?.terminated;
export const waitingOf = (pod: Pod | undefined) => pod?.status?.containerStatuses?.[0]?.state?.waiting;

export const conditionOf = (pod: Pod, type: string) =>
  pod.status?.conditions?.find((condition) => condition.type === type);

/** Whether it does anything any more: a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${String(pid)}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'latin1'));
}

/** Pids that a script wrote into its log, in order: `pid=123`. */
export const pidsIn = (log: string): number[] =>
  [...log.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));

/** Resolves when there is such a file in the folder. */
export async function existence(folder: string, file: string): Promise<void> {
  // That of fs watches at once; that of fs/promises only when it is first asked, and the file may come before.
  const watcher = watch(folder);
  try {
    while (!existsSync(join(folder, file))) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}
