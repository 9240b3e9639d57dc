// Delivers callbacks, each until it is taken or given up, and writes beside the outcome which of the two it was.
import { callbackBody, type CallbackResult, type OwedCallback, resultText } from '../../jobs/callback.ts';
import type { CallbackSender } from '../callback-sender.ts';
import type { Clock, WallClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { JobApi } from '../api/job-api.ts';
import { vouchedOutcome } from './seals.ts';
import type { Store } from '../cache/store.ts';

/** Counted from the job's end: a receiver that has been away for longer has to ask for itself. */
export const PATIENCE_MS = 24 * 3_600_000;

export interface CallbackDeliveryOptions {
  jobApi: JobApi;
  store: Store;
  sender: CallbackSender;
  /** After that nothing is known of a job any more. */
  retentionMs: number;
  clock: Clock & WallClock;
  log: Logger;
}

interface Errand {
  callback: OwedCallback;
  /** When the job ended, by elapsed time. */
  sinceMs: number;
  /** Once it is over: then only this has still to be written. */
  result?: CallbackResult;
}

export class CallbackDelivery {
  readonly #options: CallbackDeliveryOptions;
  /** What it has taken on it sees through, also when the Job has gone meanwhile. */
  readonly #errands = new Map<string, Errand>();

  constructor(options: CallbackDeliveryOptions) {
    this.#options = options;
  }

  take(callback: OwedCallback): void {
    const { clock } = this.#options;
    const finishedAtMs = Date.parse(callback.outcome.finishedAt ?? '') || clock.dateMs();
    // Its age is taken from the dates once: from then on nobody's setting of the time makes it older.
    const sinceMs = clock.elapsedMs() - Math.max(0, clock.dateMs() - finishedAtMs);
    this.#errands.set(callback.jobName, { callback, sinceMs });
  }

  /** One try. @throws whatever has to be tried again for: that it was not taken, or that this could not be written */
  async deliver(jobName: string, signal: AbortSignal): Promise<void> {
    const errand = this.#errands.get(jobName);
    if (!errand) return;
    errand.result ??= await this.#try(errand, signal);
    await this.#write(errand.callback, errand.result);
    this.#options.store.callbacks.settle(jobName);
    // Not one that has been taken on meanwhile, kept elsewhere.
    if (this.#errands.get(jobName) === errand) this.#errands.delete(jobName);
  }

  async #try({ callback, sinceMs }: Errand, signal: AbortSignal): Promise<CallbackResult> {
    const { sender, retentionMs, clock, log } = this.#options;
    const { jobName, url } = callback;
    try {
      const body = callbackBody({ ...callback, outcome: await vouchedOutcome(sender, callback) });
      await sender.send({ id: jobName, url, body }, signal);
      log.info({ job: jobName }, 'callback delivered');
      return { is: 'delivered' };
    } catch (err) {
      const isFinal = (err as { isFinal?: boolean }).isFinal ?? false;
      const isLate = clock.elapsedMs() - sinceMs >= Math.min(PATIENCE_MS, retentionMs);
      if (signal.aborted || !(isFinal || isLate)) throw err;
      log.warn({ job: jobName, err }, 'callback given up');
      return { is: 'given up', why: (err as Error).message };
    }
  }

  async #write({ jobName, uid, pack }: OwedCallback, result: CallbackResult): Promise<void> {
    const { jobApi, clock } = this.#options;
    const text = resultText(result, clock.dateMs());
    await (pack === undefined
      ? jobApi.noteCallback({ jobName, uid }, text)
      : jobApi.noteCallbackInPack(pack, jobName, text));
  }
}
