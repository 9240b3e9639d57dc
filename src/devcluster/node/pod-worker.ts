// Runs one pod: has its process started, ended when that is asked for, and writes down what became of it.
import { resolve } from 'node:path';
import type { ConfigMap, Pod } from '../../kube/wire.ts';
import { CONFIG_MAPS, PODS } from '../kinds/index.ts';
import type { Occurrence } from '../events.ts';
import type { Stored } from '../objects.ts';
import { commandOf, ContainerConfigError, variablesOf, type Container } from './environment.ts';
import { editPod, graceMsOf, type NodeContext } from './node-context.ts';
import * as status from './pod-status.ts';
import { NotStarted, RuntimeLost, type Container as RunningContainer } from './runtime/client.ts';
import type { Command, Ending } from './runtime/protocol.ts';
import { endRemains } from './runtime/remains.ts';
import { reasonOf, StartError } from './runtime/start-error.ts';
import { Writes } from './writes.ts';

/**
 * How long the object of a deleted pod stays when it has ended and somebody holds it by a finalizer: a Job's controller, so
 * that it can be seen how it ended. A kubelet takes its time for cleaning up after the pod, and then deletes it.
 */
const CLEAN_UP_MS = 3_000;

/** Until a start is tried again that the node stood in the way of. */
const RETRY_MS = 1_000;

/** The kubelet's own words for what happens to pods of a node that is shut down. */
const SHUTDOWN = status.endedByNode(
  'Terminated',
  'Pod was terminated in response to imminent node shutdown.',
);

const DEADLINE = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
  failed: true,
};

export class PodWorker {
  readonly #node: NodeContext;
  #pod: Stored<Pod>;
  #state: 'new' | 'waiting' | 'starting' | 'running' | 'over' = 'new';
  #process: RunningContainer | undefined;
  /** Why the node ends the process, when it is not the pod's deletion. */
  #cause: Omit<status.PodEnding, 'terminated'> = {};
  #ending = false;
  #gone = false;
  #isNodeStopping = false;
  #cancelDeadline: () => void = () => undefined;
  #cancelCleanUp: (() => void) | undefined;
  readonly #over: (() => void)[] = [];
  readonly #writes: Writes;

  constructor(pod: Stored<Pod>, node: NodeContext) {
    this.#pod = pod;
    this.#node = node;
    this.#writes = new Writes(node.objects);
  }

  /** The pod as it is now. */
  update(pod: Stored<Pod>): void {
    this.#pod = pod;
    if (status.isTerminal(pod)) {
      // Somebody else has written that it is over: a kubelet ends what still runs.
      if (this.#isActive()) this.#terminate();
      else this.#leave();
    } else if (pod.metadata.deletionTimestamp !== undefined) {
      if (this.#state === 'new' || this.#state === 'waiting') this.#conclude({});
      else this.#terminate();
    } else if (this.#state === 'new') {
      this.#start();
    }
  }

  /** The pod object went, whether or not its process has ended; resolves when that has, too. */
  async gone(last: Stored<Pod>): Promise<void> {
    this.#pod = last;
    this.#gone = true;
    this.#cancelCleanUp?.();
    if (this.#isActive()) await this.#end();
    else this.#leave();
  }

  /** Something that the pod refers to has changed: what could not be configured may be now. */
  retry(): void {
    if (this.#state === 'waiting' && !this.#isNodeStopping) this.#start();
  }

  /** The node goes down; resolves when the pod has. */
  async shutDown(): Promise<void> {
    this.#isNodeStopping = true;
    this.#cancelCleanUp?.();
    if (!this.#isActive()) return;
    this.#cause = SHUTDOWN;
    await this.#end();
  }

  get #containerName(): string {
    return status.containerOf(this.#pod)?.name ?? '';
  }

  #isActive(): boolean {
    return this.#state === 'running' || this.#state === 'starting';
  }

  #end(): Promise<void> {
    return new Promise((done) => {
      this.#over.push(done);
      this.#terminate();
    });
  }

  #start(): void {
    // What cannot be written down must not run.
    if (this.#node.objects.problem() !== undefined) {
      this.#state = 'waiting';
      return;
    }
    this.#state = 'starting';
    this.#run().catch((error: unknown) => {
      this.#node.log.error({ err: error, pod: this.#pod.metadata.name }, 'pod failed in an unexpected way');
      if (this.#state === 'running') this.#conclude(status.lost(this.#node.clock.dateMs()));
      else this.#neverStarted(new StartError(reasonOf(error)));
    });
  }

  async #run(): Promise<void> {
    const container = status.containerOf(this.#pod);
    if (!container) return;
    const command = this.#configured(container);
    if (!command) return;
    try {
      await this.#ended(await this.#endingOf(command), container);
    } catch (error) {
      if (error instanceof NotStarted) return this.#startLater(error);
      if (!(error instanceof StartError)) throw error;
      this.#neverStarted(error);
    }
  }

  #neverStarted({ message }: StartError): void {
    this.#record({ type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
    this.#conclude({ terminated: status.neverStarted(message, this.#node.clock.dateMs()) });
  }

  /** Nothing of it has run. */
  #startLater({ message }: NotStarted): void {
    this.#state = 'waiting';
    this.#record({ type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
    this.#node.clock.after(RETRY_MS, () => {
      this.retry();
    });
    // Its end may have been asked for meanwhile.
    this.#ending = false;
    if (this.#gone) this.#leave();
    else this.update(this.#pod);
    for (const done of this.#over.splice(0)) done();
  }

  /** Undefined when its runtime died: then nothing of it is left, but how it ended nobody saw. */
  async #endingOf(command: Command): Promise<Ending | undefined> {
    const { logs, runtime } = this.#node;
    const { uid } = command;
    const log = logs.open(uid, (seen) => {
      runtime.awaitGrowth(uid, seen);
    });
    this.#record({ type: 'Normal', reason: 'Created', message: `Created container: ${this.#containerName}` });
    try {
      const process = await runtime.start(command, () => {
        log.grew();
      });
      this.#started(process);
      return await process.ended;
    } catch (error) {
      if (!(error instanceof RuntimeLost)) throw error;
      await this.#endRemains(uid);
      return undefined;
    } finally {
      logs.close(uid);
    }
  }

  async #endRemains(uid: string): Promise<void> {
    const { logs, records } = this.#node;
    const writer = logs.writerFor(uid);
    await endRemains({ ...this.#node, uid, record: records.get(uid), graceMs: graceMsOf(this.#pod), writer });
  }

  #configured(container: Container): Command | undefined {
    const { objects, inherited, cwd } = this.#node;
    const { namespace, name, uid } = this.#pod.metadata;
    try {
      const own = variablesOf(
        this.#pod,
        container,
        (map) => objects.get<ConfigMap>(CONFIG_MAPS, namespace, map)?.data,
      );
      const argv = commandOf(container, own);
      if (argv.length === 0) return this.#wait('CreateContainerError', 'no command specified');
      const hostname = this.#pod.spec?.hostname ?? name;
      return {
        uid,
        argv,
        variables: { ...inherited, HOSTNAME: hostname, ...own },
        cwd: resolve(cwd, container.workingDir ?? '.'),
      };
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error;
      return this.#wait('CreateContainerConfigError', error.message);
    }
  }

  #wait(reason: string, message: string): undefined {
    this.#state = 'waiting';
    this.#edit((pod) => {
      status.setWaiting(pod, reason, message, this.#node.clock.dateMs());
    });
    this.#record({ type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
  }

  #started(process: RunningContainer): void {
    this.#process = process;
    this.#state = 'running';
    this.#edit((pod) => {
      status.setRunning(pod, process.pid, process.startedAt);
    });
    this.#record({ type: 'Normal', reason: 'Started', message: `Started container ${this.#containerName}` });
    const deadline = this.#pod.spec?.activeDeadlineSeconds;
    if (deadline !== undefined) {
      this.#cancelDeadline = this.#node.clock.after(deadline * 1000, () => {
        this.#cause = DEADLINE;
        this.#terminate();
      });
    }
    // It may have been asked for while the process was being started.
    if (this.#ending) this.#terminate();
  }

  /** Once more with a shorter grace period, the shorter one counts. */
  #terminate(): void {
    if (!this.#ending && this.#state === 'running') {
      this.#record({
        type: 'Normal',
        reason: 'Killing',
        message: `Stopping container ${this.#containerName}`,
      });
    }
    this.#ending = true;
    if (this.#state === 'running') this.#process?.terminate(graceMsOf(this.#pod));
  }

  async #ended(ending: Ending | undefined, container: Container): Promise<void> {
    if (!ending) {
      this.#conclude(status.lost(this.#node.clock.dateMs()));
      return;
    }
    const fromLog = ending.exitCode !== 0 && container.terminationMessagePolicy === 'FallbackToLogsOnError';
    const message = fromLog ? await this.#lastWords() : '';
    const cause = ending.interrupted ? this.#cause : {};
    this.#conclude({ terminated: status.exited(ending, message), ...cause });
  }

  /** How it ended is told also when its log cannot be read. */
  async #lastWords(): Promise<string> {
    const { logs, log } = this.#node;
    const { name, uid } = this.#pod.metadata;
    try {
      return await logs.lastWords(uid);
    } catch (error) {
      log.error({ err: error, pod: name }, 'log of a pod not read');
      return '';
    }
  }

  /** Writes the pod's end; what comes of it, update() sees to. */
  #conclude(ending: status.PodEnding): void {
    this.#state = 'over';
    this.#cancelDeadline();
    const endedAt = this.#node.clock.dateMs();
    this.#edit((edited) => {
      status.setEnded(edited, ending, endedAt);
    });
    this.#writes.add(() => {
      this.#node.records.remove(this.#pod.metadata.uid);
    });
    this.#leave();
    for (const done of this.#over.splice(0)) done();
  }

  #edit(edit: (pod: Stored<Pod>) => void): void {
    this.#writes.add(() => {
      const pod = editPod(this.#node.objects, this.#pod, edit);
      if (pod) this.#pod = pod;
    });
  }

  /** Nothing runs any more: lets a pod go that is being deleted, and its log with it. */
  #leave(): void {
    this.#state = 'over';
    this.#writes.add(() => {
      this.#letGo();
    });
  }

  #letGo(): void {
    const { uid, finalizers, deletionTimestamp, deletionGracePeriodSeconds } = this.#pod.metadata;
    if (this.#gone) this.#node.logs.remove(uid);
    else if (deletionTimestamp === undefined || deletionGracePeriodSeconds === 0 || this.#cancelCleanUp)
      return;
    else if (finalizers === undefined) this.#remove();
    else
      this.#cancelCleanUp = this.#node.clock.after(CLEAN_UP_MS, () => {
        this.#writes.add(() => {
          this.#remove();
        });
      });
  }

  #remove(): void {
    const { namespace, name, uid } = this.#pod.metadata;
    const { objects } = this.#node;
    if (objects.get(PODS, namespace, name)?.metadata.uid !== uid) return;
    objects.delete(PODS, namespace, name, { gracePeriodSeconds: 0, uid });
  }

  #record(occurrence: Occurrence): void {
    this.#node.events.record('kubelet', this.#pod, occurrence, this.#pod.spec?.nodeName);
  }
}
