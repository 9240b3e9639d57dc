// One scenario on both clusters at once, and how their answers differ.
import { randomBytes } from 'node:crypto';
import { differencesOf, type Difference } from './differences.ts';
import { NormalForm } from './normal-form.ts';
import { run } from './run.ts';
import { titlesOf, type Scenario } from './scenario.ts';
import type { Target } from './target.ts';

export interface Pair {
  real: Target;
  embedded: Target;
}

/** @throws when a cluster cannot be talked to, or does not come to what a step waits for */
export async function compare(scenario: Scenario, pair: Pair): Promise<Difference[]> {
  // The same on both, and another one each time: deleting the one before may still be going on.
  const namespace = `conformance-${randomBytes(4).toString('hex')}`;
  const answersOf = (name: keyof Pair) =>
    run(scenario, pair[name], namespace).catch((error: unknown) => {
      throw new Error(`${scenario.name} on the ${name} cluster: ${(error as Error).message}`, {
        cause: error,
      });
    });
  // Both to their end, so that nothing goes on when this is over.
  const [real, embedded] = await Promise.allSettled([answersOf('real'), answersOf('embedded')]);
  if (real.status === 'rejected') throw real.reason;
  if (embedded.status === 'rejected') throw embedded.reason;
  const forms = { real: new NormalForm(), embedded: new NormalForm() };
  return titlesOf(scenario).flatMap((title, index) =>
    differencesOf(
      `${scenario.name}: ${title}`,
      forms.real.of(real.value[index]),
      forms.embedded.of(embedded.value[index]),
    ),
  );
}
