import { expect } from 'chai';
import { NotFound, NotReady } from '../../src/controller/errors.ts';
import { WORKER_LABEL } from '../../src/jobs/labels.ts';
import { packOf } from '../../src/jobs/records/outcome-pack.ts';
import { outcomeRecordOf } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import { NotSentError, StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import type { Job, KubeObject, Node, Pod } from '../../src/kube/wire.ts';
import { failed, JOB_ID, jobOf, NAMESPACE, podOf } from '../support/jobs.ts';
import { memoryReads } from '../support/reads.ts';
import { seen } from '../support/records.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const EVENTS = `/api/v1/namespaces/${NAMESPACE}/events`;
const PACKS = '/api/v1/namespaces/portico/configmaps';
const NODES = '/api/v1/nodes';

const PENDING: Job['status'] = { active: 1, ready: 0 };
const COMMAND = { 'portico.dev/command': 'bash', 'portico.dev/path': 'x.sh' };

/** As /start makes it, with two arguments. */
const started = (status: Job['status']): Job => ({
  ...jobOf({ creationTimestamp: '2030-01-01T00:00:00Z', annotations: COMMAND }, status),
  spec: {
    activeDeadlineSeconds: 60,
    template: { spec: { containers: [{ name: 'job', command: ['bash', 'x.sh', '$$HOME', '-v'] }] } },
  },
});

const podOn = (node: string, status: Pod['status']): Pod => ({
  ...podOf({ uid: 'pod-uid' }),
  spec: { nodeName: node, containers: [] },
  status,
});

const nodeOf = (name: string, workerId: string, ready = true, spec: Node['spec'] = {}): Node => ({
  metadata: { name, labels: { 'portico.dev/worker-id': workerId } },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
});

const eventAbout = (uid: string, reason: string, message: string) =>
  ({
    metadata: { name: `${uid}-${reason}` },
    involvedObject: { uid },
    reason,
    message,
  }) as unknown as KubeObject;

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('reading one job', () => {
  let world: ReturnType<typeof memoryReads>;
  beforeEach(() => {
    world = memoryReads();
  });

  function put(job: Job) {
    const record = seenJob(world.api.put(JOBS, job));
    if (record) world.store.jobs.apply('ADDED', record);
  }
  const find = async (jobId = JOB_ID) => (await world.reads.find(jobId)).details;

  it('tells what it runs, where, and since when', async () => {
    put(started({ active: 1, ready: 1 }));
    const running = { name: 'job', state: { running: { startedAt: '2030-01-01T00:00:02Z' } } };
    world.api.put(PODS, podOn('gpu-1', { phase: 'Running', containerStatuses: [running as never] }));
    expect(await find()).to.deep.equal({
      command: 'bash',
      path: 'x.sh',
      args: ['$HOME', '-v'],
      timeoutSeconds: 60,
      startedAt: '2030-01-01T00:00:02Z',
      pod: `${JOB_ID}-x1`,
      node: 'gpu-1',
    });
    expect(world.api.calls).to.have.members([`GET ${JOBS}/${JOB_ID}`, `GET ${PODS}`]);
  });

  it('tells who started it, where that is known', async () => {
    const job = started({ active: 1, ready: 1 });
    const annotations = { ...COMMAND, 'portico.dev/started-by': 'system:serviceaccount:ci:runner' };
    put({ ...job, metadata: { ...job.metadata, annotations } });
    expect(await find()).to.include({ startedBy: 'system:serviceaccount:ci:runner' });
  });

  it('tells how it ended as it was written on it', async () => {
    const outcome = {
      state: 'failed',
      errorText: 'exit status 3',
      exitCode: 3,
      reason: 'Error',
      log: 'oops',
    };
    const job = started(failed(3));
    put({
      ...job,
      metadata: {
        ...job.metadata,
        annotations: { ...COMMAND, 'portico.dev/outcome': JSON.stringify(outcome) },
      },
    });
    expect(await find()).to.deep.include({ exitCode: 3, reason: 'Error', log: 'oops', command: 'bash' });
  });

  it('never contradicts what was said of its end', async () => {
    put(started(failed(3)));
    const outcome = { state: 'stopped', errorText: 'signal: killed', signal: 9, log: 'oops' };
    const job = started(failed(3));
    world.api.put(JOBS, {
      ...job,
      metadata: { ...job.metadata, annotations: { 'portico.dev/outcome': JSON.stringify(outcome) } },
    });
    const { record, details } = await world.reads.find(JOB_ID);
    expect(record).to.include({ state: 'failed', errorText: 'exit status 3' });
    expect(details).to.include({ exitCode: 3 }).and.not.have.any.keys('signal', 'log');
  });

  it('tells from its record of one that is gone', async () => {
    const record = outcomeRecordOf(started(PENDING), stoppedOutcome('2030-01-01T00:00:10Z'));
    world.api.put(PACKS, packOf('outcomes-1', 'portico', Date.parse('2031-01-01'), [record]));
    const view = await world.reads.find(JOB_ID);
    expect(view.record).to.include({
      state: 'stopped',
      createdAt: Date.parse('2030-01-01T00:00:00Z') / 1000,
      finishedAt: Date.parse('2030-01-01T00:00:10Z') / 1000,
    });
    expect(view.details).to.deep.equal({ command: 'bash', path: 'x.sh', signal: 9 });
  });

  it('tells why a pending one waits: from the events about its Job while it has no pod', async () => {
    put(started(PENDING));
    const refusal = 'exceeded quota: jobs, requested: pods=1, used: pods=5, limited: pods=5';
    world.api.put(
      EVENTS,
      eventAbout('job-uid', 'FailedCreate', `Error creating: pods "x" is forbidden: ${refusal}`),
    );
    world.api.put(EVENTS, eventAbout('other', 'FailedCreate', 'Error creating: something else'));
    expect((await find()).waiting).to.match(/^quota jobs is used up/);
  });

  it('tells why a pending one waits: from its pod, the events about that and the nodes of its pool', async () => {
    put(started(PENDING));
    const unscheduled = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/1 nodes ...',
    };
    world.api.put(PODS, {
      ...podOf({ uid: 'pod-uid' }),
      spec: { containers: [] },
      status: { phase: 'Pending', conditions: [unscheduled] },
    } as Pod);
    expect((await find()).waiting).to.equal('pool local has no node');
    await world.clock.advance(5_000);
    world.api.put(EVENTS, eventAbout('pod-uid', 'TriggeredScaleUp', 'pod triggered scale-up'));
    expect((await find()).waiting).to.equal('pool local is scaling up');
  });

  it('tells why it waits as far as its rights go: without events when these may not be read', async () => {
    put(started(PENDING));
    world.api.failNext(/events$/, new StatusError(403, { reason: 'Forbidden' }));
    expect((await find()).waiting).to.equal('its pod is not created yet');
  });

  it('asks once for all who ask within a moment, and again when something was heard of it', async () => {
    put(started(PENDING));
    await Promise.all([find(), find(), find()]);
    await find();
    const once = [`GET ${JOBS}/${JOB_ID}`, `GET ${PODS}`, `GET ${EVENTS}`];
    expect(world.api.calls).to.have.members(once);
    put(started({ active: 1, ready: 1 }));
    await find();
    expect(world.api.calls).to.have.members([...once, ...once.slice(0, 2)]);
    await world.clock.advance(2_001);
    await find();
    expect(world.api.calls).to.have.members([...once, ...once.slice(0, 2), ...once.slice(0, 2)]);
  });

  it('answers from memory, and tells so, while the API server does not', async () => {
    put(started({ active: 1, ready: 1 }));
    for (const error of [new UnreachableError('x'), new NotSentError('x', 1), new StatusError(503, {})]) {
      world.api.failNext(/jobs/, error);
      const { record, details, ageMs } = await world.reads.find(JOB_ID);
      expect([record.state, details, ageMs]).to.deep.equal(['running', {}, 0]);
    }
    world.memory.ageMs = 7_000;
    expect((await world.reads.find(JOB_ID)).ageMs).to.equal(7_000);
  });

  it('says when the API server refuses for good: its operator has to look', async () => {
    put(started({ active: 1, ready: 1 }));
    world.api.failNext(/pods/, new StatusError(403, {}));
    expect(await refusalOf(find())).to.be.instanceOf(StatusError);
  });

  it('answers a storm of questions about many jobs, some of them from memory alone', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `job-${String(index)}`);
    world.store.jobs.replace(ids.map((name) => seen({ name })));
    const views = await Promise.all(ids.map((id) => world.reads.find(id)));
    expect(views.map(({ record }) => record.name)).to.deep.equal(ids);
    expect(views.filter(({ ageMs }) => ageMs === 0)).to.have.length.above(400);
    expect(world.api.calls).to.have.length.below(200);
  });

  it('looks for one that it does not know, and says so when there is none', async () => {
    expect(await refusalOf(find())).to.be.instanceOf(NotFound);
    world.api.put(JOBS, started(PENDING));
    expect(await find()).to.include({ command: 'bash' });
  });

  it('asks nothing about what can be no job of ours', async () => {
    for (const id of ['../../nodes', '__proto__', 'x'.repeat(300), 'a\0', '', JOB_ID.toUpperCase()]) {
      expect(await refusalOf(find(id)), id).to.be.instanceOf(NotFound);
    }
    expect(world.api.calls).to.deep.equal([]);
  });

  it('says nothing before everything is in memory', async () => {
    world.memory.synced = false;
    expect(await refusalOf(find())).to.be.instanceOf(NotReady);
    expect(() => world.reads.list({}, 1)).to.throw(NotReady);
    expect(() => world.reads.watch({})).to.throw(NotReady);
    expect(await refusalOf(world.reads.workers())).to.be.instanceOf(NotReady);
  });
});

describe('reading the workers', () => {
  let world: ReturnType<typeof memoryReads>;
  beforeEach(() => {
    world = memoryReads();
  });

  it('tells of those that are declared, have a node, or a job on record', async () => {
    const { api, store, reads } = world;
    api.put(NODES, nodeOf('gpu-2', 'gpu', false, { unschedulable: true }));
    api.put(NODES, nodeOf('gpu-1', 'gpu'));
    const taints = [
      { key: WORKER_LABEL, value: 'gpu', effect: 'NoSchedule' },
      { key: 'maintenance', effect: 'NoExecute' },
    ];
    api.put(NODES, nodeOf('gpu-3', 'gpu', true, { taints }));
    api.put(NODES, { metadata: { name: 'control-plane' } });
    store.jobs.replace([
      seen({ name: 'a', workerId: 'gpu', state: 'pending', createdAt: 1 }),
      seen({ name: 'b', workerId: 'gpu', state: 'failed', createdAt: 2 }),
      seen({ name: 'c', workerId: 'retired', state: 'succeeded' }),
    ]);
    const { items } = await reads.workers();
    expect(items.map(({ workerId, declared }) => [workerId, declared])).to.deep.equal([
      ['declared', true],
      ['gpu', false],
      ['retired', false],
    ]);
    const [declared, gpu, retired] = items;
    expect(declared).to.deep.include({ nodes: [], lastJobAt: 0 });
    expect(gpu?.nodes).to.have.deep.members([
      { name: 'gpu-1', ready: true, schedulable: true },
      { name: 'gpu-2', ready: false, schedulable: false },
      { name: 'gpu-3', ready: true, schedulable: false, taints: ['maintenance:NoExecute'] },
    ]);
    expect(gpu?.counts).to.include({ pending: 1, failed: 1, succeeded: 0 });
    expect(gpu?.lastJobAt).to.equal(Date.parse('2030-01-01T00:00:02Z') / 1000);
    expect(retired?.counts).to.include({ succeeded: 1 });
  });

  it('reads the nodes once for all who ask within a moment', async () => {
    await Promise.all([world.reads.workers(), world.reads.workers()]);
    await world.reads.workers();
    expect(world.api.calls).to.deep.equal([`GET ${NODES}`]);
    await world.clock.advance(3_001);
    await world.reads.workers();
    expect(world.api.calls).to.deep.equal([`GET ${NODES}`, `GET ${NODES}`]);
  });

  it('knows the nodes by name alone, and tells so, while the API server does not answer', async () => {
    world.pools.replace([{ name: 'gpu-1', workerId: 'gpu' }]);
    world.api.failNext(/nodes/, new UnreachableError('x'));
    const { items, ageMs } = await world.reads.workers();
    expect(items.find(({ workerId }) => workerId === 'gpu')?.nodes).to.deep.equal([{ name: 'gpu-1' }]);
    expect(ageMs).to.equal(0);
  });
});
