import { expect } from 'chai';
import fc from 'fast-check';
import { Store } from '../../src/controller/cache/store.ts';
import type { SeenPack } from '../../src/jobs/records/outcome-pack.ts';
import type { JobRecord, SeenJob } from '../../src/jobs/job-record.ts';
import { isDone, recordOf } from '../../src/jobs/job-record.ts';

const seen = (name: string, state: JobRecord['state'], guarded = true, uid = `uid-${name}`): SeenJob => ({
  name,
  record: recordOf(
    { name, uid, workerId: 'local', createdAt: '2030-01-01T00:00:00Z' },
    { state, errorText: state === 'failed' ? 'exit status 3' : '' },
  ),
  ...(guarded ? { unsettled: { metadata: { name, uid } } } : {}),
});

/** A pack of the jobs named. */
const packed = (jobNames: string | string[], errorText = 'signal: killed', name = 'pack'): SeenPack => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  expiresAtMs: 0,
  entries: jobNames.length,
  bytes: 0,
  records: [jobNames].flat().map((jobName) => ({
    jobName,
    record: recordOf(
      { name: jobName, uid: `uid-${jobName}`, workerId: 'local' },
      { state: 'stopped', errorText },
    ),
    fingerprint: `print-${jobName}`,
  })),
});

function newStore() {
  const unsettled: string[] = [];
  const store = new Store({
    unrecorded: (name) => unsettled.push(name),
    packed: () => undefined,
  });
  return { store, unsettled };
}

let packs = 0;
/** A pack of that name is never made twice. */
const another = (pack: SeenPack): SeenPack => ({ ...pack, uid: `uid-${String(++packs)}` });

function restore(store: Store, job: SeenJob) {
  const since = store.unrecorded(job.name);
  if (since) store.restore(job, since);
}

describe('the store', () => {
  it('answers what the watch last said of a job', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'pending'));
    store.jobs.apply('MODIFIED', seen('a', 'running'));
    expect(store.find('a')).to.include({ state: 'running' });
  });

  it('counts each job once, by what it says of it', () => {
    const { store } = newStore();
    store.jobs.replace([seen('a', 'running'), seen('b', 'running'), seen('c', 'failed', false)]);
    store.jobs.apply('MODIFIED', seen('d', 'stopping'));
    store.outcomes.apply('ADDED', packed(['d', 'e']));
    expect(store.counts()).to.have.deep.members([
      { workerId: 'local', state: 'running', count: 2 },
      { workerId: 'local', state: 'failed', count: 1 },
      { workerId: 'local', state: 'stopped', count: 2 },
    ]);
    expect(store.size).to.deep.equal({ jobs: 4, packs: 1 });
    store.jobs.apply('DELETED', seen('c', 'failed', false));
    store.jobs.apply('DELETED', seen('d', 'stopping'));
    expect(store.counts().map(({ state, count }) => [state, count])).to.have.deep.members([
      ['running', 2],
      ['stopped', 2],
    ]);
  });

  it('never changes what it says of a job that is done', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'failed'));
    store.jobs.apply('MODIFIED', seen('a', 'stopping'));
    expect(store.find('a')).to.include({ state: 'failed', errorText: 'exit status 3' });
  });

  it('never says that a job waits that has run: its pod is its only one', () => {
    const { store } = newStore();
    for (const state of ['running', 'pending'] as const) store.jobs.apply('MODIFIED', seen('a', state));
    expect(store.find('a')).to.include({ state: 'running' });
  });

  it('tells of each change of what it says, once, and not of what says the same again', () => {
    const { store } = newStore();
    store.jobs.replace([seen('a', 'pending')]);
    store.jobs.replace([seen('a', 'pending')]);
    store.jobs.apply('MODIFIED', seen('a', 'succeeded', false));
    store.jobs.apply('DELETED', seen('a', 'succeeded', false));
    store.outcomes.apply('ADDED', packed('b'));
    const changes = [0, 1, 2, 3].map((number) => store.changes.after(number));
    expect(changes.map((change) => [change?.before?.state, change?.now?.state])).to.deep.equal([
      [undefined, 'pending'],
      ['pending', 'succeeded'],
      ['succeeded', undefined],
      [undefined, 'stopped'],
    ]);
    expect(store.changes.latest).to.equal(4);
  });

  it('lists what it says: a job in one place only, also while it is both a Job and a record', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'stopping'));
    store.outcomes.apply('ADDED', packed('a'));
    expect([...store.index.select({})]).to.deep.equal([store.find('a')]);
    store.jobs.apply('DELETED', seen('a', 'stopping'));
    expect([...store.index.select({})].map(({ state }) => state)).to.deep.equal(['stopped']);
    store.outcomes.replace([]);
    expect([...store.index.select({})]).to.deep.equal([]);
  });

  it('keeps the place of a job in lists when its record does not tell when it was created', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'stopping'));
    const createdAt = store.find('a')?.createdAt;
    store.outcomes.apply('ADDED', packed('a'));
    expect(createdAt).to.be.above(0);
    expect(store.find('a')).to.include({ state: 'stopped', createdAt });
  });

  it('takes another uid under the same name for another job', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'failed'));
    store.jobs.apply('MODIFIED', seen('a', 'pending', true, 'other'));
    expect(store.find('a')).to.include({ state: 'pending', uid: 'other' });
  });

  it('forgets a job that was over, settled and deleted', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'succeeded', false));
    store.jobs.apply('DELETED', seen('a', 'succeeded', false));
    expect(store.find('a')).to.equal(undefined);
    expect(store.hasJobsOf('local')).to.equal(false);
  });

  it('remembers a job that went unfinished until its outcome is recorded', () => {
    const { store, unsettled } = newStore();
    store.jobs.apply('ADDED', seen('a', 'stopping'));
    store.jobs.apply('DELETED', seen('a', 'stopping'));
    expect(store.find('a')).to.include({ state: 'stopping' });
    expect(store.unrecorded('a')).to.include({ gone: true });
    expect(unsettled).to.include('a');
    store.outcomes.apply('ADDED', packed('a'));
    expect(store.find('a')).to.include({ state: 'stopped', errorText: 'signal: killed' });
    expect(store.unrecorded('a')).to.equal(undefined);
  });

  it('takes a deletion as the last news of a job: it may bring its end', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'running'));
    store.jobs.apply('DELETED', seen('a', 'succeeded', false));
    expect(store.find('a')).to.equal(undefined);
    store.jobs.apply('ADDED', seen('b', 'running'));
    store.jobs.apply('DELETED', seen('b', 'failed'));
    expect(store.find('b')).to.include({ state: 'failed' });
    expect(store.unrecorded('b')).to.include({ gone: true });
    store.jobs.apply('DELETED', seen('c', 'failed'));
    expect(store.find('c')).to.equal(undefined);
  });

  it('takes what a new list does not show for gone', () => {
    const { store } = newStore();
    store.jobs.replace([seen('a', 'running'), seen('b', 'succeeded', false)]);
    store.jobs.replace([seen('c', 'running')]);
    expect(store.unrecorded('a')).to.include({ gone: true });
    expect(store.find('b')).to.equal(undefined);
    expect(store.find('c')).to.include({ state: 'running' });
  });

  it('learns a job ahead of the watch, and never over what the watch has said', () => {
    const { store } = newStore();
    store.learn(seen('a', 'pending'));
    expect(store.find('a')).to.include({ state: 'pending' });
    store.jobs.apply('ADDED', seen('a', 'succeeded'));
    store.learn(seen('a', 'pending'));
    expect(store.find('a')).to.include({ state: 'succeeded' });
  });

  it('does not learn a job from an answer that is older than its deletion', () => {
    const { store } = newStore();
    store.jobs.apply('ADDED', seen('a', 'running'));
    store.jobs.apply('DELETED', seen('a', 'succeeded', false));
    store.learn(seen('a', 'running'));
    expect(store.find('a')).to.equal(undefined);
  });

  it('takes back a job that a list older than its creation did not show', () => {
    const { store } = newStore();
    store.learn(seen('a', 'pending'));
    store.jobs.replace([]);
    restore(store, seen('a', 'running'));
    expect(store.find('a')).to.include({ state: 'running' });
    expect(store.unrecorded('a')).to.include({ gone: false });
  });

  it('does not take back a job whose deletion was heard of while it was looked for', () => {
    const { store } = newStore();
    store.learn(seen('a', 'pending'));
    store.jobs.replace([]);
    const since = store.unrecorded('a');
    store.jobs.apply('DELETED', seen('a', 'stopping'));
    if (since) store.restore(seen('a', 'pending'), since);
    expect(store.unrecorded('a')).to.include({ gone: true });
  });

  it('knows a worker by the jobs and the outcomes on record', () => {
    const { store } = newStore();
    expect(store.hasJobsOf('local')).to.equal(false);
    store.outcomes.replace([packed('a')]);
    expect(store.hasJobsOf('local')).to.equal(true);
    store.outcomes.apply('DELETED', packed('a'));
    expect(store.hasJobsOf('local')).to.equal(false);
  });

  it('takes a pack that grew for the records that are new in it', () => {
    const { store } = newStore();
    store.outcomes.apply('ADDED', packed(['a']));
    store.outcomes.apply('MODIFIED', packed(['a', 'b']));
    expect(store.outcomeRecord('a')).to.include({ jobName: 'a', fingerprint: 'print-a' });
    expect(store.find('b')).to.include({ state: 'stopped' });
    expect(store.pack('pack')).to.include({ entries: 2 });
  });

  it('forgets all that was in a pack when the pack goes, by an event and by a list', () => {
    for (const goes of ['event', 'list']) {
      const { store } = newStore();
      store.outcomes.replace([packed(['a', 'b']), packed(['c'], 'signal: killed', 'other')]);
      if (goes === 'event') store.outcomes.apply('DELETED', packed(['a', 'b']));
      else store.outcomes.replace([packed(['c'], 'signal: killed', 'other')]);
      expect(['a', 'b', 'c'].filter((name) => store.find(name))).to.deep.equal(['c']);
      expect([...store.packs()].map(({ name }) => name)).to.deep.equal(['other']);
    }
  });

  it('does not take back a pack from an answer that is older than its deletion', () => {
    const { store } = newStore();
    store.outcomes.apply('ADDED', packed('a'));
    store.outcomes.apply('DELETED', packed('a'));
    store.outcomes.apply('MODIFIED', packed(['a', 'b']));
    expect([store.find('a'), store.find('b'), ...store.packs()]).to.deep.equal([undefined, undefined]);
  });

  it('stays with what it has said when another record of the same job comes', () => {
    const { store } = newStore();
    store.outcomes.apply('ADDED', packed('a', 'signal: killed', 'z'));
    store.outcomes.apply('ADDED', packed('a', 'other', 'b'));
    store.outcomes.replace([packed('a', 'other', 'b'), packed('a', 'signal: killed', 'z')]);
    expect(store.find('a')).to.include({ errorText: 'signal: killed' });
    store.jobs.apply('ADDED', seen('b', 'failed'));
    store.outcomes.apply('ADDED', packed('b', 'signal: killed', 'y'));
    expect(store.find('b')).to.include({ errorText: 'exit status 3' });
  });

  it('tells who listens to a job of its changes, its record and its end, until they leave', () => {
    const { store } = newStore();
    const heard: string[] = [];
    const listen = (name: string) =>
      store.onChange(name, () => heard.push(`${name} ${store.find(name)?.state ?? 'gone'}`));
    const [leave] = ['a', 'b', 'c'].map(listen);
    store.jobs.replace([seen('a', 'pending'), seen('b', 'stopping')]);
    store.jobs.apply('MODIFIED', seen('a', 'running'));
    store.outcomes.apply('ADDED', packed('b'));
    leave?.();
    store.jobs.apply('MODIFIED', seen('a', 'succeeded'));
    expect(heard).to.deep.equal(['a pending', 'b stopping', 'a running', 'b stopped']);
  });

  it('who leaves twice takes nobody else along', () => {
    const { store } = newStore();
    let heard = 0;
    const leave = store.onChange('a', () => undefined);
    leave();
    store.onChange('a', () => (heard += 1));
    leave();
    store.jobs.apply('ADDED', seen('a', 'running'));
    expect(heard).to.equal(1);
  });

  it('holds its invariants for any sequence of events', () => {
    const happen: Record<string, (store: Store, job: SeenJob, said: string) => void> = {
      put: (store, job) => store.jobs.apply('MODIFIED', job),
      delete: (store, job) => store.jobs.apply('DELETED', job),
      relist: (store, job) => store.jobs.replace([job]),
      learn: (store, job) => store.learn(job),
      restore,
      // The reconciler writes what was said, when something was.
      record: (store, { name }, said) => store.outcomes.apply('ADDED', another(packed(name, said, name))),
      expire: (store, { name }) => store.outcomes.apply('DELETED', packed(name, '', name)),
    };
    const step = fc.record({
      what: fc.constantFrom(...Object.keys(happen)),
      job: fc
        .tuple(
          fc.constantFrom('a', 'b'),
          fc.constantFrom('pending', 'running', 'stopping', 'succeeded', 'failed'),
          fc.boolean(),
        )
        .map(([name, state, guarded]) => seen(name, state, guarded)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { store } = newStore();
        const said = new Map<string, string>();
        for (const { what, job } of steps) {
          const before = store.find(job.name);
          happen[what]?.(store, job, said.get(job.name) ?? 'signal: killed');
          const known = ['a', 'b'].filter((name) => store.find(name) !== undefined);
          expect(store.hasJobsOf('local')).to.equal(known.length > 0);
          expect([...store.index.select({})]).to.have.members(known.map((name) => store.find(name)));
          const unfinished = known.filter((name) => !isDone(store.find(name) ?? job.record));
          expect(store.unfinishedOn('local')).to.equal(unfinished.length);
          // What had finished and was settled when it went is over; nothing else is forgotten.
          if (what === 'delete' && before && !isDone(before) && (job.unsettled || !isDone(job.record))) {
            expect(known).to.include(job.name);
          }
          // A record that expires before its Job is another story: then both are past their retention.
          if (what === 'expire') said.clear();
          for (const name of [...said.keys()]) if (!known.includes(name)) said.delete(name);
          for (const name of known) {
            const record = store.find(name);
            if (!record || !isDone(record)) continue;
            expect(record.errorText).to.equal(said.get(name) ?? record.errorText);
            said.set(name, record.errorText);
          }
        }
      }),
    );
  });
});
