import { expect } from 'chai';
import { FINALIZER, OUTCOME_ANNOTATION } from '../../src/jobs/labels.ts';
import { packExpiry } from '../../src/jobs/records/outcome-pack.ts';
import { parseOutcome } from '../../src/jobs/outcome/outcome.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import { isConflict, StatusError } from '../../src/kube/api-errors.ts';
import type { Job } from '../../src/kube/wire.ts';
import { complete, failed, JOB_ID, jobOf, podOf } from '../support/jobs.ts';
import { JOB, JOBS, PODS, RETENTION_MS, settling } from './settling.ts';

const OTHER_ID = JOB_ID.replace('b2', 'c3');

describe('the reconciler', () => {
  let { api, store, reconciler, clock, endings, observe, settle, goes, recorded, packsThere } = settling();
  beforeEach(setUp);
  function setUp() {
    ({ api, store, reconciler, clock, endings, observe, settle, goes, recorded, packsThere } = settling());
  }
  const annotated = () => parseOutcome(api.get<Job>(JOB)?.metadata?.annotations?.[OUTCOME_ANNOTATION]);

  it('leaves a running job alone', async () => {
    api.put(JOBS, jobOf());
    await settle();
    expect(api.calls).to.deep.equal([]);
  });

  it('settles a job that succeeded with one write and no read', async () => {
    api.put(JOBS, jobOf({}, complete()));
    await settle();
    expect(api.calls).to.deep.equal([`PATCH ${JOB}`]);
    expect(api.get<Job>(JOB)?.metadata?.finalizers).to.deep.equal([]);
    expect(annotated()).to.include({ state: 'succeeded', errorText: '', exitCode: 0 });
  });

  it('settles a job that failed with one read of its pod, and keeps the log tail and the reason', async () => {
    api.put(JOBS, jobOf({}, failed(137)));
    const terminated = { exitCode: 137, reason: 'OOMKilled', message: 'the last words' };
    api.put(PODS, {
      ...podOf(),
      status: { containerStatuses: [{ name: 'job', state: { terminated } }] },
    } as never);
    await settle();
    expect(api.calls).to.deep.equal([`GET ${PODS}/${JOB_ID}-x1`, `PATCH ${JOB}`]);
    expect(annotated()).to.include({
      errorText: 'signal: killed',
      reason: 'OOMKilled',
      log: 'the last words',
    });
  });

  it('tells of each ending once', async () => {
    api.put(JOBS, jobOf({}, failed(3)));
    await settle();
    await settle();
    expect(endings).to.deep.equal(['local exit_status']);
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z', uid: 'another' }));
    await settle();
    await settle();
    expect(endings).to.deep.equal(['local exit_status', 'local stopped']);
  });

  it('keeps the finalizers of others', async () => {
    api.put(JOBS, jobOf({ finalizers: ['example.com/other', FINALIZER] }, complete()));
    await settle();
    expect(api.get<Job>(JOB)?.metadata?.finalizers).to.deep.equal(['example.com/other']);
  });

  it('does not take the finalizer off when a delete came in between', async () => {
    api.put(JOBS, jobOf({}, complete()));
    observe();
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:09Z' }, complete()));
    const error: unknown = await reconciler.reconcile(JOB_ID).catch((error: unknown) => error);
    expect(isConflict(error)).to.equal(true);
    await settle();
    expect(recorded()).to.include({ state: 'succeeded' });
    expect(api.get(JOB)).to.equal(undefined);
  });

  it('upgrades a Background delete to Foreground, and waits for the garbage collector', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    api.put(PODS, podOf());
    await settle();
    expect(api.get<Job>(JOB)?.metadata?.finalizers).to.include('foregroundDeletion');
    expect(recorded()).to.equal(undefined);
    expect(store.find(JOB_ID)).to.include({ state: 'stopping' });
  });

  it('records a deleted job as stopped when its pods are gone, and only then lets it go', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    await settle();
    expect(recorded()).to.include({ state: 'stopped', errorText: 'signal: killed' });
    expect(api.get(JOB)).to.equal(undefined);
    expect(store.find(JOB_ID)).to.include({ state: 'stopped', errorText: 'signal: killed' });
    expect(store.unrecorded(JOB_ID)).to.equal(undefined);
  });

  it('ends the pods that an Orphan delete left running', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    api.put(PODS, podOf({ owned: false }));
    observe();
    expect(await reconciler.reconcile(JOB_ID)).to.have.key('after');
    expect(api.list(PODS)).to.deep.equal([]);
    await settle();
    expect(recorded()).to.include({ state: 'stopped' });
  });

  it('waits for pods that are ending', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    api.put(PODS, podOf({ deletionTimestamp: '2030-01-01T00:00:06Z' }));
    observe();
    expect(await reconciler.reconcile(JOB_ID)).to.have.key('after');
    expect(recorded()).to.equal(undefined);
  });

  it('goes on where it was cut off, between any two calls', async () => {
    for (const matches of [/^GET .*pods/, /^PATCH .*jobs/, /^POST .*configmaps/]) {
      for (const when of ['before', 'after'] as const) {
        setUp();
        api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
        api.failNext(matches, new StatusError(500, { message: 'cut off' }), when);
        observe();
        await reconciler.reconcile(JOB_ID).catch(() => undefined);
        await settle();
        expect(recorded()).to.include({ state: 'stopped' });
        expect(api.get(JOB)).to.equal(undefined);
      }
    }
  });

  it('records a job whose guard was taken off by force, when its pods are gone', async () => {
    const job = api.put(JOBS, jobOf());
    observe();
    api.put(PODS, podOf());
    goes(job);
    expect(await reconciler.reconcile(JOB_ID)).to.have.key('after');
    await settle();
    expect(recorded()).to.include({ state: 'stopped', errorText: 'signal: killed' });
    expect(api.list(PODS)).to.deep.equal([]);
  });

  it('makes no guess at a job that went while no watch looked: another replica may have settled it', async () => {
    api.put(JOBS, jobOf());
    observe();
    api.remove(JOB);
    observe();
    expect(await reconciler.reconcile(JOB_ID)).to.have.key('after');
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
    await clock.advance(10 * 60_000);
    expect(await reconciler.reconcile(JOB_ID)).to.equal(undefined);
    expect(store.find(JOB_ID)).to.equal(undefined);
    expect(recorded()).to.equal(undefined);
  });

  it('records what was said of a finished job that went before it was settled', async () => {
    api.put(JOBS, jobOf({}, failed(3)));
    observe();
    api.remove(JOB);
    await settle();
    expect(recorded()).to.include({ state: 'failed', errorText: 'exit status 3' });
    expect(store.find(JOB_ID)).to.include({ errorText: 'exit status 3' });
  });

  it('what /query has said stands, also when the clocks of two masters disagree', async () => {
    api.put(JOBS, jobOf({}, failed(3, '2030-01-01T00:00:05Z')));
    observe();
    expect(store.find(JOB_ID)).to.include({ errorText: 'exit status 3' });
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:03Z' }, failed(3, '2030-01-01T00:00:05Z')));
    await settle();
    expect(recorded()).to.include({ state: 'failed', errorText: 'exit status 3' });
  });

  it('a death by signal is not said before it is written: a delete in its second makes a stop of it', async () => {
    api.put(JOBS, jobOf({}, failed(143, '2030-01-01T00:00:05Z')));
    observe();
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:05Z' }, failed(143, '2030-01-01T00:00:05Z')));
    await settle();
    expect(recorded()).to.include({ state: 'stopped', errorText: 'signal: killed' });

    api.put(JOBS, jobOf({ name: OTHER_ID, uid: 'other' }, failed(143, '2030-01-01T00:00:05Z')));
    observe();
    await reconciler.reconcile(OTHER_ID);
    observe();
    expect(store.find(OTHER_ID)).to.include({ state: 'failed', errorText: 'signal: terminated' });
  });

  it('an end by deadline is not said while its pod still ends', async () => {
    const overdue = failed(1);
    Object.assign(overdue?.conditions?.[0] ?? {}, { reason: 'DeadlineExceeded', message: 'too long' });
    api.put(JOBS, jobOf({}, overdue));
    api.put(PODS, { ...podOf(), status: { phase: 'Running' } } as never);
    observe();
    expect(await reconciler.reconcile(JOB_ID)).to.have.key('after');
    observe();
    expect(store.find(JOB_ID)).to.include({ state: 'running' });
    api.remove(`${PODS}/${JOB_ID}-x1`);
    await settle();
    expect(store.find(JOB_ID)).to.include({ state: 'failed', errorText: 'deadline exceeded' });
  });

  it('of two that drive one deleted job, what the first has decided stands', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:05Z' }));
    observe();
    // The other one saw the Job's late end, in the second of its deletion, and was a moment faster.
    const outcome = { state: 'failed', errorText: 'exit status 3' };
    api.put(
      JOBS,
      jobOf(
        {
          deletionTimestamp: '2030-01-01T00:00:05Z',
          annotations: { [OUTCOME_ANNOTATION]: JSON.stringify(outcome) },
        },
        failed(3, '2030-01-01T00:00:05Z'),
      ),
    );
    expect(isConflict(await reconciler.reconcile(JOB_ID).catch((error: unknown) => error))).to.equal(true);
    expect(recorded()).to.equal(undefined);
    await settle();
    expect(recorded()).to.include(outcome);
  });

  it('what a finished Job without our guard says itself is said, since nobody need write more', () => {
    api.put(JOBS, jobOf({ finalizers: [] }, failed(3)));
    observe();
    expect(store.find(JOB_ID)).to.include({ state: 'failed', errorText: 'exit status 3' });
  });

  it('does not take a list that is older than a creation for an end', async () => {
    const created = seenJob(api.put(JOBS, jobOf()));
    if (!created) throw new Error('expected a job of ours');
    store.learn(created);
    store.jobs.replace([]);
    await reconciler.reconcile(JOB_ID);
    expect(recorded()).to.equal(undefined);
    expect(store.unrecorded(JOB_ID)).to.include({ gone: false });
  });

  it('lets a namespace go that is being deleted: nothing can be kept in it, but in memory', async () => {
    const job = api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    const causes = [{ reason: 'NamespaceTerminating' }];
    for (let posts = 0; posts < 10; posts++) {
      api.failNext(/^POST/, new StatusError(403, { reason: 'Forbidden', details: { causes } }));
    }
    observe();
    await reconciler.reconcile(JOB_ID);
    expect(api.get(JOB)).to.equal(undefined);
    goes({ ...job, metadata: { ...job.metadata, finalizers: [FINALIZER] } });
    expect(await reconciler.reconcile(JOB_ID)).to.have.key('after');
    expect(store.find(JOB_ID)).to.include({ state: 'stopped', errorText: 'signal: killed' });
    await clock.advance(RETENTION_MS);
    await reconciler.reconcile(JOB_ID);
    expect(store.find(JOB_ID)).to.equal(undefined);
  });

  it('keeps the outcome of a deleted job for the retention', async () => {
    api.put(JOBS, jobOf({ deletionTimestamp: '2030-01-01T00:00:01Z' }));
    await settle();
    expect(packsThere().map(({ expiresAtMs }) => expiresAtMs)).to.deep.equal([
      packExpiry(clock.dateMs(), RETENTION_MS),
    ]);
  });
});
