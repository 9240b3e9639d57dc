import { expect } from 'chai';
import { statesOf } from './states.ts';

const job = (type: string, status: object, metadata: object = {}) => ({
  type,
  object: { kind: 'Job', metadata: { name: 'j', uid: 'u', ...metadata }, status },
});
const event = (component: string, reason: string, form: object = { source: { component } }) => ({
  type: 'ADDED',
  object: {
    kind: 'Event',
    metadata: { name: `e.${reason}`, uid: reason },
    involvedObject: { kind: 'Job', name: 'j' },
    type: 'Normal',
    reason,
    message: 'said',
    ...form,
  },
});

describe('the states of a watch', () => {
  it('are the values that each part went through, however many writes that took', () => {
    const failed = { type: 'Failed', status: 'True', reason: 'R', message: 'M' };
    const inOne = [
      job('ADDED', {}),
      job('MODIFIED', { active: 1 }),
      job('MODIFIED', { failed: 1, conditions: [failed] }),
    ];
    const inMore = [
      job('ADDED', {}),
      job('MODIFIED', { active: 1 }),
      job('MODIFIED', { active: 1, ready: 1 }),
      job('MODIFIED', { failed: 1 }),
      job('MODIFIED', { failed: 1, conditions: [failed] }),
    ];
    expect(statesOf(inOne)).to.deep.equal(statesOf(inMore));
    expect(statesOf(inOne)[0]?.parts).to.deep.include({
      active: [0, 1, 0],
      conditions: ['', 'Failed True R M'],
    });
  });

  it('tell a deletion from its end', () => {
    const events = [
      job('ADDED', {}, { finalizers: ['f'] }),
      job('MODIFIED', {}, { finalizers: ['f'], deletionTimestamp: 'now' }),
      job('DELETED', {}, { deletionTimestamp: 'now' }),
    ];
    expect(statesOf(events)[0]?.parts).to.deep.include({
      life: ['there', 'going', 'gone'],
      finalizers: ['f'],
    });
  });

  it('of a pod are its phase, its container, its node and why it was disrupted', () => {
    const pod = (phase: string, state: object, conditions: object[] = []) => ({
      type: 'MODIFIED',
      object: {
        kind: 'Pod',
        metadata: { name: 'p', uid: 'u' },
        spec: { nodeName: 'n' },
        status: { phase, conditions, containerStatuses: [{ state }] },
      },
    });
    const [seen] = statesOf([
      pod('Pending', { waiting: { reason: 'ContainerCreating' } }),
      pod('Running', { running: {} }),
      pod('Failed', { terminated: { exitCode: 3, reason: 'Error' } }, [
        { type: 'DisruptionTarget', reason: 'R', message: 'M' },
      ]),
    ]);
    expect(seen?.parts).to.deep.include({
      phase: ['Pending', 'Running', 'Failed'],
      container: ['running', 'terminated Error 3'],
      scheduled: [true],
      disrupted: ['R M'],
    });
  });

  it('of events are what is said of an object, by whom, in either form', () => {
    const older = [event('b', 'First'), event('b', 'Second'), event('a', 'Other')];
    const newer = [
      event('a', 'Other', { reportingComponent: 'a' }),
      event('b', 'First', { reportingComponent: 'b', count: 1 }),
      event('b', 'Second', { reportingComponent: 'b' }),
    ];
    expect(statesOf(older)).to.deep.equal(statesOf(newer));
    expect(statesOf(older).map(({ name, parts }) => [name, parts['said']])).to.deep.equal([
      ['a on Job j', ['Normal Other said']],
      ['b on Job j', ['Normal First said', 'Normal Second said']],
    ]);
  });
});
