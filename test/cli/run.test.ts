// What the commands print, on a terminal and for programs.
import { expect } from 'chai';
import { parseCommand } from '../../src/cli/parse.ts';
import { runCommand } from '../../src/cli/run.ts';
import type { Job } from '../../src/client/index.ts';
import { reply, StubPortico } from '../support/stub-portico.ts';
import { recordingTerminal, type RecordingTerminal } from './recording-terminal.ts';

const JOB_ID = 'b2b1f3a4-7c5d-4e6f-8a9b-0c1d2e3f4a5b';
const running: Job = {
  job_id: JOB_ID,
  worker_id: 'gpu',
  state: 'running',
  error_text: '',
  created_at: '2030-01-01T00:00:00Z',
};
const failed: Job = {
  ...running,
  job_id: 'c3b1f3a4-7c5d-4e6f-8a9b-0c1d2e3f4a5b',
  state: 'failed',
  error_text: 'exec: "a\nb": not found',
  finished_at: '2030-01-01T00:09:30Z',
};

describe('a command', () => {
  let stub: StubPortico;
  let terminal: RecordingTerminal;
  beforeEach(async () => {
    stub = await StubPortico.start();
    stub.jobs = [running, failed];
    terminal = recordingTerminal();
  });
  afterEach(() => stub.stop());

  const run = (line: string, words: string[] = []): Promise<number> => {
    const parsed = parseCommand([...line.split(' '), ...words], { PORTICO_SERVER: stub.url });
    if (!parsed || !('command' in parsed)) throw new Error(`expected ${line} to be a command`);
    return runCommand(parsed.command, terminal);
  };
  const asked = () => stub.seen.map(({ method, url, body }) => [method, url, body]);

  it('start prints the id', async () => {
    expect(await run('start --env A=1 gpu bash -c', ['echo "$A"'])).to.equal(0);
    expect(terminal.printed).to.deep.equal({ stdout: `${JOB_ID}\n`, stderr: '' });
    const job = { worker_id: 'gpu', command: 'bash', path: '-c', args: ['echo "$A"'], env: { A: '1' } };
    expect(asked()).to.deep.equal([['POST', '/start', job]]);
    await run('start --key nightly --json gpu true x');
    expect(terminal.printed.stdout).to.match(/\{"job_id":"[^"]+"\}\n$/);
    expect(stub.seen[1]?.headers['idempotency-key']).to.equal('"nightly"');
  });

  it('stop and query ask whose the job is, unless they are told', async () => {
    expect(await run(`stop ${JOB_ID}`)).to.equal(0);
    expect(await run(`query --worker gpu ${JOB_ID}`)).to.equal(0);
    const job = { worker_id: 'gpu', job_id: JOB_ID };
    expect(asked()).to.deep.equal([
      ['GET', `/jobs/${JOB_ID}`, undefined],
      ['POST', '/stop', job],
      ['POST', '/query', job],
    ]);
    expect(terminal.printed).to.deep.equal({ stdout: 'succeeded\n', stderr: '' });
  });

  it('query says how it stands', async () => {
    stub.answers = [
      { done: false, error: false, error_text: '' },
      { done: true, error: true, error_text: 'exit status 3' },
    ];
    for (const json of ['', ' --json']) await run(`query --worker gpu${json} ${JOB_ID}`);
    await run(`query --worker gpu ${JOB_ID}`);
    expect(terminal.printed.stdout.split('\n')).to.deep.equal([
      'not done',
      '{"done":true,"error":true,"error_text":"exit status 3"}',
      'exit status 3',
      '',
    ]);
  });

  it('jobs is a table on a terminal', async () => {
    terminal = recordingTerminal({ isTerminal: true });
    expect(await run('jobs')).to.equal(0);
    expect(terminal.printed.stdout.split('\n').map((line) => line.split(/ {2,}/))).to.deep.equal([
      ['JOB', 'WORKER', 'STATE', 'CREATED', 'FINISHED', 'ERROR'],
      [JOB_ID, 'gpu', 'running', '10m'],
      [failed.job_id, 'gpu', 'failed', '10m', '30s', 'exec: "a b": not found'],
      [''],
    ]);
  });

  it('jobs is lines with tabs for programs, and JSON when it is asked for', async () => {
    await run('jobs --state failed --worker gpu');
    const line = [
      failed.job_id,
      'gpu',
      'failed',
      failed.created_at,
      failed.finished_at,
      'exec: "a b": not found',
    ];
    expect(terminal.printed.stdout).to.equal(`${line.join('\t')}\n`);
    expect(stub.seen[0]?.url).to.include('worker_id=gpu').and.include('state=failed');
    terminal = recordingTerminal();
    await run('jobs --json');
    expect(JSON.parse(terminal.printed.stdout)).to.deep.equal({ items: [running, failed] });
  });

  it('jobs goes on to the next page for as many as are wanted, and says that there are more', async () => {
    terminal = recordingTerminal({ isTerminal: true });
    stub.jobs = Array.from({ length: 1_200 }, () => running);
    await run('jobs --limit 700');
    expect(terminal.printed.stdout.trim().split('\n')).to.have.length(701);
    expect(stub.seen.map(({ url }) => url)).to.deep.equal([
      '/jobs?limit=500',
      '/jobs?limit=200&continue=500',
    ]);
    expect(terminal.printed.stderr).to.equal('There are more: see --limit.\n');
    await run('jobs --limit 2000');
    expect(terminal.printed.stderr).to.equal('There are more: see --limit.\n');
  });

  it('jobs with an id prints all that is known of it', async () => {
    const args = ['a b', '\u001b[2J'];
    stub.jobs = [{ ...running, args, exit_code: 0, waiting: 'no node', log_tail: 'one\n\u001b[2Jtwo\n' }];
    expect(await run(`jobs ${JOB_ID}`)).to.equal(0);
    expect(terminal.printed.stdout).to.equal(
      [
        `job_id      ${JOB_ID}`,
        'worker_id   gpu',
        'state       running',
        'created_at  2030-01-01T00:00:00Z',
        'args        ["a b","\\u001b[2J"]',
        'exit_code   0',
        'waiting     no node',
        '',
        'log_tail',
        '  one',
        '   [2Jtwo',
        '',
      ].join('\n'),
    );
    await run(`jobs --json ${JOB_ID}`);
    expect(JSON.parse(terminal.printed.stdout.split('\n').at(-2) ?? '')).to.deep.equal(stub.jobs[0]);
  });

  it('logs prints the log as it is', async () => {
    stub.log = ['one\n', 'two \u001b[1mbold\u001b[0m\n'];
    expect(await run(`logs --tail 2 -f ${JOB_ID}`)).to.equal(0);
    expect(terminal.printed.stdout).to.equal(stub.log.join(''));
    expect(stub.seen[0]?.url).to.equal(`/jobs/${JOB_ID}/logs?tail=2&follow=true`);
  });

  it('workers lists pools, nodes and jobs', async () => {
    const jobs = { pending: 1, running: 2, stopping: 3, succeeded: 4, failed: 5, stopped: 6 };
    const nodes = [
      { name: 'a', ready: true, schedulable: true },
      { name: 'b', ready: false, schedulable: true },
      { name: 'c', ready: true, schedulable: false },
    ];
    stub.workers = [{ worker_id: 'gpu', declared: true, nodes, jobs, last_job_at: '2030-01-01T00:09:00Z' }];
    await run('workers');
    expect(terminal.printed.stdout).to.equal('gpu\t3\t1\t1\t2\t3\t4\t5\t6\t2030-01-01T00:09:00Z\n');
    terminal = recordingTerminal({ isTerminal: true });
    await run('workers');
    const [titles, line] = terminal.printed.stdout.split('\n');
    expect(titles).to.match(/^WORKER +NODES +READY +PENDING/);
    expect(line).to.match(/^gpu +3 +1 +1 +2 +3 +4 +5 +6 +60s$/);
  });

  it('that is refused says so in a line, and exits with 1', async () => {
    expect(await run('jobs x')).to.equal(1);
    stub.next.push((response) => reply(response, 500, { error: 'worker not\u001b found' }));
    expect(await run('start nobody true x')).to.equal(1);
    expect(terminal.printed).to.deep.equal({
      stdout: '',
      stderr: 'portico: job not found\nportico: worker not  found\n',
    });
  });

  it('sends the token of its file, and says when there is none in it', async () => {
    terminal.files.set('/token', 'secret\n').set('/empty', '\n').set('/many', 'two words');
    await run('workers --token-file /token');
    expect(stub.seen[0]?.headers).to.include({ authorization: 'Bearer secret' });
    for (const file of ['/empty', '/many', '/nowhere']) {
      const error: unknown = await run(`workers --token-file ${file}`).catch((error: unknown) => error);
      expect(error).to.have.property('name', 'UsageError');
      expect((error as Error).message).to.match(/^expected --token-file to be a file with a token/);
      expect((error as Error).message).to.not.include('words');
    }
    expect(stub.seen).to.have.length(1);
  });
});
