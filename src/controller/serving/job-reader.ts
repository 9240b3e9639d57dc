// Serves what can be read of jobs and workers: lists and watches from memory, details by reading the cluster. No HTTP.
import type { JobDetails } from '../../jobs/details.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import { isUnavailable } from '../../kube/api-errors.ts';
import type { Position, Selection } from '../cache/job-index.ts';
import type { DetailReads } from './detail-reads.ts';
import { JobFollower } from './job-follower.ts';
import type { LiveLookups } from './live-lookups.ts';
import { assertSynced, type Freshness } from '../cache/freshness.ts';
import type { Pools } from '../cache/worker-pools.ts';
import type { Store } from '../cache/store.ts';
import type { JobPage, JobView, JobViews, SeenWorkerNode, WorkersView, WorkerView } from './job-views.ts';
import type { WorkerNodes } from './worker-nodes.ts';

export interface ReadsOptions {
  store: Store;
  pools: Pools;
  lookups: LiveLookups;
  jobs: DetailReads;
  nodes: WorkerNodes;
  freshness: Freshness;
}

export class CachedJobViews implements JobViews {
  readonly #options: ReadsOptions;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  list(selection: Selection, limit: number, after?: Position): JobPage {
    const { store, freshness } = this.#options;
    assertSynced(freshness);
    const items: JobRecord[] = [];
    const ageMs = freshness.ageMs('jobs');
    for (const record of store.index.select(selection, after)) {
      // There is one more: so this is not the last page.
      if (items.length === limit) return { items, next: items.at(-1), ageMs };
      items.push(record);
    }
    return { items, ageMs };
  }

  watch(selection: Selection, limit?: number) {
    const { store, freshness } = this.#options;
    assertSynced(freshness);
    const { index, changes } = store;
    return { watch: new JobFollower({ index, changes, selection, limit }), ageMs: freshness.ageMs('jobs') };
  }

  async workerOf(jobId: string): Promise<string> {
    assertSynced(this.#options.freshness);
    return (await this.#options.lookups.find(jobId)).workerId;
  }

  asUnknown(jobId: string): Promise<never> {
    return this.#options.lookups.asUnknown(jobId);
  }

  async find(jobId: string): Promise<JobView> {
    const { lookups, jobs, freshness } = this.#options;
    assertSynced(freshness);
    const record = await lookups.find(jobId);
    const { answer, isKnown } = await orUnknown<JobDetails>(() => jobs.read(record), {});
    return { record, details: answer, ageMs: this.#ageMs(isKnown, 'jobs') };
  }

  async workers(): Promise<WorkersView> {
    const { store, pools, nodes, freshness } = this.#options;
    assertSynced(freshness);
    const { answer, isKnown } = await orUnknown(() => nodes.all(), undefined);
    const names = pools.nodesByWorker();
    const nodesOf = (workerId: string): readonly SeenWorkerNode[] =>
      (answer ? answer.get(workerId) : names.get(workerId)?.map((name) => ({ name }))) ?? [];
    const ids = new Set([...names.keys(), ...store.index.workerIds(), ...(answer?.keys() ?? [])]);
    const items = [...ids].sort().map((workerId): WorkerView => {
      const [newest] = store.index.select({ workerId });
      return {
        workerId,
        declared: pools.isDeclared(workerId),
        nodes: nodesOf(workerId),
        counts: store.index.countsOf(workerId),
        lastJobAt: newest?.createdAt ?? 0,
      };
    });
    return { items, ageMs: this.#ageMs(isKnown, 'jobs', 'nodes') };
  }

  /** What could not be read now is answered from memory, and that is told. */
  #ageMs(isKnown: boolean, ...of: ('jobs' | 'nodes')[]): number | undefined {
    const ages = of.map((each) => this.#options.freshness.ageMs(each)).filter((age) => age !== undefined);
    return ages.length > 0 ? Math.max(...ages) : isKnown ? undefined : 0;
  }
}

/** `unknown` when the API server does not answer, or not now. @throws when it refuses for good */
async function orUnknown<T>(read: () => Promise<T>, unknown: T): Promise<{ answer: T; isKnown: boolean }> {
  try {
    return { answer: await read(), isKnown: true };
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return { answer: unknown, isKnown: false };
  }
}
