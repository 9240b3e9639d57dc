// What is over is forgotten when its retention is: by the API server and by /query, whatever became of the job.
import { expect } from 'chai';
import { sideBySide } from './side-by-side.ts';
import { ask, failedWith, LOOP, STOPPED, SUCCEEDED, Tenant } from './tenant.ts';

const NOT_FOUND = { error: 'job not found' };

describe('after the retention', () => {
  let tenant: Tenant;
  before(async function () {
    tenant = await Tenant.start(this, { args: ['--retention-seconds=3'] });
  });
  after(() => tenant?.stop());

  /** Until then it says the same as ever. */
  const untilForgotten = (jobId: string, said: object) =>
    ask(async () => {
      const answer = await tenant.query(jobId);
      if (!('done' in answer)) return answer;
      expect(answer).to.deep.equal(said);
      return undefined;
    });

  /** @param end begins when /query is being asked already, so that no answer is missed */
  const endsAndIsForgotten = async (jobId: string, said: object, end?: () => Promise<unknown>) => {
    const [answer] = await Promise.all([tenant.outcome(jobId), end?.()]);
    expect(answer).to.deep.equal(said);
    expect(await untilForgotten(jobId, said)).to.deep.equal(NOT_FOUND);
  };

  sideBySide({
    'a job that succeeded is not found, and until then it succeeded': async () => {
      await endsAndIsForgotten(await tenant.portico.bash('exit 0'), SUCCEEDED);
    },
    'a job that failed is not found, and until then it failed': async () => {
      await endsAndIsForgotten(await tenant.portico.bash('exit 3'), failedWith('exit status 3'));
    },
    'a job past its deadline is not found, and until then that was its end': async () => {
      const jobId = await tenant.portico.bash('sleep 600', { timeout_seconds: 1 });
      await endsAndIsForgotten(jobId, failedWith('deadline exceeded'));
    },
    'a job that was stopped is not found, and until then it was stopped': async () => {
      const jobId = await tenant.begun(LOOP);
      await endsAndIsForgotten(jobId, STOPPED, () => tenant.stopJob(jobId));
    },
    'a job that kubectl deleted is not found, and until then it was stopped': async () => {
      const jobId = await tenant.begun(LOOP);
      await endsAndIsForgotten(jobId, STOPPED, () => tenant.kubectl('delete', 'job', jobId, '--wait=false'));
    },
    'a stop that comes too late is job not found': async () => {
      const jobId = await tenant.portico.bash('exit 0');
      await endsAndIsForgotten(jobId, SUCCEEDED);
      expect(await tenant.stopJob(jobId)).to.deep.equal(NOT_FOUND);
    },
  });

  it('no Job, no pod and no record is left in the namespace', () => tenant.untilEmpty());
});
