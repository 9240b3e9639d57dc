// What jobs print: read from their pods as it is and as it comes, and what is kept of it once the pod is gone. Holds none of it.
import type { Readable } from 'node:stream';
import { keptTail, type LogRange, podWithLog } from '../../jobs/output.ts';
import { readRecord } from '../../jobs/records/outcome-record.ts';
import { outcomeOf, type Outcome } from '../../jobs/outcome/outcome.ts';
import { isDone, type JobRecord } from '../../jobs/job-record.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { isUnavailable, StatusError } from '../../kube/api-errors.ts';
import { ConcurrencyLimit } from '../../kube/guards/concurrency-limit.ts';
import type { JobApi } from '../api/job-api.ts';
import type { LiveLookups } from './live-lookups.ts';
import { assertSynced, type Freshness } from '../cache/freshness.ts';
import type { Store } from '../cache/store.ts';

export interface JobLog {
  /** tail: the pod is gone, and this is the end of it that was kept with the outcome, 2 KiB at most. */
  is: 'log' | 'tail';
  bytes: AsyncIterable<Uint8Array> | Iterable<string>;
}

export interface JobLogsOptions {
  jobApi: JobApi;
  lookups: LiveLookups;
  store: Store;
  freshness: Freshness;
  clock: Clock;
}

/** Each that is open has a connection to the API server, and this one to a node. */
const OPEN = { atOnce: 256, ofOneAtOnce: 128, waiting: 0 };
/** A job that runs and has printed nothing has no beginning of an answer: it is not waited for longer before ours begins. */
const BEGINNING_MS = 1_000;
/** Who follows a job that waits is woken by its changes. Should one of them not show that it has begun, this does. */
const LOOK_AGAIN_MS = 15_000;

export class JobLogs {
  readonly #options: JobLogsOptions;
  readonly #limit: ConcurrencyLimit;

  constructor(options: JobLogsOptions) {
    this.#options = options;
    this.#limit = new ConcurrencyLimit({ ...OPEN, clock: options.clock });
  }

  /**
   * Has `send` take the log, and closes it when that has ended. What is followed ends with the job; a job that waits is waited for.
   * @throws NotFound, NotReady, NotSentError, StatusError, UnreachableError: `send` was not called; else what `send` throws
   */
  async read(
    jobId: string,
    range: LogRange,
    signal: AbortSignal,
    send: (log: JobLog) => Promise<void>,
  ): Promise<void> {
    const ended = new AbortController();
    try {
      const until = AbortSignal.any([signal, ended.signal]);
      await this.#limit.run(async () => send(await this.#open(jobId, range, until)));
    } finally {
      ended.abort();
    }
  }

  async #open(jobId: string, range: LogRange, signal: AbortSignal): Promise<JobLog> {
    for (let record = await this.#find(jobId); ; record = await this.#find(jobId)) {
      const bytes = await this.#fromPod(jobId, record, range, signal);
      if (bytes) return { is: 'log', bytes };
      // It has gone on while we looked: there may be a pod by now.
      if (this.#options.store.find(jobId) !== record) continue;
      if (isDone(record)) return { is: 'tail', bytes: [await this.#kept(jobId, range)] };
      return { is: 'log', bytes: range.follow ? this.#whenBegun(jobId, record.uid, range, signal) : [] };
    }
  }

  async #find(jobId: string): Promise<JobRecord> {
    const { freshness, lookups } = this.#options;
    assertSynced(freshness);
    return lookups.find(jobId);
  }

  /** undefined: no pod, or none that has begun. */
  async #fromPod(
    jobId: string,
    record: JobRecord,
    range: LogRange,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    const { jobApi, store } = this.#options;
    // A record is only kept when no pod is left.
    if (store.packOf(jobId) !== undefined) return undefined;
    const pod = podWithLog(await jobApi.podsOf({ metadata: { uid: record.uid } }));
    if (pod === undefined) return undefined;
    const opening = jobApi.readLog(pod, range, signal);
    return (range.follow ? this.#soon(opening) : opening).catch((error: unknown) => {
      if (isWithoutLog(error, isDone(record))) return undefined;
      throw error;
    });
  }

  async #soon(opening: Promise<Readable>): Promise<AsyncIterable<Uint8Array>> {
    const begun = new AbortController();
    try {
      const pause = sleep(this.#options.clock, BEGINNING_MS, begun.signal);
      return (await Promise.race([opening, pause])) ?? later(opening);
    } finally {
      begun.abort();
    }
  }

  async *#whenBegun(
    jobId: string,
    uid: string,
    range: LogRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    for await (const record of this.#statesOf(jobId, signal)) {
      if (record?.uid !== uid) return;
      try {
        const bytes = await this.#fromPod(jobId, record, range, signal);
        if (bytes) {
          yield* bytes;
          return;
        }
        if (isDone(record)) return;
      } catch (error) {
        // It waits, perhaps for hours: the API server may be away meanwhile.
        if (signal.aborted || !isUnavailable(error)) throw error;
      }
    }
    signal.throwIfAborted();
  }

  /** What is known of the job: now, and whenever that may have changed since, or after a while. Ends when `signal` is aborted. */
  async *#statesOf(jobId: string, signal: AbortSignal): AsyncGenerator<JobRecord | undefined, void> {
    const { store, clock } = this.#options;
    let change = new AbortController();
    const leave = store.onChange(jobId, () => change.abort());
    try {
      while (!signal.aborted) {
        change = new AbortController();
        yield store.find(jobId);
        await sleep(clock, LOOK_AGAIN_MS, AbortSignal.any([signal, change.signal]));
      }
    } finally {
      leave();
    }
  }

  async #kept(jobId: string, range: LogRange): Promise<string> {
    const outcome = await this.#outcomeOf(jobId);
    return outcome ? keptTail(outcome, range) : '';
  }

  async #outcomeOf(jobId: string): Promise<Outcome | undefined> {
    const { jobApi, store } = this.#options;
    const packName = store.packOf(jobId);
    if (packName !== undefined) {
      const pack = await jobApi.findPack(packName);
      return readRecord(jobId, pack?.data?.[jobId])?.outcome;
    }
    const job = await jobApi.findJob(jobId);
    return job && outcomeOf(job, undefined);
  }
}

async function* later(opening: Promise<Readable>): AsyncGenerator<Uint8Array, void> {
  yield* (await opening) as AsyncIterable<Uint8Array>;
}

/** The pod went meanwhile, or has not begun (400); or, of a job that is over, the node that has it is not there any more. */
const isWithoutLog = (error: unknown, isOver: boolean): boolean =>
  error instanceof StatusError && (error.code === 404 || error.code === 400 || (isOver && error.code >= 500));
