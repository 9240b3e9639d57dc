// Portico stopped and killed in the middle: what it says of its jobs when it is back.
import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { freshFolder, Portico } from '../support/portico.ts';

const failedWith = (text: string) => ({ done: true, error: true, error_text: text });

describe('a restart on the embedded cluster', () => {
  let stateDir: string;
  beforeEach(async () => {
    stateDir = await freshFolder();
  });
  afterEach(() => rm(stateDir, { recursive: true, force: true }));

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`after ${signal} every outcome is still there, and what ran is lost with its worker`, async () => {
      const first = await Portico.start({ stateDir });
      const succeeded = await first.bash('exit 0');
      const failed = await first.bash('exit 7');
      const stopped = await first.bash('sleep 600');
      await first.outcome(succeeded);
      await first.outcome(failed);
      await first.stopJob(stopped);
      await first.outcome(stopped);
      const running = await first.bash('sleep 600');
      await first.end(signal);

      const second = await Portico.start({ stateDir });
      try {
        expect(await second.query(succeeded)).to.deep.equal({ done: true, error: false, error_text: '' });
        expect(await second.query(failed)).to.deep.equal(failedWith('exit status 7'));
        expect(await second.query(stopped)).to.deep.equal(failedWith('signal: killed'));
        expect((await second.outcome(running))['error_text']).to.match(/^worker lost: [A-Z]\w+$/);
        expect(await second.outcome(await second.bash('exit 0'))).to.include({ done: true, error: false });
      } finally {
        await second.stop();
      }
    });
  }

  it('a stop that was not finished before the kill is finished after it', async () => {
    const first = await Portico.start({ stateDir });
    const jobId = await first.bash('trap "" TERM; while :; do sleep 0.1; done');
    await first.stopJob(jobId);
    await first.end('SIGKILL');
    const second = await Portico.start({ stateDir });
    try {
      expect(await second.outcome(jobId)).to.deep.equal(failedWith('signal: killed'));
    } finally {
      await second.stop();
    }
  });

  it('after SIGTERM it is not ready, and serves on for the delay that was asked for', async () => {
    const portico = await Portico.start({ stateDir, args: ['--shutdown-delay-seconds=600'] });
    const running = await portico.bash('sleep 600');
    const ended = portico.stop();
    // When it says so, it has had the signal.
    while ((await fetch(`${portico.url}/readyz`)).status === 200);
    const asked = await portico.post('/query', { worker_id: 'local', job_id: running });
    expect(asked.body).to.deep.equal({ done: false, error: false, error_text: '' });
    expect(asked.headers.get('connection')).to.equal('close');
    await portico.end('SIGKILL');
    await ended;
    // What was killed leaves its job and who runs it, which use the folder until the next one ends them.
    await (await Portico.start({ stateDir })).end('SIGTERM');
  });

  it('SIGTERM ends with exit code 0', async () => {
    const portico = await Portico.start({ stateDir });
    expect(await portico.stop()).to.equal(0);
  });
});
