// Work queues as the controller has them: how many at a time, and what is said of failures.
import type { Backoff, Random } from '../../kube/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { isConflict } from '../../kube/api-errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type Failure, type QueueOptions, WorkQueue } from '../../kube/work-queue.ts';
import { missingPermission } from '../../kube/permissions/permission.ts';

const CONCURRENCY = 16;

/** Keys that are to be worked on now, or are. */
export function depthOf(queue: WorkQueue): number {
  const { ready, running } = queue.depth();
  return ready + running;
}

export interface QueueParts {
  clock: Clock;
  random: Random;
  log: Logger;
}

export function queueOf(
  what: string,
  handle: QueueOptions['handle'],
  { clock, random, log }: QueueParts,
  { concurrency = CONCURRENCY, backoff }: { concurrency?: number; backoff?: Backoff } = {},
): WorkQueue {
  return new WorkQueue({
    handle,
    concurrency,
    ...(backoff && { backoff }),
    clock,
    random,
    onError: (job: string, err: unknown, { failures, delayMs }: Failure) => {
      // A Conflict is how a newer state announces itself; it is on its way by the watch. A missing right is named once, in
      // missing-permissions.ts, however many jobs wait for it.
      const level = isConflict(err) || missingPermission(err) ? 'debug' : 'warn';
      log[level]({ job, what, err, failures, delayMs: Math.round(delayMs) }, 'will try again');
    },
  });
}
