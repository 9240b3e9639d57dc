// The logs of jobs, as a caller reads and follows them.
import { expect } from 'chai';
import { text } from 'node:stream/consumers';
import { Kubectl, skipWithoutKubectl } from '../support/kubectl.ts';
import { Portico } from '../support/portico.ts';

describe('GET /jobs/ID/logs', function () {
  this.timeout(60_000);
  let portico: Portico;
  before(async () => {
    portico = await Portico.start();
  });
  after(() => portico.stop());

  const logsOf = (jobId: string, query = '') => fetch(`${portico.url}/jobs/${jobId}/logs${query}`);
  const textOf = async (jobId: string, query = '') => (await logsOf(jobId, query)).text();

  it('has what a job has printed, whole or its last lines', async () => {
    const jobId = await portico.bash('for i in 1 2 3; do echo line $i; done; exit 3');
    await portico.outcome(jobId);
    expect(await textOf(jobId)).to.equal('line 1\nline 2\nline 3\n');
    expect(await textOf(jobId, '?tail=1')).to.equal('line 3\n');
    expect(await textOf(jobId, '?since=3600')).to.equal('line 1\nline 2\nline 3\n');
    expect(await textOf(jobId, '?since=2100-01-01T00:00:00Z')).to.equal('');
  });

  it('follows a job from before it begins until it ends', async () => {
    const jobId = await portico.bash('echo begun; sleep 1; echo over');
    expect(await textOf(jobId, '?follow=true')).to.equal('begun\nover\n');
  });

  it('ends with a job that is stopped, and then there is no tail', async () => {
    const jobId = await portico.bash('echo begun; while :; do sleep 1; done');
    const { body } = await logsOf(jobId, '?follow=true');
    if (!body) throw new Error('expected a log');
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).to.equal('begun\n');
    await portico.stopJob(jobId);
    expect(await reader.read()).to.include({ done: true });
    await portico.outcome(jobId);
    const kept = await logsOf(jobId);
    expect([kept.headers.get('portico-log'), await kept.text()]).to.deep.equal(['tail', '']);
  });

  it('has the tail that was kept of a job that failed, when its pod is gone', async function () {
    skipWithoutKubectl(this);
    const kubectl = new Kubectl({ kubeconfig: portico.kubeconfig, folder: portico.stateDir });
    const annotations = ['get', 'job', '-o', 'jsonpath={.metadata.annotations}'];
    const jobId = await portico.bash('echo last words; exit 3');
    await portico.outcome(jobId);
    const pods = `--selector=batch.kubernetes.io/job-name=${jobId}`;
    // What is done is known a moment before its outcome is written down.
    await until(async () => (await kubectl.ok([...annotations, jobId])).includes('last words'));
    await kubectl.ok(['delete', 'pods', pods]);
    const kept = await logsOf(jobId);
    expect([kept.headers.get('portico-log'), await kept.text()]).to.deep.equal(['tail', 'last words\n']);
  });

  it('does not keep a Portico from ending', async () => {
    const other = await Portico.start({ args: [`--kubeconfig=${portico.kubeconfig}`, '--workers=local'] });
    const jobId = await portico.bash('echo begun; while :; do sleep 1; done');
    const { body } = await fetch(`${other.url}/jobs/${jobId}/logs?follow=true`);
    if (!body) throw new Error('expected a log');
    const ended = text(body).catch((error: unknown) => error);
    expect(await other.stop()).to.equal(0);
    expect(await ended).to.be.instanceOf(Error);
    await portico.stopJob(jobId);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}
