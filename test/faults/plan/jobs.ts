// The jobs of a run, as its seed has them: of what kind, when, and how their callers behave. No IO.
import type { Chance } from '../chance.ts';
import { ENDINGS, endingOf, type EndingName } from './endings.ts';

export interface PlannedJob {
  number: number;
  ending: EndingName;
  /** From the beginning of the run. */
  atMs: number;
  /** Its caller sends an Idempotency-Key, and so repeats a start that got no answer. */
  keyed: boolean;
  /** How often it is started again with the same key after the answer, for no good reason. */
  repeats: number;
  /** How long it runs before it comes to its own end. */
  runsMs: number;
  /** From its beginning to what is done to it. */
  actsAfterMs: number;
  /** How long its caller waits for an answer. */
  patienceMs: number;
}

/** Every kind as often as its weight says, whatever the seed; when and in which order the seed says. */
export function planJobs(chance: Chance, count: number, forMs: number): PlannedJob[] {
  const kinds = chance.shuffled(
    (Object.keys(ENDINGS) as EndingName[]).flatMap((name) =>
      Array<EndingName>(endingOf(name).weight).fill(name),
    ),
  );
  const all = Array.from({ length: count }, (_, index) => kinds[index % kinds.length] ?? 'exit 0');
  return chance
    .shuffled(all)
    .map((ending, index) => plannedJob(chance, ending, index, (index / count) * forMs));
}

function plannedJob(chance: Chance, ending: EndingName, number: number, atMs: number): PlannedJob {
  const keyed = chance.hits(0.5);
  const runsMs = chance.between(0, chance.hits(0.2) ? 6_000 : 1_500);
  // The two race.
  const races = endingOf(ending).act !== undefined && endingOf(ending).lastWords !== undefined;
  return {
    number,
    ending,
    atMs: Math.round(atMs),
    keyed,
    repeats: keyed && chance.hits(0.5) ? chance.between(1, 3) : 0,
    runsMs,
    actsAfterMs: races ? Math.max(0, runsMs + chance.between(-300, 300)) : chance.between(0, 1_500),
    patienceMs: chance.hits(0.2) ? chance.between(500, 2_000) : 15_000,
  };
}
