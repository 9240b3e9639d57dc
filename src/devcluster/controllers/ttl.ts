// Deletes finished Jobs when their ttlSecondsAfterFinished is over.
import { untilDateMs } from '../../base/clock.ts';
import type { Job } from '../../kube/wire.ts';
import { JOBS } from '../kinds/index.ts';
import { isFinished } from './job/decision.ts';
import { keyOf, on, placeOf, type Cluster, type Reconciler } from './reconciler.ts';
import { parseTime } from '../time.ts';

export function ttlController({ objects, clock }: Cluster): Reconciler {
  return {
    name: 'ttl-after-finished',
    triggers: [
      on<Job>(JOBS, ({ type, object }) =>
        type !== 'DELETED' && expires(object) ? [keyOf(object.metadata)] : [],
      ),
    ],
    reconcile(key) {
      const { namespace, name } = placeOf(key);
      const job = objects.get<Job>(JOBS, namespace, name);
      const at = job && expiresAt(job);
      if (!job || at === undefined) return undefined;
      const after = untilDateMs(clock, at);
      if (after > 0) return after;
      objects.delete(JOBS, namespace, name, { propagation: 'Foreground', uid: job.metadata.uid });
      return undefined;
    },
  };
}

const expires = (job: Job): boolean => expiresAt(job) !== undefined;

/** Undefined while it runs, when it may stay, and when it is going already. */
function expiresAt({ metadata, spec, status }: Job): number | undefined {
  const seconds = spec?.ttlSecondsAfterFinished;
  if (seconds === undefined || metadata?.deletionTimestamp !== undefined || !isFinished({ status })) {
    return undefined;
  }
  const last = status?.conditions?.find(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );
  const finishedAt = parseTime(last?.lastTransitionTime);
  return finishedAt === undefined ? undefined : finishedAt + seconds * 1000;
}
