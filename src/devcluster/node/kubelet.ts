// The node: runs the pods that are bound to its Node objects, as processes of this machine. One for all workers. It decides;
// the processes themselves are in the hands of its runtime, a process of its own.
//
// Where it differs from a node with containers:
// - image and securityContext are not looked at: a pod's command runs here, as the user who started this program.
// - There is no file system of its own, hence no terminationMessagePath: a message comes from the log or not at all.
// - Every node offers the whole machine; requests count towards it, limits are not enforced.
// - One container a pod, restartPolicy Never: the API takes no other pods.
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock, WallClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Node, Pod } from '../../kube/wire.ts';
import type { LogOptions, ReadLog } from '../apiserver/index.ts';
import { NODE_GONE, setPodCondition } from '../conditions.ts';
import type { Events } from '../events.ts';
import { CONFIG_MAPS, NODES, PODS } from '../kinds/index.ts';
import type { ObjectEvent, Objects, Stored } from '../objects.ts';
import { makePrivateFolder } from '../private-files.ts';
import { badRequest, Unwritable } from '../status.ts';
import { inheritedFrom } from './environment.ts';
import { PodLogs } from './logs/pod-logs.ts';
import type { LogRange } from './logs/reader.ts';
import { isTerminal } from './pod-status.ts';
import { editPod, type NodeContext } from './node-context.ts';
import { PodWorker } from './pod-worker.ts';
import { endSurvivor, survivorsOf, writeLoss } from './recovery.ts';
import { heartbeat, HEARTBEAT_MS, registerNode, registerNodes, type Registration } from './registration.ts';
import { Runtime } from './runtime/client.ts';
import { foldersIn } from './runtime/folders.ts';
import { endLeftRuntime } from './runtime/left-runtime.ts';
import { Pipes } from './runtime/pipes.ts';
import { PodCgroups } from './runtime/pod-cgroups.ts';
import { RunRecords } from './runtime/run-records.ts';
import { ProcessTracking, type StrongestTracking } from './runtime/tracking.ts';
import { Writes } from './writes.ts';

/** Of a log that is read, beyond what has been taken. */
const READ_AHEAD_BYTES = 16 * 1024;

export interface KubeletOptions {
  objects: Objects;
  clock: Clock & WallClock;
  log: Logger;
  events: Events;
  stateDir: string;
  /** Where containers without a workingDir run. */
  cwd: string;
  /** That of the user; a few variables of it get into every container. */
  environment: Readonly<Record<string, string | undefined>>;
  registration: Registration;
  /** The strongest that the machine has, unless told. */
  tracking?: StrongestTracking;
}

export class Kubelet {
  readonly #node: NodeContext;
  /** Worker ids by node name. */
  readonly #nodes: ReadonlyMap<string, string>;
  readonly #registration: Registration;
  readonly #workers = new Map<string, PodWorker>();
  /** Pods whose processes of the last run are being ended. */
  readonly #recovering = new Set<string>();
  #recovered: Promise<unknown> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];
  #cancelHeartbeat: () => void = () => undefined;
  #stopping = false;

  /** Registers the nodes, ends what the last run left behind, and runs what is bound. */
  constructor(options: KubeletOptions) {
    const { objects, clock, log, events, cwd, environment, registration, tracking = 'cgroup' } = options;
    this.#registration = registration;
    this.#nodes = registerNodes(objects, clock, registration);
    const stateDir = resolve(options.stateDir);
    const folders = foldersIn(stateDir);
    const records = new RunRecords(folders.running);
    // Before the runtime makes it, with the modes of the umask.
    makePrivateFolder(folders.code);
    endLeftRuntime(folders.runtime);
    const cgroups = new PodCgroups(stateDir, folders.cgroups);
    this.#node = {
      objects,
      clock,
      log,
      events,
      logs: new PodLogs(folders.logs, clock, log),
      pipes: new Pipes(folders.pipes),
      records,
      cgroups,
      runtime: new Runtime({
        stateDir,
        environment,
        clock,
        log,
        tracking: new ProcessTracking(cgroups, tracking, log),
      }),
      cwd,
      inherited: inheritedFrom(environment),
    };
    this.#recover(records.all());
    this.#watch();
    this.#beat();
  }

  /** Resolves when nothing of the last run runs any more. */
  async recovered(): Promise<void> {
    await this.#recovered;
  }

  /** Ends every pod as the shutdown of a node does: SIGTERM, its grace period, SIGKILL. Then the runtime. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelHeartbeat();
    await this.#recovered;
    await Promise.all([...this.#workers.values()].map((worker) => worker.shutDown()));
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#node.runtime.stop();
    this.#node.cgroups.forgetAll();
  }

  readonly readLog: ReadLog = (pod, options) => {
    const { container } = options;
    const where = `container "${container}" in pod "${pod.metadata.name}"`;
    if (options.previous) return badRequest(`previous terminated ${where} not found`);
    const state = pod.status?.containerStatuses?.find(({ name }) => name === container)?.state;
    if (!state && isTerminal(pod)) return badRequest(`${where} is not available`);
    if (!state?.running && !state?.terminated) {
      return badRequest(`${where} is waiting to start: ${state?.waiting?.reason ?? 'ContainerCreating'}`);
    }
    const aborted = new AbortController();
    const range = { ...rangeOf(options), signal: aborted.signal };
    const log = Readable.from(this.#node.logs.read(pod.metadata.uid, range), {
      objectMode: false,
      highWaterMark: READ_AHEAD_BYTES,
    });
    return log.once('close', () => {
      aborted.abort();
    });
  };

  #recover(left: ReturnType<RunRecords['all']>): void {
    const { objects, logs, cgroups } = this.#node;
    const pods = objects.list<Pod>(PODS);
    logs.retain(new Set(pods.map(({ metadata }) => metadata.uid)));
    const survivors = survivorsOf(
      pods.filter((pod) => this.#isOurs(pod)),
      left,
      cgroups.left(),
    );
    this.#recovered = Promise.all(
      survivors.map(async (survivor) => {
        this.#recovering.add(survivor.uid);
        await endSurvivor(survivor, this.#node);
        new Writes(objects).add(() => {
          writeLoss(survivor, this.#node);
          this.#recovering.delete(survivor.uid);
          this.#lookAgainAt(survivor.pod);
        });
      }),
    ).then(() => {
      cgroups.forgetLeft();
    });
  }

  /** Its deletion may have been asked for while it was being ended. */
  #lookAgainAt(pod: Stored<Pod> | undefined): void {
    const now = pod && this.#node.objects.get<Pod>(PODS, pod.metadata.namespace, pod.metadata.name);
    if (now?.metadata.uid === pod?.metadata.uid && now) this.#see({ type: 'MODIFIED', object: now });
  }

  #watch(): void {
    const { objects } = this.#node;
    this.#unsubscribe = [
      objects.subscribe<Pod>(PODS, (event) => {
        this.#see(event);
      }),
      objects.subscribe(CONFIG_MAPS, ({ type }) => {
        if (type !== 'DELETED' && !this.#stopping)
          for (const worker of this.#workers.values()) worker.retry();
      }),
      objects.onRestored(() => {
        // Whoever could not be started yet, and what could not be attended to.
        for (const worker of this.#workers.values()) worker.retry();
        for (const object of objects.list<Pod>(PODS)) this.#see({ type: 'MODIFIED', object });
      }),
      objects.subscribe<Node>(NODES, ({ type, object: { metadata } }) => {
        if (type === 'DELETED' && !this.#stopping) this.#rejoin(metadata.name);
      }),
    ];
    for (const object of objects.list<Pod>(PODS)) this.#see({ type: 'ADDED', object });
  }

  /**
   * Somebody deleted one of our nodes. Its pods are lost with it, as Kubernetes' pod garbage collector has it; but here their
   * processes are within reach, so they are ended in good order. The node registers again at once: a kubelet would at its next start.
   */
  #rejoin(name: string): void {
    const { objects, clock, log } = this.#node;
    const workerId = this.#nodes.get(name);
    if (workerId === undefined) return;
    log.warn({ node: name }, 'node was deleted: registers again, without its pods');
    const writes = new Writes(objects);
    writes.add(() => {
      registerNode(objects, clock, workerId, this.#registration);
    });
    for (const pod of objects.list<Pod>(PODS)) {
      if (pod.spec?.nodeName !== name || isTerminal(pod)) continue;
      const { namespace, uid } = pod.metadata;
      writes.add(() => {
        editPod(objects, pod, (edited) => {
          setPodCondition(edited, NODE_GONE, clock.dateMs());
        });
        objects.delete(PODS, namespace, pod.metadata.name, { uid });
      });
    }
  }

  #isOurs(pod: Stored<Pod>): boolean {
    return this.#nodes.has(pod.spec?.nodeName ?? '');
  }

  #see({ type, object: pod }: ObjectEvent<Pod>): void {
    const { uid } = pod.metadata;
    if (!this.#isOurs(pod) || this.#recovering.has(uid)) return;
    const known = this.#workers.get(uid);
    const worker = known ?? new PodWorker(pod, this.#node);
    if (type === 'DELETED') {
      void worker.gone(pod).then(() => this.#workers.delete(uid));
      return;
    }
    // Nothing new is begun on a node that goes down; and of a pod that is over there is nothing to do but let it go.
    if (!known && (this.#stopping || (isTerminal(pod) && !pod.metadata.deletionTimestamp))) return;
    this.#workers.set(uid, worker);
    worker.update(pod);
  }

  #report(): void {
    try {
      heartbeat(this.#node.objects, this.#node.clock, [...this.#nodes.keys()]);
    } catch (error) {
      // The next one says it.
      if (!(error instanceof Unwritable)) throw error;
    }
  }

  #beat(): void {
    this.#cancelHeartbeat = this.#node.clock.after(HEARTBEAT_MS, () => {
      this.#report();
      this.#beat();
    });
  }
}

const rangeOf = ({ follow, timestamps, tailLines, limitBytes, sinceMs }: LogOptions): LogRange => ({
  follow,
  timestamps,
  ...(tailLines !== undefined && { tailLines }),
  ...(limitBytes !== undefined && { limitBytes }),
  ...(sinceMs !== undefined && { sinceMs }),
});
