import { expect } from 'chai';
import { has, hasShown } from './answers.ts';
import { parseScenarios, readScenarios, titlesOf } from './scenario.ts';

describe('the scenarios of the conformance run', () => {
  it('are a few hundred operations that can be read', () => {
    const steps = readScenarios().flatMap((scenario) => scenario.steps);
    expect(steps.length).to.be.above(500);
  });

  it('name what is wrong with a step', () => {
    const parse = (step: string) => () => parseScenarios('file', `name:\n  - ${step}\n`);
    expect(parse('{ do: GET x, boddy: {} }')).to.throw(/file\/name, got .*boddy/);
    expect(parse('{ sleep: 5 }')).to.throw(/expected a step of do, watch/);
    expect(() => parseScenarios('file', 'name: {}')).to.throw(/expected steps in file\/name/);
  });

  it('share what begins with a dot, and tell equal steps apart', () => {
    const [scenario, ...others] = parseScenarios(
      'file',
      '.base: &base { a: 1 }\nname:\n  - { do: POST x, body: { <<: *base, b: 2 } }\n  - do: POST x\n',
    );
    expect(others).to.deep.equal([]);
    expect(scenario?.steps[0]).to.deep.equal({ do: 'POST x', body: { a: 1, b: 2 } });
    expect(scenario && titlesOf(scenario)).to.deep.equal(['POST x', 'POST x (2)']);
  });
});

describe('what a step waits for', () => {
  it('is there when the object has it among other things', () => {
    const object = { a: 1, list: [{ type: 'x', more: 1 }, { type: 'y' }], empty: null };
    for (const pattern of [
      {},
      { a: 1 },
      { list: [{ type: 'y' }] },
      { list: { length: 2 } },
      { none: null, empty: null },
    ]) {
      expect(has(object, pattern), JSON.stringify(pattern)).to.equal(true);
    }
    for (const pattern of [{ a: 2 }, { b: 1 }, { list: [{ type: 'z' }] }, { a: null }, { a: { b: 1 } }]) {
      expect(has(object, pattern), JSON.stringify(pattern)).to.equal(false);
    }
  });
});

describe('a watch', () => {
  const object = (uid: string, resourceVersion: string) => ({ metadata: { uid, resourceVersion } });
  const events = [
    { type: 'ADDED', object: object('a', '1') },
    { type: 'BOOKMARK', object: object('', '2') },
    { type: 'ADDED', object: object('b', '3') },
    { type: 'MODIFIED', object: object('a', '4') },
    { type: 'DELETED', object: object('b', '5') },
  ];

  it('has shown what a list says when it has come to each object as it is there, and to the end of all others', () => {
    expect(hasShown(events, [object('a', '4')])).to.equal(true);
    // It may be ahead of the list.
    expect(hasShown(events, [object('a', '1')])).to.equal(true);
    expect(hasShown([], [])).to.equal(true);
  });

  it('has not when it has yet to come to a change, a deletion, or an object', () => {
    expect(hasShown(events, [object('a', '6')])).to.equal(false);
    expect(hasShown(events.slice(0, 4), [object('a', '4')])).to.equal(false);
    expect(hasShown(events, [object('a', '4'), object('c', '7')])).to.equal(false);
    expect(hasShown(events, [])).to.equal(false);
  });
});
