import { expect } from 'chai';
import { EVENTS, NAMESPACES, NODES } from '../../../src/devcluster/kinds/index.ts';
import { Events, type KubeEvent } from '../../../src/devcluster/events.ts';
import type { Stored } from '../../../src/devcluster/objects.ts';
import { silent } from '../../../src/base/logger.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';
import { TestCluster } from './support.ts';

const HOUR = 3_600_000;

describe('events of the embedded cluster', () => {
  let cluster: TestCluster;
  let events: Events;
  beforeEach(() => {
    cluster = new TestCluster();
    events = new Events(cluster.objects, cluster.clock, silent);
  });
  afterEach(async () => {
    events.stop();
    await cluster.close();
  });

  const stored = (namespace?: string) => cluster.objects.list<Stored<KubeEvent>>(EVENTS, namespace);
  const said = { type: 'Normal', reason: 'Started', message: 'Started container job' } as const;
  const node = () => cluster.addNode('local');

  it('say what happened, to what, and who says so', async () => {
    const job = await cluster.startJob('j');
    const [event] = stored('default').filter(({ involvedObject }) => involvedObject.kind === 'Job');
    expect(event).to.deep.include({
      type: 'Normal',
      reason: 'SuccessfulCreate',
      source: { component: 'job-controller' },
      reportingComponent: 'job-controller',
      count: 1,
      firstTimestamp: '2030-01-01T00:00:00Z',
      lastTimestamp: '2030-01-01T00:00:00Z',
    });
    expect(event?.involvedObject).to.include({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace: 'default',
      name: 'j',
      uid: job.metadata.uid,
    });
    expect(event?.metadata.name).to.match(/^j\.[0-9a-f]+$/);
  });

  it('that say the same again count up the first', async () => {
    const about = node();
    events.record('kubelet', about, said, 'local');
    await cluster.advance(60_000);
    events.record('kubelet', about, said, 'local');
    events.record('kubelet', about, { ...said, message: 'something else' }, 'local');
    expect(
      stored().map(({ message, count, firstTimestamp, lastTimestamp }) => ({
        message,
        count,
        firstTimestamp,
        lastTimestamp,
      })),
    ).to.deep.equal([
      {
        message: said.message,
        count: 2,
        firstTimestamp: '2030-01-01T00:00:00Z',
        lastTimestamp: '2030-01-01T00:01:00Z',
      },
      {
        message: 'something else',
        count: 1,
        firstTimestamp: '2030-01-01T00:01:00Z',
        lastTimestamp: '2030-01-01T00:01:00Z',
      },
    ]);
  });

  it('about what has no namespace are in default', () => {
    events.record('kubelet', node(), said);
    expect(stored('default')).to.have.length(1);
  });

  it('are forgotten an hour after they were last seen', async () => {
    const about = node();
    events.record('kubelet', about, said);
    await cluster.advance(HOUR / 2);
    events.record('kubelet', about, said);
    await cluster.advance(HOUR - 1);
    expect(stored()).to.have.length(1);
    await cluster.advance(1);
    expect(stored()).to.deep.equal([]);
    events.record('kubelet', about, said);
    expect(stored()).to.have.length(1);
  });

  it('of clients, and of a run before, are forgotten too', async () => {
    cluster.objects.create<KubeEvent>(EVENTS, 'default', {
      metadata: { name: 'theirs', namespace: 'default' },
      involvedObject: { kind: 'Node', name: 'local' },
      lastTimestamp: '2030-01-01T00:00:00Z',
    });
    events.record('kubelet', node(), said);
    events.stop();
    await cluster.stop();
    await cluster.clock.advance(HOUR / 2);
    const next = new Events(cluster.objects, cluster.clock, silent);
    await cluster.clock.advance(HOUR / 2);
    next.stop();
    expect(stored()).to.deep.equal([]);
  });

  it('that cannot be written are left out', () => {
    cluster.objects.create<KubeObject>(NAMESPACES, undefined, { metadata: { name: 'team' } });
    cluster.objects.delete(NAMESPACES, undefined, 'team', {});
    const about = cluster.objects.get(NODES, undefined, 'local') ?? node();
    events.record('kubelet', { ...about, metadata: { ...about.metadata, namespace: 'team' } }, said);
    expect(stored()).to.deep.equal([]);
  });
});
