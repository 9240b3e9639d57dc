// Where a job's log is read from, and when.
import { expect } from 'chai';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { type JobLog, JobLogs } from '../../src/controller/serving/job-output.ts';
import { LiveLookups } from '../../src/controller/serving/live-lookups.ts';
import { NotFound, NotReady } from '../../src/controller/errors.ts';
import { Store } from '../../src/controller/cache/store.ts';
import type { LogRange } from '../../src/jobs/output.ts';
import { packOf } from '../../src/jobs/records/outcome-pack.ts';
import { seenPack } from '../../src/jobs/records/outcome-pack.ts';
import { encodeOutcome, type Outcome } from '../../src/jobs/outcome/outcome.ts';
import { seenJob } from '../../src/jobs/job-record.ts';
import type { ApiRequest } from '../../src/kube/api-client.ts';
import { NotSentError, StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { fakeClock, type FakeClock } from '../support/clock.ts';
import { failed, JOB_ID, jobOf, NAMESPACE, podOf } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const PACKS = '/api/v1/namespaces/portico/configmaps';
const LOG = `${PODS}/${JOB_ID}-x1/log`;
const OUTCOME: Outcome = {
  state: 'failed',
  errorText: 'exit status 3',
  log: 'last words\n',
  finishedAt: '2030-01-01T00:00:10Z',
};
const ALL: LogRange = { follow: false };
const FOLLOW: LogRange = { follow: true };

describe('the log of a job', () => {
  let api: MemoryApi;
  let clock: FakeClock;
  let store: Store;
  let logs: JobLogs;
  let asked: ApiRequest[];
  let synced: boolean;
  beforeEach(() => {
    api = new MemoryApi();
    clock = fakeClock();
    asked = [];
    synced = true;
    store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: 'portico' });
    logs = new JobLogs({
      jobApi,
      lookups: new LiveLookups({ jobApi, store, clock }),
      store,
      freshness: { isSynced: () => synced, ageMs: () => undefined },
      clock,
    });
    api.logs.set(LOG, (call) => {
      asked.push(call);
      return Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]);
    });
  });

  function job(...change: Parameters<typeof jobOf>): void {
    const seen = seenJob(api.put(JOBS, jobOf(...change)));
    if (seen) store.jobs.apply('MODIFIED', seen);
  }
  function pod(state: object = { running: {} }): void {
    const status = { containerStatuses: [{ name: 'job', state }] };
    api.put(PODS, { ...podOf(), status } as ReturnType<typeof podOf>);
  }
  const pending = () => job({}, { active: 1, ready: 0 });
  const over = () =>
    job({ finalizers: [], annotations: { 'portico.dev/outcome': encodeOutcome(OUTCOME) } }, failed(3));
  const read = async (range: LogRange, signal = new AbortController().signal) => {
    let log: { is: JobLog['is']; text: string } | undefined;
    await logs.read(JOB_ID, range, signal, async ({ is, bytes }) => {
      log = { is, text: await text(Readable.from(bytes)) };
    });
    return log;
  };
  const failure = async (work: Promise<unknown>) => work.catch((error: unknown) => error);

  it('is read from its pod, as much of it as is asked for', async () => {
    job();
    pod();
    const sinceMs = Date.parse('2030-01-01T00:00:00.500Z');
    expect(await read({ follow: false, tailLines: 2, sinceMs })).to.deep.equal({
      is: 'log',
      text: 'one\ntwo\n',
    });
    expect(asked[0]?.query).to.deep.equal({
      container: 'job',
      follow: false,
      tailLines: 2,
      sinceTime: '2030-01-01T00:00:00.500Z',
    });
  });

  it('is nothing while the job waits', async () => {
    pending();
    expect(await read(ALL)).to.deep.equal({ is: 'log', text: '' });
    pod({ waiting: { reason: 'ContainerCreating' } });
    expect(await read(ALL)).to.deep.equal({ is: 'log', text: '' });
    expect(asked).to.deep.equal([]);
  });

  it('that is followed waits for the job to begin, and asks nothing meanwhile', async () => {
    pending();
    const log = read(FOLLOW);
    await clock.advance(0);
    const before = api.calls.length;
    await clock.advance(14_000);
    expect(api.calls.length).to.equal(before);
    pod();
    job();
    await clock.advance(0);
    expect(await log).to.deep.equal({ is: 'log', text: 'one\ntwo\n' });
  });

  it('that is followed is found after a while also when no change of the Job shows its beginning', async () => {
    pending();
    const log = read(FOLLOW);
    await clock.advance(0);
    pod();
    await clock.advance(15_000);
    expect(await log).to.deep.equal({ is: 'log', text: 'one\ntwo\n' });
  });

  it('that is followed bears an API server that is away while it waits', async () => {
    pending();
    const log = read(FOLLOW);
    await clock.advance(0);
    api.failNext(/pods$/, new UnreachableError('away'));
    pod();
    job();
    await clock.advance(15_000);
    expect(await log).to.deep.equal({ is: 'log', text: 'one\ntwo\n' });
  });

  it('that is followed ends with a job that never begins', async () => {
    pending();
    const log = read(FOLLOW);
    await clock.advance(0);
    over();
    await clock.advance(0);
    expect(await log).to.deep.equal({ is: 'log', text: '' });
  });

  it('that is followed begins at once, though the job has printed nothing yet', async () => {
    job();
    pod();
    const silent = Promise.withResolvers<Readable>();
    api.bytes = () => silent.promise;
    let begun = false;
    const log = logs.read(JOB_ID, FOLLOW, new AbortController().signal, async ({ bytes }) => {
      begun = true;
      expect(await text(Readable.from(bytes))).to.equal('first\n');
    });
    await clock.advance(1_000);
    expect(begun).to.equal(true);
    silent.resolve(Readable.from(['first\n']));
    await log;
  });

  it('is closed when its reader leaves', async () => {
    job();
    pod();
    const upstream = new PassThrough();
    api.bytes = ({ signal }) => {
      signal?.addEventListener('abort', () => upstream.destroy());
      return Promise.resolve(upstream);
    };
    const left = await failure(
      logs.read(JOB_ID, FOLLOW, new AbortController().signal, () => Promise.reject(new Error('left'))),
    );
    expect([(left as Error).message, upstream.destroyed]).to.deep.equal(['left', true]);
  });

  it('leaves nobody listening to a job that was waited for', async () => {
    pending();
    const gone = new AbortController();
    const log = failure(read(FOLLOW, gone.signal));
    await clock.advance(0);
    gone.abort();
    expect(await log).to.have.property('name', 'AbortError');
    const calls = api.calls.length;
    job();
    await clock.advance(60_000);
    expect(api.calls.length).to.equal(calls);
  });

  const losses: Record<string, () => void> = {
    'its pod is gone': () => undefined,
    'its pod went meanwhile': () => {
      pod();
      api.logs.clear();
    },
    'its node is gone': () => {
      pod();
      api.failNext(/log$/, new StatusError(500, { message: 'dial tcp: no route to host' }));
    },
  };
  for (const [what, lose] of Object.entries(losses)) {
    it(`is the tail that was kept when the job is over and ${what}`, async () => {
      over();
      lose();
      expect(await read(ALL)).to.deep.equal({ is: 'tail', text: 'last words\n' });
      lose();
      expect(await read({ follow: true, tailLines: 0 })).to.deep.equal({ is: 'tail', text: '' });
    });
  }

  it('is the tail in the record when the Job is gone', async () => {
    const record = { jobName: JOB_ID, uid: 'job-uid', workerId: 'local', outcome: OUTCOME };
    const pack = seenPack(api.put(PACKS, packOf('outcomes-1', 'portico', clock.dateMs() + 60_000, [record])));
    if (pack) store.outcomes.apply('ADDED', pack);
    expect(await read(ALL)).to.deep.equal({ is: 'tail', text: 'last words\n' });
    expect(api.calls).to.deep.equal([`GET ${PACKS}/outcomes-1`]);
  });

  it('of a job that runs is not to be had while its node does not answer', async () => {
    job();
    pod();
    api.failNext(/log$/, new StatusError(500, { message: 'dial tcp: no route to host' }));
    expect(await failure(read(ALL))).to.include({ code: 500 });
  });

  it('is read, not its tail, when the job ends while its pod is looked for', async () => {
    pending();
    const request = api.request.bind(api);
    let first = true;
    api.request = async (call) => {
      const answer = await request(call);
      if (first && call.path === PODS) {
        first = false;
        pod({ terminated: { exitCode: 3 } });
        over();
      }
      return answer as never;
    };
    expect(await read(ALL)).to.deep.equal({ is: 'log', text: 'one\ntwo\n' });
  });

  it('is not found of a job that nobody knows, and odd names never reach the API server', async () => {
    const { signal } = new AbortController();
    const send = () => Promise.reject(new Error('expected no log'));
    for (const name of ['../../nodes', '__proto__', 'x'.repeat(300), 'a\0b', JOB_ID.toUpperCase()]) {
      expect(await failure(logs.read(name, ALL, signal, send))).to.be.instanceOf(NotFound);
    }
    expect(api.calls).to.deep.equal([]);
    expect(await failure(logs.read(JOB_ID, ALL, signal, send))).to.be.instanceOf(NotFound);
  });

  it('is not answered before the memory is filled', async () => {
    synced = false;
    expect(await failure(read(ALL))).to.be.instanceOf(NotReady);
  });

  it('is not opened when too many are, until one of them is closed', async () => {
    job();
    pod();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { signal } = new AbortController();
    const open = Array.from({ length: 256 }, () => logs.read(JOB_ID, ALL, signal, () => promise));
    expect(await failure(read(ALL))).to.be.instanceOf(NotSentError);
    resolve();
    await Promise.all(open);
    await setImmediate();
    expect(await read(ALL)).to.include({ is: 'log' });
  });
});
