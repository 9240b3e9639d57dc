// The three calls as their callers know them, on real processes: each row of the contract.
import { expect } from 'chai';
import { Portico } from '../support/portico.ts';

const RUNNING = { done: false, error: false, error_text: '' };
const SUCCEEDED = { done: true, error: false, error_text: '' };
const failedWith = (text: string) => ({ done: true, error: true, error_text: text });

describe('the three calls', () => {
  let portico: Portico;
  before(async () => {
    portico = await Portico.start();
  });
  after(() => portico.stop());

  it('start answers 201 with a UUID alone', async () => {
    const { status, body, headers } = await portico.post('/start', {
      worker_id: 'local',
      command: 'bash',
      path: 'worker/scripts/count.sh',
    });
    expect(status).to.equal(201);
    expect(headers.get('content-type')).to.match(/^application\/json/);
    expect(Object.keys(body)).to.deep.equal(['job_id']);
    expect(body['job_id']).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await portico.query(body['job_id'] as string)).to.deep.equal(RUNNING);
    expect(await portico.stopJob(body['job_id'] as string)).to.deep.include({
      status: 200,
      body: { success: true },
    });
  });

  const ENDINGS: [situation: string, script: string, answer: object][] = [
    ['exit 0', 'exit 0', SUCCEEDED],
    ['exit 3', 'exit 3', failedWith('exit status 3')],
    ['exit 128', 'exit 128', failedWith('exit status 128')],
    ['exit 255', 'exit 255', failedWith('exit status 255')],
    ['SIGKILL', 'kill -KILL $$', failedWith('signal: killed')],
    ['SIGTERM', 'kill -TERM $$', failedWith('signal: terminated')],
    ['SIGSEGV', 'kill -SEGV $$', failedWith('signal: segmentation fault')],
    ['SIGHUP', 'kill -HUP $$', failedWith('signal: hangup')],
    ['a signal without a name', 'kill -34 $$', failedWith('signal: signal 34')],
  ];
  for (const [situation, script, answer] of ENDINGS) {
    it(`query on a script that ends by ${situation}`, async () => {
      expect(await portico.outcome(await portico.bash(script))).to.deep.equal(answer);
    });
  }

  it('query on a missing script says what bash says: exit status 127', async () => {
    const jobId = await portico.startJob('bash', '/nowhere/none.sh');
    expect(await portico.outcome(jobId)).to.deep.equal(failedWith('exit status 127'));
  });

  it('query on a missing executable names it', async () => {
    const jobId = await portico.startJob('nosuchexe', 'x');
    expect(await portico.outcome(jobId)).to.deep.equal(
      failedWith('exec: "nosuchexe": executable file not found in $PATH'),
    );
  });

  it('query on a stopped job reports signal: killed', async () => {
    const jobId = await portico.bash('while :; do sleep 1; done');
    expect(await portico.query(jobId)).to.deep.equal(RUNNING);
    expect(await portico.stopJob(jobId)).to.deep.include({ status: 200, body: { success: true } });
    expect(await portico.outcome(jobId)).to.deep.equal(failedWith('signal: killed'));
  });

  it('query says done only when a script that ignores SIGTERM is gone', async () => {
    const jobId = await portico.bash('trap "" TERM; echo ready; while :; do sleep 0.1; done');
    await portico.hasPrinted(jobId, 'ready');
    await portico.stopJob(jobId);
    expect(await portico.query(jobId)).to.deep.equal(RUNNING);
    expect(await portico.outcome(jobId)).to.deep.equal(failedWith('signal: killed'));
  });

  it('a second stop, and a stop on a finished job, change nothing', async () => {
    const stopped = await portico.bash('sleep 600');
    const finished = await portico.bash('exit 3');
    expect(await portico.outcome(finished)).to.deep.equal(failedWith('exit status 3'));
    for (const jobId of [stopped, stopped, finished, finished]) {
      expect(await portico.stopJob(jobId)).to.deep.include({ status: 200, body: { success: true } });
    }
    expect(await portico.outcome(stopped)).to.deep.equal(failedWith('signal: killed'));
    expect(await portico.stopJob(stopped)).to.deep.include({ status: 200, body: { success: true } });
    expect(await portico.outcome(finished)).to.deep.equal(failedWith('exit status 3'));
  });

  it('query on a job past its deadline reports deadline exceeded', async () => {
    const jobId = await portico.bash('sleep 600', { timeout_seconds: 1 });
    expect(await portico.outcome(jobId)).to.deep.equal(failedWith('deadline exceeded'));
  });

  it('command, path, args and env reach the process literally: no shell, no expansion', async () => {
    const args = ['$(HOME)', '$$', '`id`', '*', 'a b', '', '"', "'", '\\', 'ü', '$(A)$$(B)'];
    const env = { A: '$(HOME)', B: '$$x', LIST: '1 2' };
    const want = [...args, env.A, env.B, env.LIST].join('|');
    const script = 'IFS="|"; [ "$*|$A|$B|$LIST" = "$0" ]';
    const jobId = await portico.startJob('bash', '-c', { args: [script, want, ...args], env });
    expect(await portico.outcome(jobId)).to.deep.equal(SUCCEEDED);
  });

  it('relative paths resolve against the folder where Portico was started', async () => {
    const jobId = await portico.startJob('test', '-f', { args: ['worker/scripts/count.sh'] });
    expect(await portico.outcome(jobId)).to.deep.equal(SUCCEEDED);
  });

  it('an unknown worker is worker not found on all three', async () => {
    const ref = { worker_id: 'nobody', job_id: 'b2b1f3a4-0000-4000-8000-000000000000' };
    for (const [path, body] of [
      ['/start', { worker_id: 'nobody', command: 'true', path: 'x' }],
      ['/stop', ref],
      ['/query', ref],
    ] as const) {
      expect(await portico.post(path, body)).to.deep.include({
        status: 500,
        body: { error: 'worker not found' },
      });
    }
  });

  it('an unknown or odd job id is job not found', async () => {
    const odd = ['../../nodes', '__proto__', 'x'.repeat(300), 'a\0b', 'B2B1F3A4-0000-4000-8000-000000000000'];
    for (const job_id of [...odd, 'b2b1f3a4-0000-4000-8000-000000000000']) {
      for (const path of ['/stop', '/query']) {
        const answer = await portico.post(path, { worker_id: 'local', job_id });
        expect(answer, job_id).to.deep.include({ status: 500, body: { error: 'job not found' } });
      }
    }
  });

  it('JSON is read whatever the Content-Type says, and the last of two keys counts', async () => {
    const body = '{"worker_id":"nobody","worker_id":"local","command":"true","path":"x","more":[{}]}';
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json; charset=utf-8',
      '',
    ]) {
      const { status } = await portico.raw('/start', body, { 'content-type': type });
      expect(status, type).to.equal(201);
    }
  });

  it('what is wrong with a body is said, and nothing is started', async () => {
    for (const body of [
      '',
      'x',
      '[]',
      '3',
      '{"worker_id":',
      '{}',
      '{"worker_id":"local","command":7,"path":"x"}',
    ]) {
      const { status, body: answer } = await portico.raw('/start', body);
      expect(status, body).to.equal(400);
      expect(answer['error'], body).to.match(/expected .*got /);
    }
    const { status } = await portico.raw('/start', JSON.stringify({ command: 'x'.repeat(2_000_000) }));
    expect(status).to.equal(413);
  });

  it('a page of another origin may not run commands', async () => {
    const body = { worker_id: 'local', command: 'true', path: 'x' };
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://example.com' }] as Record<
      string,
      string
    >[]) {
      expect((await portico.post('/start', body, headers)).status).to.equal(403);
    }
  });

  it('unknown routes and methods are refused in JSON', async () => {
    const unknown = await portico.post('/nope', {});
    expect(unknown.status).to.equal(404);
    expect(unknown.body['error']).to.be.a('string');
    const got = await fetch(`${portico.url}/start`);
    expect(got.status).to.equal(405);
    expect(got.headers.get('allow')).to.include('POST');
    expect(await got.json()).to.have.key('error');
  });

  it('is alive and ready', async () => {
    expect((await fetch(`${portico.url}/healthz`)).status).to.equal(200);
    expect((await fetch(`${portico.url}/readyz`)).status).to.equal(200);
  });
});
