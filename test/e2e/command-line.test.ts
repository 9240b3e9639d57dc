// The commands that call a Portico, as a person and a script use them: processes of their own against one that serves.
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { valueOf } from '../support/exposition.ts';
import { freshFolder, Portico, run, runToEnd } from '../support/portico.ts';
import { StubPortico } from '../support/stub-portico.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/;

/** One command as it runs: what it has printed so far, and its exit status. */
function launch(args: string[], env: Record<string, string> = {}) {
  const child = run(args, { env });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => (printed[name] += String(chunk)));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const hasPrinted = async (text: string) => {
    while (!printed.stdout.includes(text)) await once(child.stdout ?? child, 'data');
  };
  return { child, printed, ended, hasPrinted };
}

/** Until it has answered somebody's /query. */
async function answered(portico: Portico): Promise<void> {
  const queries = async () =>
    valueOf(await portico.metrics(), 'portico_http_requests_total', {
      route: '/query',
    });
  while ((await queries()) === 0) continue;
}

describe('the command line', function () {
  this.timeout(60_000);
  let portico: Portico;
  before(async () => {
    portico = await Portico.start();
  });
  after(() => portico.stop());

  const env = () => ({ PORTICO_SERVER: portico.url });
  const call = (...args: string[]) => runToEnd(args, { env: env() });
  /** A bash script, waited for. */
  const waited = (script: string, ...options: string[]) =>
    call('start', '--wait', ...options, 'local', 'bash', '-c', script);

  it('starts a job, waits for it and exits as it did', async () => {
    const { code, stdout } = await call('start', 'local', 'bash', '-c', 'exit 3');
    expect(code).to.equal(0);
    expect(stdout).to.match(UUID);
    const jobId = stdout.trim();
    const done = await call('wait', jobId);
    expect(done).to.deep.equal({ code: 3, stdout: '', stderr: 'exit status 3\n' });
    expect((await call('query', '--worker', 'local', jobId)).stdout).to.equal('exit status 3\n');
    expect((await call('stop', jobId, '--json')).stdout).to.equal('{"success":true}\n');
  });

  const ENDINGS: [situation: string, script: string, options: string[], code: number, stderr: string][] = [
    ['success', 'exit 0', [], 0, ''],
    ['exit 1', 'exit 1', [], 1, 'exit status 1\n'],
    ['a signal', 'kill -TERM $$', [], 143, 'signal: terminated\n'],
    ['a deadline', 'sleep 600', ['--timeout', '1'], 124, 'deadline exceeded\n'],
  ];
  for (const [situation, script, options, code, stderr] of ENDINGS) {
    it(`start --wait exits with ${String(code)} after ${situation}`, async () => {
      const ended = await waited(script, ...options);
      expect(ended).to.include({ code, stderr });
      expect(ended.stdout).to.match(UUID);
    });
  }

  it('start --wait exits with 127 when there is no such executable', async () => {
    const { code, stderr } = await call('start', '--wait', 'local', 'nosuchexe', 'x');
    expect([code, stderr]).to.deep.equal([127, 'exec: "nosuchexe": executable file not found in $PATH\n']);
  });

  it('passes arguments and environment on as they are, and answers in JSON', async () => {
    const script = '[ "$A" = "x y" ] && [ "$1" = --json ] && exit 7';
    const words = ['local', 'bash', '-c', script, 'bash', '--json'];
    const { code, stdout } = await call('start', '--wait', '--json', '--env', 'A=x y', ...words);
    expect(code).to.equal(7);
    const { job_id, ...answer } = JSON.parse(stdout) as Record<string, unknown>;
    expect(`${String(job_id)}\n`).to.match(UUID);
    expect(answer).to.deep.equal({ done: true, error: true, error_text: 'exit status 7' });
  });

  it('with the same key starts one job', async () => {
    const start = () => call('start', '--key', `twice-${String(process.pid)}`, 'local', 'true', 'x');
    expect((await start()).stdout).to.equal((await start()).stdout);
  });

  it('prints the log while it waits', async () => {
    const script = 'echo one; while :; do sleep 0.1; done';
    const waiting = launch(['start', '--follow', 'local', 'bash', '-c', script], env());
    await waiting.hasPrinted('one\n');
    const [jobId = ''] = waiting.printed.stderr.split('\n');
    expect((await call('stop', jobId)).code).to.equal(0);
    expect(await waiting.ended).to.equal(137);
    expect(waiting.printed).to.deep.equal({ stdout: 'one\n', stderr: `${jobId}\nsignal: killed\n` });
  });

  it('prints the log of a job that has ended', async () => {
    const jobId = await portico.bash('echo one; echo two; exit 3');
    expect(await call('wait', '--follow', jobId)).to.deep.equal({
      code: 3,
      stdout: 'one\ntwo\n',
      stderr: 'exit status 3\n',
    });
    expect((await call('logs', jobId)).stdout).to.equal('one\ntwo\n');
    expect((await call('logs', '--tail', '1', jobId)).stdout).to.equal('two\n');
  });

  it('lists jobs and workers, and tells all of one job', async () => {
    const jobId = await portico.bash('echo why; exit 4');
    await portico.outcome(jobId);
    const jobs = await call('jobs', '--worker', 'local', '--state', 'failed', '--limit', '500');
    const line = jobs.stdout.split('\n').find((line) => line.startsWith(jobId));
    expect(line?.split('\t').toSpliced(3, 2)).to.deep.equal([jobId, 'local', 'failed', 'exit status 4']);
    const { items } = JSON.parse((await call('jobs', '--json', '--limit', '1')).stdout) as {
      items: object[];
    };
    expect(items).to.have.length(1);
    const { stdout } = await call('jobs', jobId);
    expect(stdout)
      .to.match(/^exit_code +4$/m)
      .and.match(/^command +bash$/m);
    const { job_id, state } = JSON.parse((await call('jobs', '--json', jobId)).stdout) as Record<
      string,
      unknown
    >;
    expect({ job_id, state }).to.deep.equal({ job_id: jobId, state: 'failed' });
    expect((await call('workers')).stdout).to.match(/^local\t\d+\t/m);
    expect(await call('logs', 'b2b1f3a4-0000-4000-8000-000000000000')).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: 'portico: job not found\n',
    });
  });

  it('left with Ctrl-C says how to go on, and leaves the job', async () => {
    const left = launch(['start', '--wait', 'local', 'sleep', '600'], env());
    await left.hasPrinted('\n');
    const jobId = left.printed.stdout.trim();
    left.child.kill('SIGINT');
    expect(await left.ended).to.equal(130);
    expect(left.printed.stderr).to.include(`portico wait --server ${portico.url} ${jobId}`);
    expect(await portico.query(jobId)).to.include({ done: false });
    const waiting = launch(['wait', jobId], env());
    expect((await call('stop', jobId)).code).to.equal(0);
    expect(await waiting.ended).to.equal(137);
  });

  it('says in one line what was refused, and that nobody answers', async () => {
    const refused = await call('start', 'nobody', 'true', 'x');
    expect(refused).to.deep.equal({ code: 1, stdout: '', stderr: 'portico: worker not found\n' });
    const gone = await StubPortico.start();
    gone.stop();
    const { code, stdout, stderr } = await runToEnd(['wait', '--server', gone.url, '--worker', 'w', 'x']);
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(/^portico: no answer from http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*\n$/);
  });

  it('says what is wrong with it, and exits with 2', async () => {
    const { code, stdout, stderr } = await call('start', '--timeout', 'x', 'local');
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.equal(
      'portico: expected COMMAND, got nothing; expected PATH, got nothing; expected --timeout to be an integer from 1 to 2147483647, got "x" (portico start --help says more)\n',
    );
    expect((await call('wait', '--help')).stdout).to.match(/^Usage: portico wait \[options\] JOB_ID\n/);
    expect((await call('--help')).stdout).to.include('  logs JOB_ID ');
  });

  it('that waits outlasts the server', async function () {
    // Only one's own cluster may be killed.
    if (process.env['PORTICO_TEST_KUBECONFIG']) this.skip();
    this.timeout(120_000);
    const stateDir = await freshFolder();
    const first = await Portico.start({ stateDir });
    const waiting = launch(['start', '--wait', '--server', first.url, 'local', 'sleep', '600']);
    // Once it has been answered it waits for a server that is away.
    await answered(first);
    await first.end('SIGKILL');
    const second = await Portico.start({ stateDir, args: [`--port=${new URL(first.url).port}`] });
    try {
      expect(await waiting.ended).to.equal(125);
      expect(waiting.printed.stderr).to.match(/^worker lost: /);
    } finally {
      await second.stop();
      await rm(stateDir, { recursive: true, force: true });
    }
  });
});

describe('the command line, reading', () => {
  let stub: StubPortico;
  before(async () => {
    stub = await StubPortico.start();
  });
  after(() => stub.stop());

  it('ends quietly when nobody reads it any more', async () => {
    stub.next.push((response) => {
      const more = () => response.write('and so on\n'.repeat(1_000), (error) => error ?? more());
      more();
    });
    const reading = launch(['logs', '-f', '--server', stub.url, 'x']);
    await reading.hasPrinted('and so on\n');
    reading.child.stdout?.destroy();
    expect(await reading.ended).to.equal(141);
    expect(reading.printed.stderr).to.equal('');
  });

  it('a log that goes on ends with Ctrl-C', async () => {
    stub.next.push((response) => response.write('one\n'));
    const reading = launch(['logs', '-f', '--server', stub.url, 'x']);
    await reading.hasPrinted('one\n');
    reading.child.kill('SIGINT');
    expect(await reading.ended).to.equal(130);
  });
});
