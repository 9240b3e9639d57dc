import { expect } from 'chai';
import { JobApi } from '../../src/controller/api/job-api.ts';
import { Creator } from '../../src/controller/serving/job-creation.ts';
import { FINGERPRINT_ANNOTATION } from '../../src/jobs/labels.ts';
import { sleep } from '../../src/base/clock.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { endingOf, fakeClock } from '../support/clock.ts';
import { JOB_ID, jobOf, NAMESPACE } from '../support/jobs.ts';
import { MemoryApi } from '../support/memory-api.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const guarded = (fingerprint: string) => jobOf({ annotations: { [FINGERPRINT_ANNOTATION]: fingerprint } });

describe('creating a Job once', () => {
  const clock = fakeClock();
  let api: MemoryApi;
  let abandoned: string[];
  let creator: Creator;

  beforeEach(() => {
    api = new MemoryApi();
    abandoned = [];
    const jobApi = new JobApi(api, { jobs: NAMESPACE, records: NAMESPACE });
    creator = new Creator({ jobApi, clock, abandon: (name) => abandoned.push(name) });
  });

  const ending = (promise: Promise<unknown>) => endingOf(promise, clock);

  for (const error of [new UnreachableError('reset'), new StatusError(504, { reason: 'Timeout' })]) {
    for (const when of ['before', 'after'] as const) {
      it(`a create that ended in ${error.message} ${when} it took effect leaves one Job`, async () => {
        api.failNext(/^POST/, error, when);
        expect(await ending(creator.create(guarded('f')))).to.have.nested.property('metadata.name', JOB_ID);
        expect(api.list(JOBS)).to.have.length(1);
        expect(abandoned).to.deep.equal([]);
      });
    }
  }

  it('a Job of that name with another fingerprint is not taken for ours', async () => {
    api.put(JOBS, guarded('other'));
    api.failNext(/^POST/, new UnreachableError('reset'));
    expect(await ending(creator.create(guarded('f')))).to.include({ reason: 'AlreadyExists' });
  });

  it('given up, it is abandoned by name: it may exist, and nobody knows its id', async () => {
    for (let tries = 0; tries < 4; tries++) api.failNext(/^POST/, new UnreachableError('reset'), 'after');
    for (let tries = 0; tries < 4; tries++) api.failNext(/^GET/, new UnreachableError('reset'));
    expect(await ending(creator.create(guarded('f')))).to.be.instanceOf(UnreachableError);
    expect(abandoned).to.deep.equal([JOB_ID]);
  });

  it('no repeat begins when much time has passed: another one may have come and gone under the name', async () => {
    const slow = async () => {
      await sleep(clock, 11_000);
      throw new UnreachableError('no answer');
    };
    let tries = 0;
    api.request = () => {
      tries += 1;
      return slow();
    };
    expect(await ending(creator.ensure(guarded('f')))).to.be.instanceOf(UnreachableError);
    expect(tries).to.equal(1);
  });

  it('a refusal is passed on at once: nothing was created', async () => {
    for (const code of [400, 403, 422, 429]) {
      api.failNext(/^POST/, new StatusError(code, {}));
      expect(await ending(creator.create(guarded('f')))).to.include({ code });
    }
    expect(api.list(JOBS)).to.deep.equal([]);
    expect(abandoned).to.deep.equal([]);
  });

  it('a cluster that cannot store it has created nothing: no repeats, and no Job to abandon', async () => {
    const full = () => new StatusError(507, { reason: 'InsufficientStorage' });
    for (const how of ['create', 'ensure'] as const) {
      let tries = 0;
      api.request = () => {
        tries += 1;
        return Promise.reject(full());
      };
      expect(await ending(creator[how](guarded('f')))).to.include({ code: 507 });
      expect(tries, how).to.equal(1);
    }
    expect(abandoned).to.deep.equal([]);
  });

  it('refused so on a repeat it is still abandoned: the first try is in doubt', async () => {
    const errors = [new UnreachableError('reset'), new StatusError(507, { reason: 'InsufficientStorage' })];
    api.request = () => Promise.reject(errors.shift() ?? new Error('a third try'));
    expect(await ending(creator.create(guarded('f')))).to.include({ code: 507 });
    expect(abandoned).to.deep.equal([JOB_ID]);
  });
});
