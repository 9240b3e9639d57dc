// Waiting for a job: its exit status, its log, what a person sees meanwhile, and how they leave.
import FakeTimers from '@sinonjs/fake-timers';
import { expect } from 'chai';
import { waitFor, type Waiting } from '../../src/cli/wait.ts';
import { PorticoClient } from '../../src/client/index.ts';
import { StubPortico } from '../support/stub-portico.ts';
import { recordingTerminal } from './recording-terminal.ts';

const JOB_ID = 'b2b1f3a4-7c5d-4e6f-8a9b-0c1d2e3f4a5b';
const FAILED = { done: true, error: true, error_text: 'exit status 3' };

describe('waiting', () => {
  let stub: StubPortico;
  let client: PorticoClient;
  let waiting: Waiting;
  beforeEach(async () => {
    stub = await StubPortico.start();
    stub.jobs = [
      { job_id: JOB_ID, worker_id: 'gpu', state: 'pending', error_text: '', waiting: 'no\u001b node' },
    ];
    client = new PorticoClient({ url: stub.url, retrySeconds: 0 });
    waiting = { server: stub.url, jobId: JOB_ID, workerId: 'gpu', follow: false, json: false };
  });
  afterEach(() => stub.stop());

  it('ends as the job did, and says how on stderr', async () => {
    stub.answers = [FAILED];
    const terminal = recordingTerminal();
    expect(await waitFor(client, waiting, terminal)).to.equal(3);
    expect(terminal.printed).to.deep.equal({ stdout: '', stderr: 'exit status 3\n' });
  });

  it('prints the answer as JSON when it is asked for', async () => {
    stub.answers = [FAILED];
    const terminal = recordingTerminal();
    expect(await waitFor(client, { ...waiting, json: true }, terminal)).to.equal(3);
    expect(JSON.parse(terminal.printed.stdout)).to.deep.equal({ job_id: JOB_ID, ...FAILED });
    expect(terminal.printed.stderr).to.equal('');
  });

  it('prints the log meanwhile, all of it', async () => {
    stub.log = ['one\n', 'two\n'];
    const terminal = recordingTerminal();
    expect(await waitFor(client, { ...waiting, follow: true }, terminal)).to.equal(0);
    expect(terminal.printed).to.deep.equal({ stdout: 'one\ntwo\n', stderr: '' });
  });

  it('goes on when the log cannot be read, or breaks off', async () => {
    stub.answers = [FAILED];
    for (const [jobs, words] of [
      [[], 'the log cannot be read: job not found'],
      [stub.jobs, 'the log broke off: no answer from'],
    ] as const) {
      stub.jobs = [...jobs];
      stub.next.push(
        (response, seen) => stub.respond(response, seen),
        (response, seen) => {
          if (jobs.length === 0) stub.respond(response, seen);
          else response.write('half', () => response.destroy());
        },
      );
      const terminal = recordingTerminal();
      expect(await waitFor(client, { ...waiting, follow: true }, terminal)).to.equal(3);
      expect(terminal.printed.stderr).to.include(words).and.include('exit status 3');
    }
  });

  it('tells who leaves how to go on, and leaves the job', async () => {
    stub.next.push(() => undefined);
    const terminal = recordingTerminal();
    const left = waitFor(client, waiting, terminal).catch(() => 'left');
    await stub.asked('/query');
    terminal.interrupt();
    expect(await left).to.equal('left');
    expect(terminal.printed.stderr).to.include(`  portico wait --server ${stub.url} ${JOB_ID}\n`);
    expect(terminal.printed.stderr).to.include(`  portico stop --server ${stub.url} ${JOB_ID}\n`);
    expect(stub.seen.map(({ url }) => url)).to.deep.equal(['/query']);
  });

  describe('at a terminal', () => {
    let clock: ReturnType<typeof FakeTimers.install>;
    beforeEach(() => {
      clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] });
    });
    afterEach(() => clock.uninstall());

    it('shows how the job stands, and leaves nothing behind', async () => {
      let finish: () => void = () => undefined;
      stub.next.push((response, seen) => {
        finish = () => stub.respond(response, seen);
      });
      const terminal = recordingTerminal({ isTerminal: true });
      const status = waitFor(client, waiting, terminal);
      await stub.asked('/query');
      clock.tick(1_000);
      await terminal.said('pending: no  node');
      finish();
      expect(await status).to.equal(0);
      expect(terminal.printed.stderr).to.include(`${JOB_ID}  0s  `);
      expect(terminal.printed.stderr).to.match(/\r\u001b\[K$/);
      expect(terminal.printed.stdout).to.equal('');
    });
  });
});
