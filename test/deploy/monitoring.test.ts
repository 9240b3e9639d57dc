// The alerts and the dashboard of the chart ask for metrics that Portico has, by labels that these have.
import { expect } from 'chai';
import { busyMetrics } from '../metrics/support.ts';
import { familiesIn } from '../support/exposition.ts';
import { chartFile } from '../support/values.ts';

/** Prometheus adds these, by where it scraped, and the buckets of histograms have the last. */
const OF_PROMETHEUS = ['namespace', 'service', 'pod', 'le'];

/** By which the template says whose metrics it means. */
const OWN = / *\{\{- \$of -\}\} */g;
/** `name{matchers}` */
const SELECTOR = /\b(portico_\w+?)(?:_bucket)?\{([^}]*)/g;
const LABEL = /(\w+)\s*(?:=~?|!=)/g;

async function labelsByMetric(): Promise<Map<string, Set<string>>> {
  const { text } = await busyMetrics().exposition();
  return new Map(
    familiesIn(text).map(({ name, samples }) => [
      name,
      new Set([...samples.values()].flat().flatMap(({ labels }) => Object.keys(labels))),
    ]),
  );
}

for (const file of ['templates/monitoring/prometheusrule.yaml', 'files/dashboard.json']) {
  describe(file, () => {
    it('asks for metrics that there are, by labels that they have', async () => {
      const known = await labelsByMetric();
      const selectors = [...(await chartFile(file)).replaceAll(OWN, '').matchAll(SELECTOR)];
      expect(selectors).not.to.be.empty;
      for (const [, name = '', matchers = ''] of selectors) {
        expect([...known.keys()]).to.include(name);
        const labels = [...matchers.matchAll(LABEL)].map(([, label]) => label);
        expect([...(known.get(name) ?? []), ...OF_PROMETHEUS]).to.include.members(labels);
      }
    });
  });
}
