// What Kubernetes takes as a label and as the name of an environment variable.
import { expect } from 'chai';
import { isEnvName, isLabelKey, isLabelValue } from '../../src/jobs/labels.ts';

const a = (count: number) => 'a'.repeat(count);
const cases = (what: string, accepts: (text: string) => boolean, good: string[], bad: string[]) => {
  describe(what, () => {
    for (const text of good)
      it(`takes ${JSON.stringify(text)}`, () => {
        expect(accepts(text)).to.equal(true);
      });
    for (const text of bad)
      it(`refuses ${JSON.stringify(text)}`, () => {
        expect(accepts(text)).to.equal(false);
      });
  });
};

cases(
  "a label's value",
  isLabelValue,
  ['', 'a', 'A9', 'gpu-pool_1.large', a(63)],
  ['-a', 'a-', '.', 'a b', 'a/b', 'é', 'a\n', '\0', a(64), '../../nodes'],
);

cases(
  "a label's key",
  isLabelKey,
  ['a', 'App_1', 'portico.dev/worker-id', `${a(253)}/${a(63)}`, 'x/y'],
  ['', '/', '/a', 'a/', 'A/b', 'a/b/c', 'a..b/c', '-a/b', `${a(254)}/b`, `a/${a(64)}`, 'a b', 'a\n'],
);

cases(
  'the name of an environment variable',
  isEnvName,
  ['A', '_', 'my.env-name', '-', 'a..b', '.a', '__proto__'],
  ['', '.', '..', '..a', '1A', 'A=B', 'A B', 'é', 'A\n', 'A\0'],
);
