// Cases of one file that wait for the cluster most of their time, and so do it together. Each keeps an `it` of its own.

/** All begin with the first of them that mocha runs; each `it` is how its own ended. */
export function sideBySide(cases: Record<string, () => Promise<unknown>>): void {
  let runs: Map<string, Promise<unknown>> | undefined;
  for (const name of Object.keys(cases)) {
    it(name, async () => {
      runs ??= begin(cases);
      await runs.get(name);
    });
  }
}

function begin(cases: Record<string, () => Promise<unknown>>): Map<string, Promise<unknown>> {
  const runs = Object.entries(cases).map(([name, run]) => [name, run()] as const);
  // Its own `it` tells, when its turn comes.
  for (const [, run] of runs) run.catch(() => undefined);
  return new Map(runs);
}
