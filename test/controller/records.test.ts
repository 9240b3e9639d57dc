import { expect } from 'chai';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { OutcomePacks } from '../../src/controller/reconciling/outcome-packs.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { PACK_ENTRIES, seenPack } from '../../src/jobs/records/outcome-pack.ts';
import type { OutcomeRecord } from '../../src/jobs/records/outcome-record.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import type { ConfigMap } from '../../src/kube/wire.ts';
import { fakeClock } from '../support/clock.ts';
import { MemoryApi } from '../support/memory-api.ts';

const RECORDS = '/api/v1/namespaces/portico/configmaps';
const HOUR_MS = 3_600_000;
const START = Date.parse('2030-01-01T00:00:00Z');

const record = (jobName: string, endedMs = START, text = 'signal: killed'): OutcomeRecord => ({
  jobName,
  uid: `uid-${jobName}`,
  workerId: 'local',
  outcome: { ...stoppedOutcome(new Date(endedMs).toISOString()), errorText: text },
});
const many = (count: number, prefix = 'job') =>
  Array.from({ length: count }, (_, index) => record(`${prefix}-${String(index)}`));

describe('keeping the outcomes of deleted jobs', () => {
  let api: MemoryApi;
  let names: number;

  beforeEach(() => {
    api = new MemoryApi();
    names = 0;
  });

  /** One writer with a store of its own, as each replica has. */
  function writer() {
    const clock = fakeClock(START);
    const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: 'jobs', records: 'portico' });
    const newId = () => String(++names);
    const outcomePacks = new OutcomePacks({ jobApi, store, clock, retentionMs: 24 * HOUR_MS, newId });
    const observe = () => store.outcomes.replace(packs());
    return { records: outcomePacks, store, clock, observe };
  }
  const packs = () => api.list<ConfigMap>(RECORDS).flatMap((map) => seenPack(map) ?? []);
  const kept = () => packs().flatMap((pack) => pack.records.map(({ jobName }) => jobName));
  const keepAll = ({ records: outcomePacks }: ReturnType<typeof writer>, all: readonly OutcomeRecord[]) =>
    Promise.all(all.map((one) => outcomePacks.keep(one)));
  const writes = () => api.calls.filter((call) => !call.startsWith('GET')).length;

  it('what comes together is written together', async () => {
    await keepAll(writer(), many(16));
    expect(kept()).to.have.length(16);
    expect(writes()).to.equal(1);
  });

  it('what comes while a write is under way goes with the next', async () => {
    const one = writer();
    const first = one.records.keep(record('first'));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, keepAll(one, many(10))]);
    expect(kept()).to.have.length(11);
    expect(writes()).to.equal(2);
    expect(packs()).to.have.length(1);
  });

  it('one after the other they fill a pack, then the next: few ConfigMaps for many jobs', async () => {
    const one = writer();
    for (const record of many(3 * PACK_ENTRIES)) await one.records.keep(record);
    expect(packs().map(({ entries }) => entries)).to.deep.equal([PACK_ENTRIES, PACK_ENTRIES, PACK_ENTRIES]);
    expect(writes()).to.equal(3 * PACK_ENTRIES);
  });

  it('a writer that is started goes on with the pack that it finds', async () => {
    await writer().records.keep(record('before'));
    const second = writer();
    second.observe();
    await second.records.keep(record('after'));
    expect(packs().map(({ records }) => records.map(({ jobName }) => jobName))).to.deep.equal([
      ['before', 'after'],
    ]);
  });

  it('two writers at the same pack lose nothing of each other', async () => {
    const [a, b] = [writer(), writer()];
    await a.records.keep(record('first'));
    a.observe();
    b.observe();
    await Promise.all([keepAll(a, many(40, 'a')), keepAll(b, many(40, 'b'))]);
    expect(new Set(kept()).size).to.equal(81);
    expect(packs().every(({ entries }) => entries <= PACK_ENTRIES)).to.equal(true);
  });

  it('what is kept is never changed: by a second record in the store, in the pack, or of another writer', async () => {
    const [a, b] = [writer(), writer()];
    await a.records.keep(record('first'));
    b.observe();
    await a.records.keep(record('job', START, 'signal: killed'));
    // b has seen the pack before the job came into it.
    await Promise.all(
      [a, b].map(({ records: outcomePacks }) => outcomePacks.keep(record('job', START, 'other'))),
    );
    a.observe();
    await a.records.keep(record('job', START, 'other'));
    const said = packs().flatMap(({ records }) => records.filter(({ jobName }) => jobName === 'job'));
    expect(said.map(({ record }) => record.errorText)).to.deep.equal(['signal: killed']);
  });

  it('jobs whose retention ends at other times go into other packs', async () => {
    const one = writer();
    await keepAll(one, [record('a'), record('b', START + 3 * HOUR_MS), record('c')]);
    expect(packs().map(({ records }) => records.length)).to.deep.equal([2, 1]);
  });

  it('a write that fails fails for all that are in it, and can be done again', async () => {
    for (const when of ['before', 'after'] as const) {
      const one = writer();
      api.failNext(/configmaps/, new UnreachableError('reset'), when);
      const all = many(5, when);
      const results = await Promise.allSettled(all.map((record) => one.records.keep(record)));
      expect(results.map(({ status }) => status)).to.deep.equal(Array(5).fill('rejected'));
      await keepAll(one, all);
      expect(kept()).to.include.members(all.map(({ jobName }) => jobName));
    }
  });

  it('a pack that went meanwhile is not waited for: another one is begun', async () => {
    const one = writer();
    await one.records.keep(record('a'));
    one.observe();
    for (const { name } of packs()) api.remove(`${RECORDS}/${name}`);
    await one.records.keep(record('b'));
    expect(kept()).to.deep.equal(['b']);
  });

  it('a Conflict that never ends is a failure, not a loop', async () => {
    const one = writer();
    await one.records.keep(record('a'));
    for (let tries = 0; tries < 20; tries++) {
      api.failNext(/^PATCH/, new StatusError(409, { reason: 'Conflict' }));
    }
    const error: unknown = await one.records.keep(record('b')).catch((error: unknown) => error);
    expect(error).to.include({ reason: 'Conflict' });
  });

  it('a pack goes when its time has come, not before', async () => {
    const one = writer();
    await one.records.keep(record('a'));
    one.observe();
    const [name = ''] = packs().map((pack) => pack.name);
    expect(await one.records.expire(name)).to.have.key('after');
    expect(kept()).to.deep.equal(['a']);
    await one.clock.advance(26 * HOUR_MS);
    expect(await one.records.expire(name)).to.equal(undefined);
    expect(packs()).to.deep.equal([]);
    one.observe();
    expect(await one.records.expire(name)).to.equal(undefined);
  });
});
