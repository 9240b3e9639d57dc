// The contract on a control plane alone: the API server, the controllers and the scheduler are real, the kubelet is played.
import { expect } from 'chai';
import { Portico } from '../../support/portico.ts';
import { theCluster } from '../current.ts';
import { PlayedNode } from '../played-node.ts';

const WORKER = 'played';
const failedWith = (text: string) => ({ done: true, error: true, error_text: text });
const RUNNING = { done: false, error: false, error_text: '' };

describe('the three calls, with a played kubelet', () => {
  let portico: Portico;
  let node: PlayedNode;
  const ends: (() => Promise<unknown>)[] = [];
  before(async function () {
    node = await PlayedNode.join(theCluster(this).api, WORKER);
    ends.unshift(() => node.leave());
    portico = await Portico.start({ args: [`--workers=${WORKER}`] });
    ends.unshift(() => portico.stop());
  });
  after(async () => {
    for (const end of ends) await end();
  });

  const start = (more: object = {}) => portico.startJob('bash', 'x.sh', { worker_id: WORKER, ...more });
  const outcome = async (job_id: string) =>
    (await portico.post('/query', { worker_id: WORKER, job_id }, { prefer: 'wait=60' })).body;

  it('a container that ends with 0 is a success', async () => {
    const jobId = await start();
    const pod = await node.pod(jobId);
    await node.run(pod);
    expect(await portico.query(jobId, WORKER)).to.deep.equal(RUNNING);
    await node.end(pod, { exitCode: 0 });
    expect(await outcome(jobId)).to.deep.equal({ done: true, error: false, error_text: '' });
  });

  it('a container that ends with 3 is exit status 3', async () => {
    const jobId = await start();
    await node.end(await node.pod(jobId), { exitCode: 3 });
    expect(await outcome(jobId)).to.deep.equal(failedWith('exit status 3'));
  });

  it('a container that cannot be started names what is missing', async () => {
    const jobId = await start();
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuchexe": executable file not found in $PATH: unknown';
    await node.end(await node.pod(jobId), { exitCode: 128, reason: 'StartError', message });
    expect(await outcome(jobId)).to.deep.equal(
      failedWith('exec: "nosuchexe": executable file not found in $PATH'),
    );
  });

  it('a stopped job is done when its pod is gone, and not before', async () => {
    const jobId = await start();
    const pod = await node.pod(jobId);
    await node.run(pod);
    await portico.post('/stop', { worker_id: WORKER, job_id: jobId });
    await node.untilToldToEnd(pod);
    expect(await portico.query(jobId, WORKER)).to.deep.equal(RUNNING);
    await node.end(pod, { exitCode: 143 });
    await node.forget(pod);
    expect(await outcome(jobId)).to.deep.equal(failedWith('signal: killed'));
  });

  it('a job past its deadline is ended and says so', async () => {
    const jobId = await start({ timeout_seconds: 1 });
    const pod = await node.pod(jobId);
    await node.run(pod);
    await node.untilToldToEnd(pod);
    await node.end(pod, { exitCode: 143 });
    await node.forget(pod);
    expect(await outcome(jobId)).to.deep.equal(failedWith('deadline exceeded'));
  });
});
