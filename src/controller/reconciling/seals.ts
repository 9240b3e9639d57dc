// Which outcomes on Jobs Portico has written itself: only these are told as they stand. docs/decisions/0011-callbacks-say-what-is-sealed.md
import { callbackUrlOf, type OwedCallback, sealedText } from '../../jobs/callback.ts';
import type { Sealer } from '../callback-sender.ts';
import { SEAL_ANNOTATION } from '../../jobs/labels.ts';
import type { Outcome } from '../../jobs/outcome/outcome.ts';
import type { Logger } from '../../base/logger.ts';
import type { Job } from '../../kube/wire.ts';

/** Settling never waits for a secret: without one, nothing is sealed, and nothing is taken for ours. */
export class Seals {
  readonly #sealer: Sealer | undefined;
  readonly #log: Logger;

  /** `sealer` undefined: nobody is told of the end of jobs. */
  constructor(sealer: Sealer | undefined, log: Logger) {
    this.#sealer = sealer;
    this.#log = log;
  }

  /** The annotation that goes with the outcome of a Job that has a callback. */
  async annotationFor(job: Job, outcome: Outcome): Promise<Record<string, string>> {
    const text = textOf(job, outcome);
    if (!this.#sealer || text === undefined) return {};
    try {
      return { [SEAL_ANNOTATION]: await this.#sealer.seal(text) };
    } catch (err) {
      this.#log.warn({ job: job.metadata?.name, err }, 'outcome not sealed');
      return {};
    }
  }

  /** Whether somebody else may have written `outcome` on this Job, which somebody is to be told of. */
  async isDoubtful(job: Job, outcome: Outcome): Promise<boolean> {
    const text = textOf(job, outcome);
    if (!this.#sealer || text === undefined) return false;
    const seal = job.metadata?.annotations?.[SEAL_ANNOTATION] ?? '';
    return !(await this.#sealer.isSealed(text, seal).catch(() => false));
  }
}

/** What is told: the outcome that is written on the Job where we have written it, else what its conditions say. @throws as Sealer */
export async function vouchedOutcome(sealer: Sealer, callback: OwedCallback): Promise<Outcome> {
  const { outcome, written } = callback;
  if (!written) return outcome;
  const isOurs =
    written.seal !== undefined && (await sealer.isSealed(sealedText(callback, outcome), written.seal));
  return isOurs ? outcome : written.own;
}

function textOf(job: Job, outcome: Outcome): string | undefined {
  const url = callbackUrlOf(job);
  return url === undefined ? undefined : sealedText({ uid: job.metadata?.uid ?? '', url }, outcome);
}
