import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { type Change, Changes } from '../../src/controller/cache/changes.ts';
import { seen } from '../support/records.ts';

const change = (name: string): Change => ({ before: undefined, now: seen({ name }).record });
const nameOf = (change: Change | undefined) => change?.now?.name;

describe('the changes of jobs', () => {
  it('are read one after the other, each by who has not come so far', () => {
    const changes = new Changes();
    expect([changes.latest, changes.has(0), changes.after(0)]).to.deep.equal([0, true, undefined]);
    for (const name of ['a', 'b']) changes.add(change(name));
    expect([0, 1, 2].map((number) => nameOf(changes.after(number)))).to.deep.equal(['a', 'b', undefined]);
    expect(changes.latest).to.equal(2);
  });

  it('are kept up to a bound: who comes later is told so', () => {
    const changes = new Changes(3);
    for (const name of ['a', 'b', 'c', 'd', 'e']) changes.add(change(name));
    expect([1, 2, 5, 6].map((number) => changes.has(number))).to.deep.equal([false, true, true, false]);
    expect([2, 3, 4].map((number) => nameOf(changes.after(number)))).to.deep.equal(['c', 'd', 'e']);
  });

  it('that come together wake a follower once, and none that has left', async () => {
    const changes = new Changes();
    const woken: string[] = [];
    changes.follow(() => woken.push('stayed'));
    const leave = changes.follow(() => woken.push('left'));
    changes.add(change('a'));
    changes.add(change('b'));
    leave();
    expect(woken).to.deep.equal([]);
    await setImmediate();
    expect(woken).to.deep.equal(['stayed']);
    changes.add(change('c'));
    await setImmediate();
    expect(woken).to.deep.equal(['stayed', 'stayed']);
  });
});
