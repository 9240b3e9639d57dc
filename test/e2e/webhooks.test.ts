// Who asked for it is told of the end of a job, whatever becomes of the Portico that was asked.
import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshFolder, Portico } from '../support/portico.ts';
import { type Received, type Receiver, SECRET, startReceiver } from '../support/receiver.ts';

const LOOP = 'while :; do sleep 1; done';

describe('callback_url', function () {
  this.timeout(60_000);
  let folder: string;
  let receiver: Receiver;
  let cluster: Portico;
  let settings: string[];
  let replicas: Portico[];
  before(async () => {
    folder = await freshFolder();
    receiver = await startReceiver();
    const secretFile = join(folder, 'secret');
    await writeFile(secretFile, SECRET);
    // It brings the cluster, and settles jobs in a namespace of its own: the others lead without it.
    cluster = await Portico.start({ args: ['--namespace=elsewhere'] });
    settings = [
      `--kubeconfig=${cluster.kubeconfig}`,
      '--namespace=default',
      '--workers=local',
      '--lease-seconds=2',
      `--webhook-hosts=${receiver.origin}`,
      `--webhook-secret-file=${secretFile}`,
    ];
  });
  after(async () => {
    await cluster.stop();
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    replicas = [];
    receiver.received.length = 0;
    receiver.answer = (response) => response.end();
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  /** The first one leads. */
  async function start(...more: string[]): Promise<Portico> {
    const replica = await Portico.start({ args: [...settings, ...more] });
    replicas.push(replica);
    return replica;
  }
  const callback = () => ({ callback_url: `${receiver.origin}/done` });
  const told = (jobId: string) => receiver.next(({ id }) => id === jobId);
  const dataOf = ({ body }: Received) => (body as { data: Record<string, unknown> }).data;

  it('gets one signed POST of what /query says', async () => {
    const portico = await start();
    const failed = await portico.bash('exit 3', callback());
    const succeeded = await portico.bash('exit 0', callback());
    for (const jobId of [failed, succeeded]) {
      const received = await told(jobId);
      expect([received.path, received.body]).to.have.nested.property('[1].type', 'job.done');
      expect(dataOf(received)).to.include({
        job_id: jobId,
        worker_id: 'local',
        ...(await portico.outcome(jobId)),
      });
    }
    expect(receiver.received.map(({ id }) => id)).to.have.members([failed, succeeded]);
  });

  it('is told of a job that was stopped, when no process of it is left', async () => {
    const portico = await start();
    const jobId = await portico.bash(LOOP, callback());
    await portico.stopJob(jobId);
    expect(dataOf(await told(jobId))).to.include({ done: true, error: true, error_text: 'signal: killed' });
    expect(await portico.query(jobId)).to.include({ done: true, error_text: 'signal: killed' });
  });

  it('is told by another replica when the one that leads was killed before it could', async () => {
    const [leader, other] = [await start(), await start()];
    receiver.answer = (response) => response.writeHead(500).end();
    const [ended, stopped] = [await leader.bash('exit 3', callback()), await leader.bash(LOOP, callback())];
    await leader.stopJob(stopped);
    await Promise.all([told(ended), told(stopped)]);
    await leader.end('SIGKILL');
    receiver.received.length = 0;
    receiver.answer = (response) => response.end();
    expect(dataOf(await told(ended))).to.include(await other.outcome(ended));
    expect(dataOf(await told(stopped))).to.include(await other.outcome(stopped));
  });

  it('that is away holds up nothing', async () => {
    const portico = await start();
    receiver.answer = () => undefined;
    const jobs = await Promise.all(Array.from({ length: 20 }, () => portico.bash(LOOP, callback())));
    for (const jobId of jobs) await portico.stopJob(jobId);
    for (const jobId of jobs)
      expect(await portico.outcome(jobId)).to.include({ error_text: 'signal: killed' });
    expect(await portico.stop()).to.equal(0);
    replicas = [];
  });

  it('is refused on a host that is not allowed, and nothing is started', async () => {
    const portico = await start();
    const body = { worker_id: 'local', command: 'true', path: 'x', callback_url: 'https://evil.example/' };
    const { status, body: answer } = await portico.post('/start', body);
    expect([status, answer]).to.deep.equal([
      400,
      { error: 'expected "callback_url" to be on a host that --webhook-hosts allows' },
    ]);
    const without = await cluster.post('/start', { ...body, callback_url: `${receiver.origin}/` });
    expect([without.status, without.body]).to.deep.equal([
      400,
      { error: 'expected no "callback_url": no hosts are allowed here (--webhook-hosts)' },
    ]);
  });

  it('of the job template is told of every job, unless /start names another', async () => {
    const template = join(folder, 'template.yaml');
    const annotation = `portico.dev/callback-url: ${receiver.origin}/all`;
    await writeFile(
      template,
      `apiVersion: batch/v1\nkind: Job\nmetadata:\n  annotations:\n    ${annotation}\n`,
    );
    const portico = await start(`--job-template=${template}`);
    expect((await told(await portico.bash('exit 0'))).path).to.equal('/all');
    expect((await told(await portico.bash('exit 0', callback()))).path).to.equal('/done');
  });
});
