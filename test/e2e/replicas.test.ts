// Several Porticos on one cluster: callers do not notice which one they talk to, nor when one of them is lost.
import { expect } from 'chai';
import { Portico } from '../support/portico.ts';

const LOOP = 'while :; do sleep 1; done';
const SUCCEEDED = { done: true, error: false, error_text: '' };
const KILLED = { done: true, error: true, error_text: 'signal: killed' };
/** So that nobody has to wait long for the lease of one that was killed. */
const LEASE = '--lease-seconds=2';

describe('two replicas', function () {
  this.timeout(60_000);
  let cluster: Portico;
  let replicas: Portico[];
  before(async () => {
    // It brings the cluster, and settles jobs in a namespace of its own: the others lead without it.
    cluster = await Portico.start({ args: ['--namespace=elsewhere'] });
  });
  after(() => cluster.stop());
  beforeEach(() => {
    replicas = [];
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  /** The first one leads. */
  async function start(count: number): Promise<Portico[]> {
    const args = [`--kubeconfig=${cluster.kubeconfig}`, '--namespace=default', '--workers=local', LEASE];
    for (let index = 0; index < count; index++) replicas.push(await Portico.start({ args }));
    return replicas;
  }
  async function startTwo(): Promise<[Portico, Portico]> {
    const [one, other] = await start(2);
    if (!one || !other) throw new Error('expected two replicas');
    return [one, other];
  }
  const keyed = (replica: Portico, key: string, script: string) =>
    replica.post(
      '/start',
      { worker_id: 'local', command: 'bash', path: '-c', args: [script] },
      { 'Idempotency-Key': `"${key}"` },
    );

  it('a job that was started on one is found and stopped on the other at once', async () => {
    const [one, other] = await startTwo();
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const jobId = await here.bash(LOOP);
      expect(await there.query(jobId)).to.deep.equal({ done: false, error: false, error_text: '' });
      const second = await here.bash(LOOP);
      expect((await there.stopJob(second)).status).to.equal(200);
      await there.stopJob(jobId);
      for (const id of [jobId, second]) {
        expect(await there.outcome(id)).to.deep.equal(KILLED);
        expect(await here.query(id)).to.deep.equal(KILLED);
      }
    }
  });

  it('when the one that leads is killed, the other one settles what is left and what comes', async () => {
    const [leader, other] = await startTwo();
    const jobId = await leader.bash(`trap "" TERM; ${LOOP}`);
    await leader.stopJob(jobId);
    await leader.end('SIGKILL');
    const later = await other.bash(LOOP);
    await other.stopJob(later);
    expect(await other.outcome(jobId)).to.deep.equal(KILLED);
    expect(await other.outcome(later)).to.deep.equal(KILLED);
  });

  it('when the one that leads is told to stop, the other one goes on', async () => {
    const [leader, other] = await startTwo();
    const jobId = await leader.bash(LOOP);
    expect(await leader.end('SIGTERM')).to.equal(0);
    await other.stopJob(jobId);
    expect(await other.outcome(jobId)).to.deep.equal(KILLED);
  });

  it('a start that is repeated is one job, on whichever replica and whatever has become of it', async () => {
    const [one, other] = await startTwo();
    const answers = await Promise.all(
      [one, other, one, other].map((replica) => keyed(replica, 'once', LOOP)),
    );
    const ids = new Set(answers.map(({ body }) => body['job_id'] as string));
    expect([answers.map(({ status }) => status), ids.size]).to.deep.equal([[201, 201, 201, 201], 1]);
    const [jobId = ''] = ids;
    await other.stopJob(jobId);
    for (const replica of [other, one]) {
      const { status, body } = await keyed(replica, 'once', LOOP);
      expect([status, body['job_id']]).to.deep.equal([201, jobId]);
      expect(await replica.outcome(jobId)).to.deep.equal(KILLED);
      expect((await keyed(replica, 'once', LOOP)).body['job_id']).to.equal(jobId);
      expect((await keyed(replica, 'once', 'exit 0')).status).to.equal(422);
    }
  });

  it('a start is known by its key after all replicas were killed', async () => {
    const [one, other] = await startTwo();
    const { body } = await keyed(one, 'kept', 'exit 0');
    const jobId = body['job_id'] as string;
    await Promise.all([one.end('SIGKILL'), other.end('SIGKILL')]);
    const [, , third] = await start(1);
    if (!third) throw new Error('expected a third replica');
    expect((await keyed(third, 'kept', 'exit 0')).body).to.deep.equal({ job_id: jobId });
    expect(await third.outcome(jobId)).to.deep.equal(SUCCEEDED);
  });
});
