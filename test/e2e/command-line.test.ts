// The commands that call a Portico, as a person and a script use them: processes of their own against one that serves.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { valueOf } from '../support/exposition.ts';
import { freshFolder, Portico, run, runToEnd } from '../support/portico.ts';
import { StubPortico } from '../support/stub-portico.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/;

/** Its first line; what comes after is read, and thrown away. */
async function firstLineOf({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('expected a pipe');
  const lines = createInterface(stdout);
  const [line] = (await once(lines, 'line')) as [string];
  return line;
}

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

function textOf({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.on('data', (chunk) => (text += String(chunk)));
  return () => text;
}

/** Until it has answered somebody's /query. */
async function answered(portico: Portico): Promise<void> {
  const queries = async () =>
    valueOf(await (await fetch(`${portico.url}/metrics`)).text(), 'portico_http_requests_total', {
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
    const done = await call('wait', '--worker', 'local', jobId);
    expect(done).to.deep.equal({ code: 3, stdout: '', stderr: 'exit status 3\n' });
    expect((await call('query', '--worker', 'local', jobId)).stdout).to.equal('exit status 3\n');
    expect((await call('stop', '--worker', 'local', jobId, '--json')).stdout).to.equal('{"success":true}\n');
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

  it('left with Ctrl-C says how to go on, and leaves the job', async () => {
    const child = run(['start', '--wait', 'local', 'sleep', '600'], { env: env() });
    const said = textOf(child);
    const jobId = await firstLineOf(child);
    child.kill('SIGINT');
    expect(await endOf(child)).to.equal(130);
    expect(said()).to.include(`portico wait --server ${portico.url} ${jobId}`);
    expect(await portico.query(jobId)).to.include({ done: false });
    const waiting = run(['wait', '--worker', 'local', jobId], { env: env() });
    expect((await call('stop', '--worker', 'local', jobId)).code).to.equal(0);
    expect(await endOf(waiting)).to.equal(137);
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
    expect(stderr.split('\n')).to.deep.equal([
      'expected COMMAND, got nothing',
      'expected PATH, got nothing',
      'expected --timeout to be an integer from 1 to 2147483647, got "x"',
      'portico start --help says more',
      '',
    ]);
    expect((await call('wait', '--help')).stdout).to.match(/^Usage: portico wait \[options\] JOB_ID\n/);
    expect((await call('--help')).stdout).to.include('  logs JOB_ID ');
  });

  it('that waits outlasts the server', async function () {
    // Only one's own cluster may be killed.
    if (process.env['PORTICO_TEST_KUBECONFIG']) this.skip();
    const stateDir = await freshFolder();
    const first = await Portico.start({ stateDir });
    const child = run(['start', '--wait', '--server', first.url, 'local', 'sleep', '600']);
    const said = textOf(child);
    // Once it has been answered it waits for a server that is away.
    await answered(first);
    await first.end('SIGKILL');
    const second = await Portico.start({ stateDir, args: [`--port=${new URL(first.url).port}`] });
    try {
      expect(await endOf(child)).to.equal(125);
      expect(said()).to.match(/^worker lost: /);
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
    const child = run(['logs', '-f', '--server', stub.url, 'x']);
    const said = textOf(child);
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    expect(await endOf(child)).to.equal(141);
    expect(said()).to.equal('');
  });

  it('a log that goes on ends with Ctrl-C', async () => {
    stub.next.push((response) => response.write('one\n'));
    const child = run(['logs', '-f', '--server', stub.url, 'x']);
    expect(await firstLineOf(child)).to.equal('one');
    child.kill('SIGINT');
    expect(await endOf(child)).to.equal(130);
  });
});
