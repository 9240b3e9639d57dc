// Keeps the outcomes of deleted Jobs in packs, several with one write, and lets packs go when their time has come.
// docs/decisions/0003-outcome-records-are-packed.md
import type { OutcomeRecord, SeenOutcomeRecord } from '../../jobs/records/outcome-record.ts';
import {
  fitting,
  type Pack,
  packExpiry,
  packName,
  type SeenPack,
  seenPack,
} from '../../jobs/records/outcome-pack.ts';
import { type Clock, type WallClock, untilDateMs } from '../../base/clock.ts';
import { isConflict, isNotFound } from '../../kube/api-errors.ts';
import type { JobApi } from '../api/job-api.ts';
import type { Store } from '../cache/store.ts';

/** A Conflict is the success of another writer. So many in a row are a fault, to be tried again later. */
const LOST_RACES = 8;

export interface RecordsOptions {
  jobApi: JobApi;
  store: Store;
  clock: Clock & WallClock;
  /** How long an outcome is kept. */
  retentionMs: number;
  /** Makes the names of packs unique. */
  newId: () => string;
}

interface Waiting {
  record: OutcomeRecord;
  expiresAtMs: number;
  kept: PromiseWithResolvers<void>;
}

/**
 * One write is under way at a time; what comes meanwhile goes with the next. Any pack of the right time that has room will
 * do, whoever began it, so nothing depends on what a dead process knew. Each write is guarded by the version that was seen:
 * it adds to the pack as it is, or not at all.
 */
export class OutcomePacks {
  readonly #options: RecordsOptions;
  /** By the name of the Job. */
  readonly #waiting = new Map<string, Waiting>();
  #working = false;
  /** As it was last written or read: the store hears of that later. */
  #latest: SeenPack | undefined;
  /** Known to have no room, also while the store still shows some. */
  readonly #full = new Set<string>();
  #lostRaces = 0;

  constructor(options: RecordsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the record is on the API server, or another one of the same job: what is kept never changes.
   * @throws StatusError, UnreachableError: it may be kept, or not; to keep it twice does no harm
   */
  keep(record: OutcomeRecord): Promise<void> {
    const { jobName, outcome } = record;
    const { store, clock, retentionMs } = this.#options;
    if (store.outcomeRecord(jobName)) return Promise.resolve();
    const waiting = this.#waiting.get(jobName);
    if (waiting) return waiting.kept.promise;
    const expiresAtMs = packExpiry(Date.parse(outcome.finishedAt ?? '') || clock.dateMs(), retentionMs);
    const kept = Promise.withResolvers<void>();
    this.#waiting.set(jobName, { record, expiresAtMs, kept });
    void this.#work();
    return kept.promise;
  }

  /** Whether the API server has it, too: memory may not have heard yet that it has expired. */
  async isKept({ jobName, record }: SeenOutcomeRecord): Promise<boolean> {
    const { jobApi, store } = this.#options;
    const pack = store.packOf(jobName);
    const found = pack === undefined ? undefined : await jobApi.findPack(pack);
    const kept = found && seenPack(found)?.records.find((one) => one.jobName === jobName);
    return kept?.record.uid === record.uid;
  }

  /** Deletes a pack whose time has come; says when to look again when it has not. */
  async expire(packName: string): Promise<{ after: number } | undefined> {
    const pack = this.#options.store.pack(packName);
    if (!pack) return undefined;
    const after = untilDateMs(this.#options.clock, pack.expiresAtMs);
    if (after > 0) return { after };
    await this.#options.jobApi.deletePack(pack);
    return undefined;
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    // What comes in the same turn goes together.
    await Promise.resolve();
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      try {
        for (const name of await this.#write(batch)) this.#leave(name)?.resolve();
      } catch (error) {
        for (const { record } of batch) this.#leave(record.jobName)?.reject(error);
      }
    }
    this.#working = false;
  }

  /** All that wait for a place in the same pack as the first of them. */
  #nextBatch(): Waiting[] {
    const all = [...this.#waiting.values()];
    return all.filter(({ expiresAtMs }) => expiresAtMs === all[0]?.expiresAtMs);
  }

  #leave(jobName: string): Waiting['kept'] | undefined {
    const waiting = this.#waiting.get(jobName);
    this.#waiting.delete(jobName);
    return waiting?.kept;
  }

  /** One write at most. The names of the jobs whose records are kept by now: those that are left have to come again. */
  async #write(batch: readonly Waiting[]): Promise<string[]> {
    const [{ expiresAtMs } = { expiresAtMs: 0 }] = batch;
    const records = batch.map(({ record }) => record);
    const latest = this.#latest;
    // Written a moment ago, and asked for again before the store has heard of it.
    if (latest && keptIn(latest, records).length > 0) return this.#reread(latest, records);
    const pack = this.#openPack(expiresAtMs, records);
    return pack ? this.#append(pack, records) : this.#begin(expiresAtMs, records);
  }

  #openPack(expiresAtMs: number, records: readonly OutcomeRecord[]): Pack | undefined {
    const { store } = this.#options;
    for (const name of this.#full) if (!store.pack(name)) this.#full.delete(name);
    const latest = this.#latest;
    if (latest && fitting(latest, records).length === 0) this.#full.add(latest.name);
    const candidates = latest ? [latest, ...store.packs()] : [...store.packs()];
    return candidates.find(
      (pack) =>
        pack.expiresAtMs === expiresAtMs && !this.#full.has(pack.name) && fitting(pack, records).length > 0,
    );
  }

  async #append(pack: Pack, records: readonly OutcomeRecord[]): Promise<string[]> {
    const { jobApi } = this.#options;
    const fits = fitting(pack, records);
    try {
      this.#latest = seenPack(await jobApi.appendToPack(pack, fits));
      this.#lostRaces = 0;
      return namesOf(fits);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      this.#lostRaces += 1;
      if (this.#lostRaces > LOST_RACES) {
        this.#lostRaces = 0;
        throw error;
      }
    }
    return this.#reread(pack, records);
  }

  /** Which of `records` are in the pack by now. */
  async #reread({ name }: Pack, records: readonly OutcomeRecord[]): Promise<string[]> {
    const found = await this.#options.jobApi.findPack(name);
    this.#latest = found && seenPack(found);
    if (this.#latest) return keptIn(this.#latest, records);
    // It is gone. The store may go on showing it for a moment.
    this.#full.add(name);
    return [];
  }

  async #begin(expiresAtMs: number, records: readonly OutcomeRecord[]): Promise<string[]> {
    const { jobApi, newId } = this.#options;
    const fits = fitting(undefined, records);
    this.#latest = seenPack(await jobApi.createPack(packName(expiresAtMs, newId()), expiresAtMs, fits));
    return namesOf(fits);
  }
}

const namesOf = (records: readonly OutcomeRecord[]): string[] => records.map(({ jobName }) => jobName);

function keptIn(pack: SeenPack, records: readonly OutcomeRecord[]): string[] {
  const there = new Set(pack.records.map(({ jobName }) => jobName));
  return namesOf(records).filter((name) => there.has(name));
}
