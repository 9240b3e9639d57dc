// Runs Jobs: creates their pods, counts how they end, and finishes them as Kubernetes' Job controller does.
import type { Job, Pod } from '../../../kube/wire.ts';
import { JOBS, PODS } from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { Refusal } from '../../status.ts';
import { on, type Cluster, type Reconciler } from '../reconciler.ts';
import { decide, isFinished, type JobDecision } from './decision.ts';
import { isTracked, podOf, TRACKING_FINALIZER } from './pods.ts';
import { settle, track, type JobStatus } from './status.ts';

const COMPONENT = 'job-controller';

/** The uid too: pods may outlive their Job, and another may get its name. */
const jobKey = (namespace = '', name: string, uid: string): string => `${namespace}/${name}/${uid}`;

function keysOfPod(pod: Stored<Pod>): string[] {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  return owner?.kind === JOBS.kind ? [jobKey(pod.metadata.namespace, owner.name, owner.uid)] : [];
}

export function jobController(cluster: Cluster): Reconciler {
  /** Pods that went since their Job was looked at last, by its key: how they ended still counts for it. */
  const departed = new Map<string, Stored<Pod>[]>();
  return {
    name: 'job',
    triggers: [
      on<Job>(JOBS, ({ object: { metadata } }) => [jobKey(metadata.namespace, metadata.name, metadata.uid)]),
      on<Pod>(PODS, ({ type, object }) => {
        const keys = keysOfPod(object);
        if (type === 'DELETED')
          for (const key of keys) departed.set(key, [...(departed.get(key) ?? []), object]);
        return keys;
      }),
    ],
    reconcile(key) {
      const gone = departed.get(key) ?? [];
      departed.delete(key);
      try {
        return reconcile(cluster, key, gone);
      } catch (error) {
        // They still count when it is tried again.
        if (gone.length > 0) departed.set(key, [...gone, ...(departed.get(key) ?? [])]);
        throw error;
      }
    },
  };
}

function reconcile(cluster: Cluster, key: string, gone: readonly Stored<Pod>[]): number | undefined {
  const { objects, clock } = cluster;
  const [namespace = '', name = '', uid = ''] = key.split('/');
  const job = objects.get<Job>(JOBS, namespace, name);
  const podsNow = () => podsOf(cluster, uid);
  if (job?.metadata.uid !== uid || isFinished(job)) {
    // Nobody is left to count them.
    for (const pod of podsNow()) release(cluster, pod);
    return undefined;
  }
  const decision = decide(job, [...podsNow(), ...unseenBy(job, gone)], clock.dateMs());
  const refusal = act(cluster, job, decision);
  const ending = decision.do === 'finish' ? decision.condition : undefined;
  const tracking = track(job, podsNow(), ending, clock.dateMs());
  writeStatus(cluster, job, tracking.status);
  for (const pod of tracking.release) release(cluster, pod);
  const settled = settle(tracking, podsNow(), clock.dateMs());
  writeStatus(cluster, job, settled);
  if (tracking.last && isFinished({ status: settled })) sayFinished(cluster, job, tracking.last);
  // So that it is tried again, with backoff.
  if (refusal) throw refusal;
  return decision.do === 'finish' ? undefined : decision.again;
}

/** A Job that is being deleted holds none of its pods back, so one may have ended and gone at once. */
const unseenBy = (job: Stored<Job>, gone: readonly Stored<Pod>[]): Stored<Pod>[] =>
  job.metadata.deletionTimestamp === undefined ? [] : gone.map(untracked);

const untracked = (pod: Stored<Pod>): Stored<Pod> => ({
  ...pod,
  metadata: { ...pod.metadata, finalizers: [] },
});

const podsOf = ({ objects }: Cluster, uid: string): Stored<Pod>[] =>
  objects
    .dependentsOf(uid)
    .filter(({ type }) => type.kind === PODS.kind)
    .map(({ object }) => object as Stored<Pod>)
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid),
    );

/** What kept a pod from being created, if anything did. */
function act(cluster: Cluster, job: Stored<Job>, decision: JobDecision): Refusal | undefined {
  switch (decision.do) {
    case 'create':
      for (let missing = decision.pods; missing > 0; missing -= 1) {
        const refusal = createPod(cluster, job);
        if (refusal) return refusal;
      }
      return undefined;
    case 'remove':
      for (const pod of decision.pods) removePod(cluster, job, pod);
      return undefined;
    case 'finish':
      for (const pod of decision.remove) removePod(cluster, job, pod);
      return undefined;
    case 'wait':
      return undefined;
  }
}

function createPod({ objects, events }: Cluster, job: Stored<Job>): Refusal | undefined {
  try {
    const pod = objects.create<Pod>(PODS, job.metadata.namespace, podOf(job));
    const message = `Created pod: ${pod.metadata.name}`;
    events.record(COMPONENT, job, { type: 'Normal', reason: 'SuccessfulCreate', message });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // It is not going to get better: the namespace goes, and the Job with it.
    if (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))
      return undefined;
    const message = `Error creating: ${error.message}`;
    events.record(COMPONENT, job, { type: 'Warning', reason: 'FailedCreate', message });
    return error;
  }
}

function removePod({ objects, events }: Cluster, job: Stored<Job>, { metadata }: Stored<Pod>): void {
  const { namespace, name, uid } = metadata;
  objects.delete(PODS, namespace, name, { uid, propagation: 'Background' });
  const message = `Deleted pod: ${name}`;
  events.record(COMPONENT, job, { type: 'Normal', reason: 'SuccessfulDelete', message });
}

function release({ objects }: Cluster, pod: Stored<Pod>): void {
  const { namespace, name, uid } = pod.metadata;
  if (!isTracked(pod) || objects.get(PODS, namespace, name)?.metadata.uid !== uid) return;
  objects.edit<Pod>(PODS, namespace, name, 'all', ({ metadata }) => {
    const others = metadata.finalizers?.filter((finalizer) => finalizer !== TRACKING_FINALIZER) ?? [];
    if (others.length > 0) metadata.finalizers = others;
    else delete metadata.finalizers;
  });
}

function writeStatus({ objects }: Cluster, { metadata }: Stored<Job>, status: JobStatus): void {
  objects.edit<Job>(JOBS, metadata.namespace, metadata.name, 'all', (job) => {
    job.status = status;
  });
}

function sayFinished(
  { events }: Cluster,
  job: Stored<Job>,
  last: { type: string; reason?: string; message?: string },
) {
  const occurrence =
    last.type === 'Complete'
      ? ({ type: 'Normal', reason: 'Completed', message: 'Job completed' } as const)
      : ({ type: 'Warning', reason: last.reason ?? '', message: last.message ?? '' } as const);
  events.record(COMPONENT, job, occurrence);
}
