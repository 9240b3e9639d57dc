// Scenarios as a suite of mocha: they run side by side, a few at a time, and each test waits for its own.
import { expect } from 'chai';
import { startClusters, type Clusters } from './clusters.ts';
import { compare } from './compare.ts';
import { judge, shown, type Difference, type Expected } from './differences.ts';
import { readExpected } from './expected.ts';
import { readScenarios, type Scenario } from './scenario.ts';

const AT_A_TIME = 8;

export function describeScenarios(title: string, wanted: (scenario: Scenario) => boolean): void {
  describe(title, () => {
    const scenarios = readScenarios().filter(wanted);
    const expected = readExpected();
    const met = new Set<Expected>();
    let clusters: Clusters;
    let found: Map<Scenario, Promise<Difference[]>>;
    before(async function () {
      clusters = await startClusters(this, { needsNode: scenarios.some((each) => each.needsNode) });
      found = runAll(scenarios, clusters);
    });
    after(async () => {
      await Promise.allSettled(found?.values() ?? []);
      await clusters?.stop();
    });

    for (const scenario of scenarios) {
      it(`${scenario.name} is the same on both`, async () => {
        const judged = judge((await found.get(scenario)) ?? [], expected);
        for (const each of judged.met) met.add(each);
        expect(judged.unexpected.map(shown).join('\n')).to.equal('');
      });
    }

    it('no difference is expected that is gone', () => {
      const names = scenarios.map(({ name }) => name);
      const here = expected.filter(({ operations }) => operations.some((pattern) => isAbout(pattern, names)));
      expect(here.filter((each) => !each.chance && !met.has(each))).to.deep.equal([]);
    });
  });
}

/** Whether an operation that the pattern names is one of these scenarios'; of any scenario, it may be another suite's. */
const isAbout = (pattern: string, names: readonly string[]): boolean => {
  const [file = ''] = pattern.split('/', 1);
  return !file.includes('*') && names.some((name) => name.startsWith(`${file}/`));
};

/** In the order of their tests, so that the first are soon done. */
function runAll(scenarios: readonly Scenario[], clusters: Clusters): Map<Scenario, Promise<Difference[]>> {
  const found = new Map<Scenario, Promise<Difference[]>>();
  const lanes = Array.from({ length: AT_A_TIME }, () => Promise.resolve());
  scenarios.forEach((scenario, index) => {
    const lane = index % AT_A_TIME;
    const result = (lanes[lane] ?? Promise.resolve()).then(() => compare(scenario, clusters));
    // A failure is its own test's; the next scenario runs all the same.
    lanes[lane] = result.then(
      () => undefined,
      () => undefined,
    );
    found.set(scenario, result);
  });
  return found;
}
