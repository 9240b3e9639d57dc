// What Kubernetes' controllers and the kubelet do to Jobs and pods, one step at a time, each by its own rules.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/, garbage-collection and pod-lifecycle.
import { exitText } from '../../../src/jobs/outcome/signals.ts';
import type { JobCondition } from '../../../src/kube/wire.ts';
import { type ApiServer, JOBS, KUBELET, PODS, RECORDS, type Stored } from './api-server.ts';

const UID_LABEL = 'batch.kubernetes.io/controller-uid';
const TRACKING = 'batch.kubernetes.io/job-tracking';
const START_ERROR = 'exec: "x": executable file not found in $PATH';

/** How a Job ended by its own conditions. */
export interface End {
  condition: Omit<JobCondition, 'lastTransitionTime' | 'status'>;
  /** What may be said of it: with its pod, and without. */
  texts: string[];
  /** 137 or 143. */
  bySignalOfDeletion: boolean;
}

export class Kubernetes {
  readonly #api: ApiServer;
  /** Called when a terminal condition is written. */
  readonly #onEnd: (job: Stored, end: End) => void;
  /** How the pod of a Job ended, as the Job controller counted it. */
  readonly #counted = new Map<string, End>();
  readonly #overdue = new Set<string>();
  readonly #dropped = new Set<string>();

  constructor(api: ApiServer, onEnd: (job: Stored, end: End) => void) {
    this.#api = api;
    this.#onEnd = onEnd;
  }

  podsOf(job: Stored): Stored[] {
    return this.#api.list(PODS).filter(({ metadata }) => metadata.labels?.[UID_LABEL] === job.metadata.uid);
  }

  /** Whether a process of it is left. */
  runs(uid: string): boolean {
    return this.#api
      .list(PODS)
      .some(({ metadata, status }) => metadata.labels?.[UID_LABEL] === uid && status?.phase === 'Running');
  }

  /** One pass of the Job controller. `detail`: 0 and 1 write what they can; 2 stops at what comes before a condition. */
  syncJob(name: string, detail: number): void {
    const job = this.#api.find(JOBS, name);
    if (!job) return;
    const { uid = '', deletionTimestamp } = job.metadata;
    const pods = this.podsOf(job);
    if (isFinished(job)) {
      this.#count(job, pods);
      return;
    }
    if (pods.length === 0 && !this.#counted.has(uid) && !this.#overdue.has(uid)) {
      if (mayRun(job)) this.#createPod(job);
      return;
    }
    if (isHalted(job)) this.#dropPods(pods);
    this.#count(job, pods);
    const end = this.#endOf(job);
    if (!end || detail === 2) {
      const ready = pods.some(({ status }) => status?.phase === 'Running') ? 1 : 0;
      this.#api.update(JOBS, name, (job) => (job.status = { ...job.status, ready }));
      return;
    }
    // While it is being deleted, an end may be written late, or never.
    if (deletionTimestamp !== undefined && detail === 1) return;
    this.#finish(job, end);
  }

  /** Pods whose Job does not exist, or which were cut from it, are not tracked any longer. */
  releasePods(): void {
    for (const pod of this.#api.list(PODS)) {
      if (isEnded(pod) && !this.#ownerOf(pod)) untrack(this.#api, pod);
    }
  }

  /** The deadline passes. `early`: as before Kubernetes 1.31, Failed is written while the pod still ends. */
  expire(name: string, early: boolean): void {
    const job = this.#api.find(JOBS, name);
    if (!job || isFinished(job) || job.metadata.deletionTimestamp) return;
    this.#overdue.add(job.metadata.uid ?? '');
    for (const pod of this.podsOf(job)) this.#api.delete(PODS, pod.metadata.name ?? '');
    if (early) this.#finish(job, deadline);
  }

  startPod(pod: Stored): void {
    if (pod.status?.phase !== 'Pending' || pod.metadata.deletionTimestamp) return;
    this.#api.update(PODS, pod.metadata.name ?? '', (pod) => (pod.status = { phase: 'Running' }));
  }

  /** The process ends, by itself or because its pod was deleted. */
  endPod(pod: Stored, exitCode: number): void {
    if (isEnded(pod)) return;
    const ran = pod.status?.phase === 'Running';
    this.#api.update(PODS, pod.metadata.name ?? '', (pod) => {
      const terminated = {
        exitCode,
        reason: exitCode === 128 ? 'StartError' : 'Error',
        message: exitCode === 128 ? `${START_ERROR}: unknown` : 'last words',
      };
      pod.status = {
        ...pod.status,
        phase: exitCode === 0 && ran ? 'Succeeded' : 'Failed',
        ...(ran ? { containerStatuses: [{ name: 'job', state: { terminated } }] } : {}),
      } as Stored['status'];
      pod.metadata.finalizers = without(pod, KUBELET);
    });
  }

  evictPod(pod: Stored): void {
    if (isEnded(pod)) return;
    const name = pod.metadata.name ?? '';
    this.#api.update(PODS, name, (pod) => {
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
      pod.status = { ...pod.status, conditions: [condition] };
    });
    this.#api.delete(PODS, name);
  }

  /** One pass of the garbage collector. */
  collect(): void {
    for (const job of this.#api.list(JOBS)) {
      const { name = '', finalizers = [] } = job.metadata;
      const owned = this.podsOf(job).filter((pod) => this.#ownerOf(pod));
      if (finalizers.includes('orphan')) {
        for (const pod of owned) {
          this.#api.update(PODS, pod.metadata.name ?? '', (pod) => (pod.metadata.ownerReferences = []));
        }
        this.#api.update(JOBS, name, (job) => (job.metadata.finalizers = without(job, 'orphan')));
      } else if (finalizers.includes('foregroundDeletion')) {
        for (const pod of owned) this.#deletePod(pod);
        if (owned.length > 0) continue;
        this.#api.update(JOBS, name, (job) => (job.metadata.finalizers = without(job, 'foregroundDeletion')));
      }
    }
    for (const pod of this.#api.list(PODS)) {
      if (pod.metadata.ownerReferences?.length && !this.#ownerOf(pod)) this.#deletePod(pod);
    }
  }

  /** The TTL controller: deletes Foreground what finished long ago, and leaves alone what is being deleted. */
  collectFinished(nowMs: number): void {
    for (const { metadata, spec, status } of this.#api.list(JOBS)) {
      const end = status?.conditions?.find(isTerminal)?.lastTransitionTime;
      if (
        !end ||
        metadata.deletionTimestamp ||
        !isOver(Date.parse(end), spec?.ttlSecondsAfterFinished, nowMs)
      )
        continue;
      this.#api.delete(JOBS, metadata.name ?? '', { propagationPolicy: 'Foreground' });
    }
  }

  /** The namespace controller deletes what is left in a namespace that goes. */
  emptyNamespaces(): void {
    for (const collection of [JOBS, PODS, RECORDS] as const) {
      if (!this.#api.going.has(collection)) continue;
      for (const { metadata } of this.#api.list(collection)) {
        if (metadata.deletionTimestamp) continue;
        this.#api.delete(collection, metadata.name ?? '', { propagationPolicy: 'Background' });
      }
    }
  }

  #ownerOf(pod: Stored): Stored | undefined {
    const [owner] = pod.metadata.ownerReferences ?? [];
    const job = owner && this.#api.find(JOBS, owner.name);
    return job?.metadata.uid === owner?.uid ? job : undefined;
  }

  #deletePod(pod: Stored): void {
    if (!pod.metadata.deletionTimestamp) this.#api.delete(PODS, pod.metadata.name ?? '');
  }

  #createPod({ metadata: { name = '', uid = '' } }: Stored): void {
    if (this.#api.going.has(PODS)) return;
    this.#dropped.delete(`${name}-${uid}`);
    this.#api.create(PODS, {
      metadata: {
        name: `${name}-${uid}`,
        namespace: 'jobs',
        labels: { [UID_LABEL]: uid },
        finalizers: [TRACKING],
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
      },
      status: { phase: 'Pending' },
    } as Stored);
    this.#api.update(JOBS, name, (job) => (job.status = { active: 1, ready: 0 }));
  }

  /** The Job is suspended: what runs is ended, and not counted. */
  #dropPods(pods: readonly Stored[]): void {
    for (const pod of pods) {
      if (isEnded(pod)) continue;
      this.#dropped.add(pod.metadata.name ?? '');
      untrack(this.#api, pod);
      this.#deletePod(pod);
    }
  }

  /** Pods that have ended are counted and then let go: the condition that tells of it is written after. */
  #count(job: Stored, pods: readonly Stored[]): void {
    for (const pod of pods.filter(isEnded)) {
      if (this.#dropped.has(pod.metadata.name ?? '')) continue;
      this.#counted.set(job.metadata.uid ?? '', endOfPod(pod));
      untrack(this.#api, pod);
    }
  }

  #endOf(job: Stored): End | undefined {
    const uid = job.metadata.uid ?? '';
    if (this.#overdue.has(uid)) return this.podsOf(job).every(isEnded) ? deadline : undefined;
    return this.#counted.get(uid);
  }

  #finish(job: Stored, end: End): void {
    const interim = end.condition.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    this.#api.update(JOBS, job.metadata.name ?? '', (job) => {
      const more = { status: 'True', lastTransitionTime: this.#api.now() };
      const conditions = [
        { ...end.condition, ...more, type: interim },
        { ...end.condition, ...more },
      ];
      job.status = { conditions };
    });
    this.#onEnd(job, end);
  }
}

export const isEnded = ({ status }: Stored): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

const isOver = (endMs: number, ttlSeconds: number | undefined, nowMs: number): boolean =>
  ttlSeconds !== undefined && endMs + ttlSeconds * 1000 <= nowMs;

const isHalted = ({ metadata, spec }: Stored): boolean =>
  metadata.deletionTimestamp === undefined && (spec?.suspend === true || spec?.parallelism === 0);
const mayRun = (job: Stored): boolean => job.metadata.deletionTimestamp === undefined && !isHalted(job);

const isTerminal = ({ type }: JobCondition): boolean => type === 'Complete' || type === 'Failed';
const isFinished = ({ status }: Stored): boolean => status?.conditions?.some(isTerminal) ?? false;
const without = ({ metadata }: Stored, finalizer: string): string[] =>
  (metadata.finalizers ?? []).filter((one) => one !== finalizer);

const untrack = (api: ApiServer, { metadata: { name = '' } }: Stored): void =>
  api.update(PODS, name, (pod) => (pod.metadata.finalizers = without(pod, TRACKING)));

const deadline: End = {
  condition: {
    type: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Job was active longer than specified deadline',
  },
  texts: ['deadline exceeded'],
  bySignalOfDeletion: false,
};

function endOfPod({ metadata: { name = '' }, status }: Stored): End {
  const reason = 'PodFailurePolicy';
  const pod = `jobs/${name}`;
  if (status?.conditions?.length) {
    const message = `Pod ${pod} has condition DisruptionTarget matching FailJob rule at index 0`;
    return {
      condition: { type: 'Failed', reason, message },
      texts: ['worker lost: EvictionByEvictionAPI', 'worker lost: DisruptionTarget'],
      bySignalOfDeletion: false,
    };
  }
  if (status?.phase === 'Succeeded') {
    const condition = { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number' };
    return { condition, texts: [''], bySignalOfDeletion: false };
  }
  const exitCode = status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
  if (exitCode === undefined) {
    const condition = { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'has reached the limit' };
    return { condition, texts: ['worker lost: BackoffLimitExceeded'], bySignalOfDeletion: false };
  }
  const message = `Container job for pod ${pod} failed with exit code ${String(exitCode)} matching FailJob rule at index 1`;
  return {
    condition: { type: 'Failed', reason, message },
    texts: exitCode === 128 ? [START_ERROR, exitText(128)] : [exitText(exitCode)],
    bySignalOfDeletion: exitCode === 137 || exitCode === 143,
  };
}
