import { expect } from 'chai';
import * as names from '../../../src/devcluster/kinds/names.ts';
import { recorded } from './fixtures.ts';

describe('names, labels and keys', () => {
  const cases = recorded<{ rule: keyof typeof names; value: string; wrong: string[] }>('names');

  for (const [rule, ofRule] of Map.groupBy(cases, (each) => each.rule)) {
    it(`${rule} says what Kubernetes says`, () => {
      for (const { value, wrong } of ofRule) {
        expect(names[rule](value), JSON.stringify(value)).to.deep.equal(wrong);
      }
    });
  }
});
