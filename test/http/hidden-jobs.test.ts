// What a caller gets who asks for a job that they may not read: what an id gets that there never was.
import { expect } from 'chai';
import { TokenCallers } from '../../src/callers/token-callers.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { fakeClock } from '../support/clock.ts';
import { jobOf, NAMESPACE } from '../support/jobs.ts';
import { memoryReads } from '../support/reads.ts';
import { ReviewApi } from '../support/review-api.ts';
import { JOB_ID, startPortico, type Portico } from './fixture.ts';

const UNKNOWN = 'b2b1f3a4-0000-4000-8000-000000000000';
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;

describe('a job that its caller may not read', () => {
  let reviews: ReviewApi;
  let world: ReturnType<typeof memoryReads>;
  let portico: Portico;
  beforeEach(async () => {
    const clock = fakeClock();
    reviews = new ReviewApi();
    reviews.tokens.set('good', { audiences: ['portico'], user: { username: 'ci' } });
    world = memoryReads();
    world.api.put(JOBS, jobOf({ name: JOB_ID }));
    const callers = { client: reviews, audience: 'portico', namespace: 'jobs', clock };
    portico = await startPortico({ callers: new TokenCallers(callers), views: world.reads });
  });
  afterEach(() => portico.listening.stop());

  /** What is seen from outside, without what differs between any two answers. */
  async function seen(path: string) {
    const { status, text, headers } = await portico.call({
      method: 'GET',
      path,
      headers: { Authorization: 'Bearer good' },
    });
    const own = new Set(['date', 'x-request-id']);
    const others = Object.entries(headers).filter(([name]) => !own.has(name));
    return { status, text, headers: Object.fromEntries(others) };
  }

  for (const suffix of ['', '/logs', '/logs?follow=true']) {
    it(`is answered on /jobs/ID${suffix} as one that there never was`, async () => {
      const unknown = await seen(`/jobs/${UNKNOWN}${suffix}`);
      expect(unknown).to.deep.include({ status: 404, text: '{"error":"job not found"}' });
      expect(await seen(`/jobs/${JOB_ID}${suffix}`)).to.deep.equal(unknown);
      // In memory by now.
      expect(await seen(`/jobs/${JOB_ID}${suffix}`)).to.deep.equal(unknown);
    });
  }

  it('is looked for live each time, as one that there never was', async () => {
    const looks = () => world.api.calls.splice(0).filter((call) => call.startsWith(`GET ${JOBS}`)).length;
    for (let times = 0; times < 3; times++) {
      await seen(`/jobs/${JOB_ID}`);
      expect(looks()).to.be.at.least(1);
    }
  });

  it('is answered as one that there never was also when nothing can be looked for', async () => {
    await seen(`/jobs/${JOB_ID}`);
    world.api.failNext(/^GET .*jobs/, new UnreachableError('away'));
    const known = await seen(`/jobs/${JOB_ID}`);
    world.api.failNext(/^GET .*jobs/, new UnreachableError('away'));
    expect(known).to.deep.equal(await seen(`/jobs/${UNKNOWN}`));
    expect(known.status).to.equal(503);
  });

  it('has nothing read of it, and its operator finds in the log why', async () => {
    await seen(`/jobs/${JOB_ID}`);
    expect(world.api.calls.filter((call) => call.includes('/pods'))).to.be.empty;
    const line = portico.lines.find(({ msg }) => msg === 'request');
    expect(line).to.include({ status: 404, error: 'job not found' });
    expect(line?.['reason']).to.contain('the right to get workers/jobs "local"');
  });
});
