// Which replica settles Jobs, and what the others do.
import { expect } from 'chai';
import type { Controller } from '../../src/controller/controller.ts';
import { recordOf } from '../../src/jobs/job-record.ts';
import type { ApiClient } from '../../src/kube/api-client.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import type { Job, Lease } from '../../src/kube/wire.ts';
import { controllerOn } from '../support/controller.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { complete, JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const JOB = `${JOBS}/${JOB_ID}`;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/portico/leases';
const LEASE = `${LEASES}/portico`;

describe('a replica', () => {
  let api: MemoryApi;
  let clock: FakeClock;
  let ends: (() => Promise<void>)[];
  let isCut: boolean;
  beforeEach(() => {
    api = new MemoryApi();
    clock = fakeClock();
    ends = [];
    isCut = false;
  });
  afterEach(async () => {
    isCut = false;
    for (const end of ends) await end();
  });

  /** The first that is started can be cut off. */
  async function start(identity: string): Promise<Controller> {
    const isFirst = ends.length === 0;
    const client: ApiClient = {
      request: (call) => (isFirst && isCut ? Promise.reject(new UnreachableError('cut')) : api.request(call)),
      lines: (call) => api.lines(call),
      bytes: (call) => api.bytes(call),
    };
    const controller = controllerOn({ client, clock, identity });
    const stop = new AbortController();
    const running = controller.run(stop.signal);
    ends.push(async () => {
      stop.abort();
      await running;
    });
    await clock.advance(0);
    return controller;
  }
  const finalizers = () => api.get<Job>(JOB)?.metadata?.finalizers;
  const holder = () => api.get<Lease>(LEASE)?.spec?.holderIdentity;
  const heldBySomebody = () =>
    api.put(LEASES, {
      metadata: { name: 'portico' },
      spec: { holderIdentity: 'somebody', leaseDurationSeconds: 15 },
    } as Lease);

  it('that finds the lease free settles at once what is unsettled', async () => {
    api.put(JOBS, jobOf({}, complete()));
    await start('a');
    expect([finalizers(), holder()]).to.deep.equal([[], 'a']);
  });

  it('that does not lead serves, and writes nothing but what it is asked to', async () => {
    heldBySomebody();
    api.put(JOBS, jobOf({}, complete()));
    const controller = await start('a');
    expect(await controller.jobService.query('local', JOB_ID)).to.include({ done: true });
    expect(controller.notReadyReasons()).to.deep.equal([]);
    await clock.advance(10_000);
    expect(api.calls.filter((call) => /^(POST|PUT|PATCH|DELETE)/.test(call))).to.deep.equal([]);
  });

  it('that comes to lead settles all that it has seen since it began', async () => {
    heldBySomebody();
    api.put(JOBS, jobOf({}, complete()));
    await start('a');
    await clock.advance(16_000);
    expect([finalizers(), holder()]).to.deep.equal([[], 'a']);
  });

  it('that leads and is told to stop hands over to the next at once', async () => {
    await start('a');
    await start('b');
    await ends.shift()?.();
    await clock.advance(1_000);
    expect(holder()).to.equal('b');
  });

  it('that leads and is cut off does nothing more, and is replaced', async () => {
    const first = await start('a');
    await start('b');
    isCut = true;
    await clock.advance(12_000);
    isCut = false;
    // It could write again, but has no lease to do it on. The other one may not yet.
    first.store.jobs.apply('ADDED', {
      name: JOB_ID,
      record: recordOf({ name: JOB_ID, uid: 'u', workerId: 'local' }, { state: 'succeeded', errorText: '' }),
      unsettled: jobOf({}, complete()),
    });
    api.calls.length = 0;
    await clock.advance(0);
    expect(api.calls.filter((call) => call.startsWith('PATCH'))).to.deep.equal([]);
    isCut = true;
    await clock.advance(5_000);
    expect(holder()).to.equal('b');
  });

  it('that finds the API server away says how old its answers are, before its watches notice', async () => {
    const controller = await start('a');
    api.put(JOBS, jobOf());
    expect(await controller.jobService.query('local', JOB_ID)).to.not.have.property('ageMs');
    isCut = true;
    await clock.advance(5_000);
    for (let tries = 0; tries < 2; tries++) {
      await controller.jobService.stop('local', JOB_ID).catch(() => undefined);
    }
    expect(await controller.jobService.query('local', JOB_ID)).to.deep.include({ done: false, ageMs: 5_000 });
  });

  it('that does not lead takes back itself what it has started without knowing', async () => {
    heldBySomebody();
    const controller = await start('a');
    api.failNext(/^POST .*jobs/, new UnreachableError('reset'), 'after');
    api.failNext(/^GET .*jobs\//, new UnreachableError('reset'));
    const request = { workerId: 'local', command: 'bash', path: 'x', args: [], env: {} };
    const failed = controller.jobService.start(request).then(
      () => false,
      () => true,
    );
    await clock.advance(10_000);
    expect(await failed).to.equal(true);
    expect(api.get<Job>(JOB)?.metadata?.deletionTimestamp).to.be.a('string');
  });
});
