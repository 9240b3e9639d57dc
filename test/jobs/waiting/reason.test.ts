import { expect } from 'chai';
import fc from 'fast-check';
import { waitingReason } from '../../../src/jobs/waiting/reason.ts';
import type { Job, KubeEvent, Pod } from '../../../src/kube/wire.ts';
import { jobOf } from '../../support/jobs.ts';
import { noContainer } from './no-container.ts';
import { noNode } from './no-node.ts';
import { noPod } from './no-pod.ts';
import { eventsOf } from './situation.ts';

describe('why a pending job waits', () => {
  for (const each of [...noPod, ...noNode, ...noContainer]) {
    it(`${each.situation}: ${each.sentence ?? 'nothing'}`, () => {
      const job = { ...jobOf(), spec: { suspend: each.suspended ?? false, template: {} } };
      const { pod, nodes } = each;
      expect(waitingReason({ workerId: 'gpu', job, pod, events: eventsOf(each), nodes })).to.equal(
        each.sentence,
      );
    });
  }

  it('the latest event counts, whatever their order and in whichever form they tell their time', () => {
    const event = (message: string, times: Partial<KubeEvent>): KubeEvent => ({
      metadata: {},
      involvedObject: {},
      reason: 'FailedCreate',
      message,
      ...times,
    });
    const events = [
      event('Error creating: in between', { eventTime: '2030-01-01T00:00:02.000000Z' }),
      event('Error creating: latest', {
        eventTime: '2030-01-01T00:00:00.000000Z',
        series: { count: 2, lastObservedTime: '2030-01-01T00:00:03.000000Z' },
      }),
      event('Error creating: first', { lastTimestamp: '2030-01-01T00:00:01Z' }),
    ];
    expect(
      waitingReason({ workerId: 'gpu', job: jobOf(), pod: undefined, events, nodes: undefined }),
    ).to.equal('its pod is refused: latest');
  });

  it('is one line, and never long', () => {
    const message = `Error creating: ${'words\n'.repeat(1_000)}`;
    const events = [{ metadata: {}, involvedObject: {}, reason: 'FailedCreate', message }];
    const sentence = waitingReason({
      workerId: 'gpu',
      job: jobOf(),
      pod: undefined,
      events,
      nodes: undefined,
    });
    expect(sentence).to.have.length.below(600);
    expect(sentence).to.match(/^its pod is refused: words words .*\.\.\.$/);
  });

  it('never throws, whatever stands in pod and events', () => {
    const anything = fc.anything();
    const conditions = fc.array(
      fc.record({ type: fc.constant('PodScheduled'), reason: fc.string(), message: anything }),
    );
    const container = fc.record({
      name: fc.constant('job'),
      state: fc.oneof(anything, fc.record({ waiting: anything })),
    });
    const pod = fc.record({
      spec: fc.oneof(
        anything,
        fc.record({ nodeName: fc.constantFrom(undefined, 'a'), containers: anything }),
      ),
      status: fc.record({
        phase: fc.constant('Pending'),
        conditions: fc.oneof(anything, conditions),
        containerStatuses: fc.oneof(anything, fc.array(container)),
      }),
    });
    fc.assert(
      fc.property(pod, fc.string(), (pod, message) => {
        const events = [{ metadata: {}, involvedObject: {}, reason: 'FailedCreate', message }];
        const pending = { workerId: 'gpu', job: {} as Job, events, nodes: undefined };
        for (const each of [pod as Pod, undefined]) {
          expect(waitingReason({ ...pending, pod: each })).to.satisfy(
            (answer: unknown) => answer === undefined || typeof answer === 'string',
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
