// For each right on the list, what needs it, and how that is seen to fail without it: the table of docs/reference/permissions.md.
import { expect } from 'chai';
import { v4 as newId } from 'uuid';
import type { Answer } from '../../support/portico.ts';
import { ask } from '../cases/tenant.ts';
import type { World } from './world.ts';

/** Seen on a Portico that runs: begun, seen to fail while the right is missing, and done when it is given. */
export interface Act<T> {
  /** Ends the sentence "without the right ...". */
  fails: string;
  begin: (world: World) => Promise<T>;
  /** Checks that it is not done. Not called where the right is there. */
  without: (world: World, begun: T) => Promise<void>;
  /** Waits until it is done. */
  done: (world: World, begun: T) => Promise<void>;
  /** Nobody waits for an answer: the log tells when it was tried. */
  inBackground?: boolean;
}

/** Seen on a Portico that is started without it: it is not ready, and is when the right is given. */
export interface Start {
  fails: string;
  isStart: true;
  /** Arranges that it is needed; the name of the Lease to start with. */
  lease: (world: World) => Promise<string>;
}

const act = <T>(of: Act<T>): Act<unknown> => of as Act<unknown>;

const RUNNING = { done: false, error: false, error_text: '' };
const failedWith = (text: string) => ({ done: true, error: true, error_text: text });
const STOPPED = failedWith('signal: killed');

const REFUSED = { error: 'Portico lacks a permission on the cluster: ask its operator (see /readyz)' };

/** What a caller hears: that it is not their fault, and nothing of the cluster's inside. */
function expectRefused({ status, body, headers }: Answer): void {
  expect(status).to.equal(503);
  expect(headers.get('retry-after')).to.equal('30');
  expect(body).to.deep.equal(REFUSED);
}

const START_ERROR =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuchexe": executable file not found in $PATH: unknown';

const PACK_LABELS = { 'app.kubernetes.io/managed-by': 'portico', 'portico.dev/record': 'outcome' };
const LONG_AGO = '2020-01-01T00:00:00.000Z';

const annotationOf = (world: World, jobId: string) =>
  world.api.until(world.path(`jobs?fieldSelector=metadata.name=${jobId}`), ({ metadata }) => {
    return (metadata['annotations'] as Record<string, string> | undefined)?.['portico.dev/outcome'];
  });

const jobIsThere = async (world: World, jobId: string) => (await world.names('jobs')).includes(jobId);
const untilJobIsGone = (world: World, jobId: string) =>
  world.api.untilEvery(world.path(`jobs?fieldSelector=metadata.name=${jobId}`), () => false);

/** The packs in which `text` stands. */
async function packsOf(world: World, text: string): Promise<string[]> {
  const { items } = await world.api.list(world.path('configmaps'));
  return items.filter((pack) => JSON.stringify(pack).includes(text)).map(({ metadata }) => metadata.name);
}

/** Its Job is held until its outcome is kept; then it goes. */
const heldUntilKept = {
  inBackground: true,
  async without(world: World, jobId: string) {
    expect(await jobIsThere(world, jobId)).to.equal(true);
    expect(await packsOf(world, jobId)).to.deep.equal([]);
  },
  async done(world: World, jobId: string) {
    await untilJobIsGone(world, jobId);
    expect(await packsOf(world, jobId)).to.have.length(1);
    expect(await world.outcome(jobId)).to.deep.equal(STOPPED);
  },
};

/** Of a watch or of the lease that the list is needed for. */
const NOT_READY = 'Portico does not become ready, and /readyz names it';
const freshLease = () => Promise.resolve(`lease-${newId()}`);
const notReady = (lease: Start['lease'] = freshLease): Start => ({
  fails: NOT_READY,
  isStart: true,
  lease,
});

/** By "verb resource". */
export const BEHAVIOURS: Record<string, Act<unknown> | Start> = {
  'create jobs': act({
    fails: '/start answers 503, and there is no Job',
    begin: (world) => world.names('jobs'),
    async without(world, before) {
      expectRefused(await world.start());
      expect(await world.names('jobs')).to.deep.equal(before);
    },
    async done(world) {
      expect((await world.start()).status).to.equal(201);
    },
  }),

  'get jobs': act({
    fails: '/query of an id that is not in memory answers 503, not "job not found"',
    begin: () => Promise.resolve(newId()),
    async without(world, jobId) {
      expectRefused(await world.query(jobId));
    },
    async done(world, jobId) {
      expect((await world.query(jobId)).body).to.deep.equal({ error: 'job not found' });
    },
  }),

  'list jobs': notReady(),
  'watch jobs': notReady(),

  'patch jobs': act({
    fails: 'a finished Job keeps its finalizer, and no outcome is written on it',
    inBackground: true,
    async begin(world) {
      const jobId = await world.job();
      await world.node.end(await world.node.pod(jobId), { exitCode: 0 });
      return jobId;
    },
    async without(world, jobId) {
      const { metadata } = await world.api.call('GET', world.path(`jobs/${jobId}`));
      expect(metadata['finalizers']).to.deep.equal(['portico.dev/outcome']);
      expect(metadata['annotations']).not.to.have.property('portico.dev/outcome');
    },
    async done(world, jobId) {
      expect(await annotationOf(world, jobId)).to.include('"state":"succeeded"');
      const { metadata } = await world.api.call('GET', world.path(`jobs/${jobId}`));
      expect(metadata).not.to.have.property('finalizers');
    },
  }),

  'delete jobs': act({
    fails: '/stop answers 503, and the job runs on',
    begin: (world) => world.running(),
    async without(world, { jobId, pod }) {
      expectRefused(await world.stop(jobId));
      const { metadata } = await world.api.call('GET', world.path(`pods/${pod.metadata.name}`));
      expect(metadata).not.to.have.property('deletionTimestamp');
    },
    async done(world, { jobId, pod }) {
      expect((await world.stop(jobId)).body).to.deep.equal({ success: true });
      await world.ended(pod);
      expect(await world.outcome(jobId)).to.deep.equal(STOPPED);
    },
  }),

  'get pods': act({
    fails: 'a job whose executable is missing stays "not done": only its pod names what is missing',
    inBackground: true,
    async begin(world) {
      const jobId = await world.job();
      const pod = await world.node.pod(jobId);
      await world.node.end(pod, { exitCode: 128, reason: 'StartError', message: START_ERROR });
      return jobId;
    },
    async without(world, jobId) {
      expect((await world.query(jobId)).body).to.deep.equal(RUNNING);
    },
    async done(world, jobId) {
      expect(await world.outcome(jobId)).to.deep.equal(
        failedWith('exec: "nosuchexe": executable file not found in $PATH'),
      );
    },
  }),

  'list pods': act({
    fails: 'a stopped job stays "not done": that nothing of it runs is not proved',
    inBackground: true,
    begin: (world) => world.stopped(),
    async without(world, jobId) {
      expect((await world.query(jobId)).body).to.deep.equal(RUNNING);
    },
    async done(world, jobId) {
      expect(await world.outcome(jobId)).to.deep.equal(STOPPED);
    },
  }),

  'delete pods': act({
    fails: 'a pod runs on whose Job was deleted with --cascade=orphan, and its job stays "not done"',
    inBackground: true,
    async begin(world) {
      const { jobId, pod } = await world.running();
      await world.api.call('DELETE', world.path(`jobs/${jobId}`), { propagationPolicy: 'Orphan' });
      return { jobId, pod };
    },
    async without(world, { jobId, pod }) {
      const { metadata } = await world.api.call('GET', world.path(`pods/${pod.metadata.name}`));
      expect(metadata).not.to.have.property('deletionTimestamp');
      expect((await world.query(jobId)).body).to.deep.equal(RUNNING);
    },
    async done(world, { jobId, pod }) {
      await world.ended(pod);
      expect(await world.outcome(jobId)).to.deep.equal(STOPPED);
    },
  }),

  'get pods/log': act({
    fails: 'GET /jobs/ID/logs answers 503',
    begin: (world) => world.running(),
    async without(world, { jobId }) {
      expectRefused(await world.get(`/jobs/${jobId}/logs`));
    },
    async done(world, { jobId }) {
      // Allowed, it goes on to the kubelet, and this node has none.
      expect((await world.get(`/jobs/${jobId}/logs`)).body).not.to.deep.equal(REFUSED);
    },
  }),

  'list events': act({
    fails: 'GET /jobs/ID does not say why a job waits whose pod was refused',
    async begin(world) {
      const metadata = { name: 'none' };
      await world.api.call('POST', world.path('resourcequotas'), { metadata, spec: { hard: { pods: '0' } } });
      await world.api.until(world.path('resourcequotas'), ({ status }) => status?.['hard']);
      const jobId = await world.job();
      const query = `fieldSelector=reason=FailedCreate,involvedObject.name=${jobId}`;
      await world.api.until(world.path(`events?${query}`), () => true);
      return jobId;
    },
    async without(world, jobId) {
      const { body } = await world.get(`/jobs/${jobId}`);
      expect(String(body['waiting'])).not.to.include('quota');
    },
    async done(world, jobId) {
      // What was read a moment ago is answered again.
      await ask(async () =>
        String((await world.get(`/jobs/${jobId}`)).body['waiting']).includes('quota') ? true : undefined,
      );
      await world.api.call('DELETE', world.path('resourcequotas/none'));
      await world.stop(jobId);
    },
  }),

  'create configmaps': act({
    fails: 'the Job of a stopped job is held, since its outcome cannot be kept',
    ...heldUntilKept,
    async begin(world) {
      await world.api.call('DELETE', world.path('configmaps?labelSelector=portico.dev/record=outcome'));
      return world.stopped();
    },
  }),

  'get configmaps': act({
    fails: '/query of an id that is not in memory answers 503 while there are records that are not, either',
    async begin(world) {
      // It carries the label and is no pack, so no replica keeps it in memory.
      const metadata = { generateName: 'stray-', labels: PACK_LABELS };
      const { metadata: made } = await world.api.call('POST', world.path('configmaps'), { metadata });
      return made.name;
    },
    async without(world) {
      expectRefused(await world.query(newId()));
    },
    async done(world, name) {
      expect((await world.query(newId())).body).to.deep.equal({ error: 'job not found' });
      await world.api.call('DELETE', world.path(`configmaps/${name}`));
    },
  }),

  'list configmaps': notReady(),
  'watch configmaps': notReady(),

  'patch configmaps': act({
    fails: 'the Job of a stopped job is held: its outcome cannot be added to those before it',
    ...heldUntilKept,
    async begin(world) {
      // The first of all outcomes begins a pack.
      if ((await packsOf(world, 'portico.dev/record')).length === 0) {
        await untilJobIsGone(world, await world.stopped());
      }
      return world.stopped();
    },
  }),

  'delete configmaps': act({
    fails: 'outcomes whose retention is over stay',
    inBackground: true,
    async begin(world) {
      const { metadata } = await world.api.call('POST', world.path('configmaps'), {
        metadata: {
          generateName: 'over-',
          labels: PACK_LABELS,
          annotations: { 'portico.dev/expires-at': LONG_AGO },
        },
      });
      return metadata.name;
    },
    async without(world, name) {
      expect(await world.names('configmaps')).to.include(name);
    },
    async done(world, name) {
      await world.api.untilEvery(world.path(`configmaps?fieldSelector=metadata.name=${name}`), () => false);
    },
  }),

  'create leases': notReady(),
  'get leases': notReady(),
  'update leases': notReady(async (world) => {
    // One that is there, and that nobody holds.
    const name = await freshLease();
    await world.api.call('POST', world.path('leases'), { metadata: { name }, spec: {} });
    return name;
  }),

  'list nodes': notReady(),
  'watch nodes': notReady(),
};
