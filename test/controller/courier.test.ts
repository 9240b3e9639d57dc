// What the leading replica does for a callback: tries, writes down, gives up.
import { expect } from 'chai';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { CallbackDelivery, PATIENCE_MS } from '../../src/controller/reconciling/callback-delivery.ts';
import { Store } from '../../src/controller/cache/store.ts';
import { type OwedCallback, sealedText } from '../../src/jobs/callback.ts';
import { packOf } from '../../src/jobs/records/outcome-pack.ts';
import { stoppedOutcome } from '../../src/jobs/outcome/outcome.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { silent } from '../../src/base/logger.ts';
import type { ConfigMap, Job } from '../../src/kube/wire.ts';
import { type FakeClock, fakeClock } from '../support/clock.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const PACKS = '/api/v1/namespaces/portico/configmaps';
const HOUR_MS = 3_600_000;
const ENDED = '2030-01-01T00:00:00Z';

interface Body {
  data: { error_text: string; reason?: string };
}

describe('a courier', () => {
  let api: MemoryApi;
  let clock: FakeClock;
  let store: Store;
  let courier: CallbackDelivery;
  let sent: string[];
  let bodies: Body[];
  let answer: () => Promise<void>;
  beforeEach(() => {
    api = new MemoryApi();
    clock = fakeClock(Date.parse(ENDED));
    sent = [];
    bodies = [];
    answer = () => Promise.resolve();
    store = new Store({ unrecorded: () => undefined, packed: () => undefined });
    api.put(JOBS, jobOf());
    courier = newCourier(48 * HOUR_MS);
  });
  const newCourier = (retentionMs: number) =>
    new CallbackDelivery({
      jobApi: new JobApi(api, { jobs: NAMESPACE, records: 'portico' }),
      store,
      sender: {
        origins: new Set(['https://hooks.example']),
        allows: () => true,
        seal: (text) => Promise.resolve(`seal of ${text}`),
        isSealed: (text, seal) => Promise.resolve(seal === `seal of ${text}`),
        send({ id, url, body }) {
          sent.push(`${id} ${url}`);
          bodies.push(JSON.parse(body) as Body);
          return answer();
        },
      },
      retentionMs,
      clock,
      log: silent,
    });
  const owed = (pack?: string): OwedCallback => ({
    jobName: JOB_ID,
    uid: 'job-uid',
    workerId: 'local',
    url: 'https://hooks.example/done',
    outcome: stoppedOutcome(ENDED),
    ...(pack !== undefined && { pack }),
  });
  const NEVER = new AbortController().signal;
  const deliver = (signal = NEVER) => courier.deliver(JOB_ID, signal);
  const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);
  const refusing = (isFinal = false) =>
    Promise.reject(Object.assign(new Error('the receiver answered 500'), { isFinal }));
  const result = () =>
    api.get<Job>(`${JOBS}/${JOB_ID}`)?.metadata?.annotations?.['portico.dev/callback-result'];

  it('tells what is written on a Job where that is sealed, and else what its conditions say', async () => {
    const outcome = { state: 'failed', errorText: 'worker lost: Evicted', finishedAt: ENDED } as const;
    const own = { ...outcome, errorText: 'worker lost: DisruptionTarget' };
    const seal = `seal of ${sealedText(owed(), outcome)}`;
    for (const written of [
      { seal, own },
      { seal: 'of something else', own },
      { seal: undefined, own },
    ]) {
      courier.take({ ...owed(), outcome, written });
      await deliver();
    }
    expect(bodies.map(({ data }) => data.error_text)).to.deep.equal([
      'worker lost: Evicted',
      'worker lost: DisruptionTarget',
      'worker lost: DisruptionTarget',
    ]);
  });

  it('delivers, under the name of the job, and writes that on the Job', async () => {
    courier.take(owed());
    await deliver();
    expect(sent).to.deep.equal([`${JOB_ID} https://hooks.example/done`]);
    expect(result()).to.equal('delivered 2030-01-01T00:00:00.000Z');
    expect(api.get<Job>(`${JOBS}/${JOB_ID}`)?.metadata?.finalizers).to.deep.equal(['portico.dev/outcome']);
  });

  it('writes it into the pack of a job whose Job is gone, beside what is there', async () => {
    api.put(PACKS, packOf('pack', 'portico', 0, []));
    courier.take(owed('pack'));
    await deliver();
    expect(api.get<ConfigMap>(`${PACKS}/pack`)?.data).to.deep.equal({
      [`${JOB_ID}.callback`]: 'delivered 2030-01-01T00:00:00.000Z',
    });
    expect(result()).to.equal(undefined);
  });

  it('does nothing more for what is delivered', async () => {
    courier.take(owed());
    await deliver();
    await deliver();
    expect(sent).to.have.length(1);
  });

  it('tries again what was refused, for a day', async () => {
    answer = refusing;
    courier.take(owed());
    await clock.advance(PATIENCE_MS - 1);
    expect(await failure(deliver())).to.be.instanceOf(Error);
    expect(result()).to.equal(undefined);
    await clock.advance(1);
    await deliver();
    expect(result()).to.equal('given up 2030-01-02T00:00:00.000Z: the receiver answered 500');
  });

  it('gives up by the time that has passed, whoever sets the date meanwhile', async () => {
    answer = refusing;
    courier.take(owed());
    clock.setDate(PATIENCE_MS);
    expect(await failure(deliver())).to.be.instanceOf(Error);
    clock.setDate(-3 * PATIENCE_MS);
    await clock.advance(PATIENCE_MS);
    await deliver();
    expect(result()).to.match(/^given up /);
  });

  it('tries at least once, however long nobody was there to do it', async () => {
    await clock.advance(2 * PATIENCE_MS);
    courier.take(owed());
    await deliver();
    expect(result()).to.match(/^delivered /);
  });

  it('gives up with the retention when that is shorter', async () => {
    courier = newCourier(HOUR_MS);
    answer = refusing;
    courier.take(owed());
    await clock.advance(HOUR_MS);
    await deliver();
    expect(result()).to.match(/^given up /);
  });

  it('gives up at once when the receiver wants nothing more', async () => {
    answer = () => refusing(true);
    courier.take(owed());
    await deliver();
    expect(result()).to.match(/^given up /);
  });

  it('that could not write it down does not send again, and writes again', async () => {
    api.failNext(/^PATCH/, new UnreachableError('away'));
    courier.take(owed());
    expect(await failure(deliver())).to.be.instanceOf(UnreachableError);
    await deliver();
    expect(sent).to.have.length(1);
    expect(result()).to.match(/^delivered /);
  });

  it('sees through what it has begun when the Job is gone meanwhile', async () => {
    answer = refusing;
    courier.take(owed());
    await failure(deliver());
    api.remove(`${JOBS}/${JOB_ID}`);
    answer = () => Promise.resolve();
    await deliver();
    expect(sent).to.have.length(2);
  });

  it('that is told to stop has given nothing up', async () => {
    const end = new AbortController();
    answer = () => {
      end.abort();
      return refusing(true);
    };
    courier.take(owed());
    expect(await failure(deliver(end.signal))).to.be.instanceOf(Error);
    expect(result()).to.equal(undefined);
  });
});
