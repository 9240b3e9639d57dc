// Live looks at the API server for what memory does not show: however many ask, little is asked of it.
import { validate as isUuid } from 'uuid';
import { seenPack } from '../../jobs/records/outcome-pack.ts';
import { type JobRecord, seenJob } from '../../jobs/job-record.ts';
import { currentCaller, onNobodysBehalf } from '../../kube/guards/caller.ts';
import type { Clock } from '../../base/clock.ts';
import { ConcurrencyLimit } from '../../kube/guards/concurrency-limit.ts';
import type { JobApi } from '../api/job-api.ts';
import { NotFound } from '../errors.ts';
import type { Store } from '../cache/store.ts';

export interface LookupsOptions {
  jobApi: JobApi;
  store: Store;
  clock: Clock;
}

/** Ids that nobody ever got are asked for by mistake or by malice; either way they come in numbers. */
const LOOKS = {
  atOnce: 8,
  ofOneAtOnce: 6,
  rate: { perSecond: 50, burst: 200 },
  waiting: 64,
  patienceMs: 2_000,
};

/**
 * "Not found" is never remembered: nothing proves that the Job of this name will not be created the moment after, by another
 * replica.
 */
export class LiveLookups {
  readonly #options: LookupsOptions;
  readonly #limit: ConcurrencyLimit;
  /** By caller and name: who shares another's look would wait for its turn. */
  readonly #underWay = new Map<string, Promise<void>>();
  #refreshing: Promise<void> | undefined;
  #nextRefresh: Promise<void> | undefined;

  constructor(options: LookupsOptions) {
    const { clock } = options;
    this.#options = options;
    this.#limit = new ConcurrencyLimit({ ...LOOKS, clock });
  }

  /** From memory, or live. @throws NotFound; as look */
  async find(jobName: string): Promise<JobRecord> {
    const { store } = this.#options;
    if (!store.find(jobName)) await this.look(jobName);
    const record = store.find(jobName);
    if (!record) throw new NotFound('job');
    return record;
  }

  /**
   * Of a job that its caller may not know: it is looked for as an id that there never was. Where callers are not known, nothing is
   * hidden from them, and nothing is looked for.
   * @throws NotFound; as look
   */
  async asUnknown(jobName: string): Promise<never> {
    if (currentCaller() !== undefined) await this.look(jobName);
    throw new NotFound('job');
  }

  /**
   * Before "not found" is said: it may have been started, or stopped, a moment ago on another replica. Afterwards the store knows
   * the job of this name, if there was one or a record of one when this was called.
   * @throws NotSentError when too many are asked for: whether there is one is not known then
   */
  async look(jobName: string): Promise<void> {
    // A name of ours is a UUID in lower case. Nothing else that a caller sends reaches the API server.
    if (!isUuid(jobName) || jobName !== jobName.toLowerCase()) return undefined;
    const key = `${jobName} ${currentCaller() ?? ''}`;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    // Not async in between: two that come together must see each other.
    const look = this.#limit
      .run(() => this.#look(jobName))
      .finally(() => {
        this.#underWay.delete(key);
      });
    this.#underWay.set(key, look);
    return look;
  }

  /**
   * Afterwards the store knows every record that was kept when this was called. One at a time: whoever comes meanwhile shares
   * the next one.
   */
  refreshRecords(): Promise<void> {
    if (!this.#refreshing) return this.#beginRefresh();
    this.#nextRefresh ??= this.#refreshing
      .catch(() => undefined)
      .then(() => {
        this.#nextRefresh = undefined;
        return this.#beginRefresh();
      });
    return this.#nextRefresh;
  }

  /** The Job first and then the records: a record is kept before its Job goes, so what is in neither has never been. */
  async #look(jobName: string): Promise<void> {
    const { jobApi, store } = this.#options;
    const job = await jobApi.findJob(jobName);
    const seen = job && seenJob(job);
    if (seen) store.learn(seen);
    else if (!job) await this.refreshRecords();
  }

  #beginRefresh(): Promise<void> {
    const refresh = onNobodysBehalf(() => this.#refresh()).finally(() => {
      if (this.#refreshing === refresh) this.#refreshing = undefined;
    });
    this.#refreshing = refresh;
    return refresh;
  }

  /** The metadata of all packs, and then those that are not in memory as they are. */
  async #refresh(): Promise<void> {
    const { jobApi, store } = this.#options;
    const packs = await jobApi.listPackMetadata();
    const changed = packs.filter(
      ({ metadata: { name = '', resourceVersion } = {} }) =>
        store.pack(name)?.resourceVersion !== resourceVersion,
    );
    await Promise.all(changed.map(({ metadata }) => this.#readPack(metadata?.name ?? '')));
  }

  async #readPack(name: string): Promise<void> {
    const { jobApi, store } = this.#options;
    const found = await jobApi.findPack(name);
    const pack = found && seenPack(found);
    if (pack) store.outcomes.apply('MODIFIED', pack);
  }
}
