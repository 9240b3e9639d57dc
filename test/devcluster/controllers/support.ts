// A cluster without a node for tests: objects, controllers and scheduler under a clock that stands still. Tests play the
// kubelet.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import { runControllers, runScheduler, type Running } from '../../../src/devcluster/controllers/index.ts';
import { Events, type KubeEvent } from '../../../src/devcluster/events.ts';
import { EVENTS, JOBS, NODES, PODS } from '../../../src/devcluster/kinds/index.ts';
import type { DeleteOptions, Stored } from '../../../src/devcluster/objects.ts';
import { silent } from '../../../src/base/logger.ts';
import type { Job, JobCondition, Node, Pod } from '../../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../../support/clock.ts';

export type JobSpec = NonNullable<Job['spec']>;
type PodSpec = NonNullable<Pod['spec']>;

/** The two failure rules that every Job of the product has. */
export const FAILURE_RULES: JobSpec['podFailurePolicy'] = {
  rules: [
    { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] } },
  ],
};

export const podSpec = (spec: Partial<PodSpec> = {}): PodSpec => ({
  restartPolicy: 'Never',
  containers: [{ name: 'job', image: 'none', command: ['true'] }],
  ...spec,
});

export const CERTIFICATE = 'PEM';

export class TestCluster {
  readonly clock: FakeClock = fakeClock();
  readonly objects: ClusterObjects;
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-controllers-'));
  readonly #events: Events;
  #running: Running[] = [];

  constructor() {
    this.objects = openObjects({ directory: this.#folder, clock: this.clock });
    this.#events = new Events(this.objects, this.clock, silent);
    this.start();
  }

  start(): void {
    const cluster = {
      objects: this.objects,
      clock: this.clock,
      log: silent,
      events: this.#events,
      certificate: CERTIFICATE,
    };
    this.#running = [runControllers(cluster), runScheduler(cluster)];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((each) => each.stop()));
  }

  async close(): Promise<void> {
    await this.stop();
    this.#events.stop();
    this.objects.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when every controller has done what there is to do now. */
  async settle(): Promise<void> {
    // What one does may be another's cause: until a round changes nothing.
    for (let before = -1; before !== this.objects.version();) {
      before = this.objects.version();
      for (const each of this.#running) await each.idle();
    }
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  addNode(
    name: string,
    node: { labels?: Record<string, string>; spec?: Node['spec']; ready?: boolean } = {},
  ) {
    this.objects.create<Node>(NODES, undefined, {
      metadata: { name, ...(node.labels && { labels: node.labels }) },
      ...(node.spec && { spec: node.spec }),
    });
    return this.objects.edit<Node>(NODES, undefined, name, 'all', (edited) => {
      const status = node.ready === false ? 'False' : 'True';
      edited.status = {
        allocatable: { cpu: '2', memory: '1Gi', pods: '3' },
        conditions: [{ type: 'Ready', status }],
      };
    });
  }

  async startJob(name: string, spec: Partial<JobSpec> = {}, finalizers?: string[]): Promise<Stored<Job>> {
    this.objects.create<Job>(JOBS, 'default', {
      metadata: { name, ...(finalizers && { finalizers }) },
      spec: { backoffLimit: 0, template: { spec: podSpec() }, ...spec },
    });
    await this.settle();
    return this.job(name);
  }

  job(name: string): Stored<Job> {
    const job = this.objects.get<Job>(JOBS, 'default', name);
    if (!job) throw new Error(`expected a job ${name}, got none`);
    return job;
  }

  hasJob(name: string): boolean {
    return this.objects.get(JOBS, 'default', name) !== undefined;
  }

  /** Pods whose Job has this name. */
  podsOf(job: string): Stored<Pod>[] {
    return this.objects
      .list<Pod>(PODS, 'default')
      .filter(({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-name'] === job);
  }

  onlyPodOf(job: string): Stored<Pod> {
    const [pod, ...others] = this.podsOf(job);
    if (!pod || others.length > 0)
      throw new Error(`expected one pod of ${job}, got ${String(others.length)}`);
    return pod;
  }

  editPod({ metadata }: Stored<Pod>, edit: (pod: Stored<Pod>) => void): void {
    this.objects.edit<Pod>(PODS, metadata.namespace, metadata.name, 'all', edit);
  }

  /** As the kubelet writes it when the process runs. */
  async runPod(pod: Stored<Pod>): Promise<void> {
    this.editPod(pod, ({ status = {} }) => {
      status.phase = 'Running';
      status.conditions = [...(status.conditions ?? []), { type: 'Ready', status: 'True' }];
    });
    await this.settle();
  }

  /** As the kubelet writes it when the process has ended; a pod that is being deleted goes then. */
  async endPod(pod: Stored<Pod>, exitCode: number, conditions: { type: string; status: string }[] = []) {
    const finishedAt = new Date(this.clock.dateMs()).toISOString();
    this.editPod(pod, (edited) => {
      edited.status = {
        ...edited.status,
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        conditions,
        containerStatuses: [
          {
            name: 'job',
            image: 'none',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode, finishedAt } },
          },
        ],
      };
    });
    const { namespace, name } = pod.metadata;
    if (this.objects.get(PODS, namespace, name)?.metadata.deletionTimestamp) {
      this.objects.delete(PODS, namespace, name, { gracePeriodSeconds: 0 });
    }
    await this.settle();
  }

  async deleteJob(name: string, options: DeleteOptions): Promise<void> {
    this.objects.delete(JOBS, 'default', name, options);
    await this.settle();
  }

  async deletePod({ metadata }: Stored<Pod>, options: DeleteOptions = {}): Promise<void> {
    this.objects.delete(PODS, metadata.namespace, metadata.name, options);
    await this.settle();
  }

  /** "REASON: MESSAGE" of the events about an object of this name, oldest first. */
  saidOf(name: string): string[] {
    return this.objects
      .list<Stored<KubeEvent>>(EVENTS)
      .filter(({ involvedObject }) => involvedObject.name === name)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`);
  }
}

/** "TYPE/REASON: MESSAGE" of those that are true, in order. */
export const conditionsOf = ({ status }: Job): string[] =>
  (status?.conditions ?? [])
    .filter((condition: JobCondition) => condition.status === 'True')
    .map(({ type, reason, message }) => `${type}/${reason ?? ''}: ${message ?? ''}`);
