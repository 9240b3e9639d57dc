// Reads of single jobs for those who want to know all: of its Job and pod, its record when they are gone, and, while it waits, what
// Kubernetes says of that. However many ask, little is asked of the API server.
import { LRUCache } from 'lru-cache';
import { detailsOf, detailsOfGone, type JobDetails, lastPod } from '../../jobs/details.ts';
import { readRecord } from '../../jobs/records/outcome-record.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import { waitingReason } from '../../jobs/waiting/reason.ts';
import type { WorkerNode } from '../../jobs/worker-node.ts';
import { type Clock, perfOf } from '../../base/clock.ts';
import { isForbidden } from '../../kube/api-errors.ts';
import { ConcurrencyLimit } from '../../kube/guards/concurrency-limit.ts';
import type { Job, KubeEvent, Pod } from '../../kube/wire.ts';
import type { JobApi } from '../api/job-api.ts';
import type { Store } from '../cache/store.ts';
import type { WorkerNodes } from './worker-nodes.ts';

export interface JobReadsOptions {
  jobApi: JobApi;
  store: Store;
  nodes: WorkerNodes;
  clock: Clock;
}

const READS = { atOnce: 8, ofOneAtOnce: 6, waiting: 64, patienceMs: 2_000 };
const SHARED = { max: 1_000, ttl: 2_000 };

export class DetailReads {
  readonly #options: JobReadsOptions;
  readonly #shared: LRUCache<JobRecord, JobDetails>;

  constructor(options: JobReadsOptions) {
    const { clock } = options;
    const limit = new ConcurrencyLimit({ ...READS, clock });
    this.#options = options;
    // By what is said of the job: once that has changed, what was read before is of no use.
    this.#shared = new LRUCache({
      ...SHARED,
      ttlResolution: 0,
      perf: perfOf(clock),
      // Whoever waits gets it, also when others have taken its place meanwhile.
      ignoreFetchAbort: true,
      fetchMethod: (record) => limit.run(() => this.#read(record)),
    });
  }

  /** Nothing in it contradicts `record`. @throws NotSentError when too many are asked for; as Cluster */
  async read(record: JobRecord): Promise<JobDetails> {
    return (await this.#shared.fetch(record)) ?? {};
  }

  async #read(record: JobRecord): Promise<JobDetails> {
    const { jobApi, store } = this.#options;
    const { name, uid } = record;
    if (store.packOf(name) !== undefined) return this.#readGone(record);
    const [job, pods] = await Promise.all([jobApi.findJob(name), jobApi.podsOf({ metadata: { uid } })]);
    if (job?.metadata?.uid !== uid) return this.#readGone(record);
    const pod = lastPod(pods);
    const details = detailsOf(record, job, pod);
    const waiting = record.state === 'pending' ? await this.#waiting(record, job, pod) : undefined;
    return waiting === undefined ? details : { ...details, waiting };
  }

  /** Nothing is known of one that is gone and not recorded yet. */
  async #readGone(record: JobRecord): Promise<JobDetails> {
    const { jobApi, store } = this.#options;
    const packName = store.packOf(record.name);
    const pack = packName === undefined ? undefined : await jobApi.findPack(packName);
    const kept = readRecord(record.name, pack?.data?.[record.name]);
    return kept ? detailsOfGone(record, kept) : {};
  }

  async #waiting(record: JobRecord, job: Job, pod: Pod | undefined): Promise<string | undefined> {
    const { workerId, uid } = record;
    const hasNoNode = pod !== undefined && pod.spec?.nodeName === undefined;
    const [events, nodes] = await Promise.all([
      this.#eventsAbout(pod?.metadata?.uid ?? uid),
      hasNoNode ? this.#nodesOf(workerId) : undefined,
    ]);
    return waitingReason({ workerId, job, pod, events, nodes });
  }

  /** A role of before events were read says less, and no other harm is done. */
  async #eventsAbout(uid: string): Promise<KubeEvent[]> {
    return this.#options.jobApi.eventsAbout(uid).catch((error: unknown) => {
      if (isForbidden(error)) return [];
      throw error;
    });
  }

  async #nodesOf(workerId: string): Promise<readonly WorkerNode[]> {
    return (await this.#options.nodes.all()).get(workerId) ?? [];
  }
}
