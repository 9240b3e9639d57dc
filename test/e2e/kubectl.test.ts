// The same jobs through kubectl, as an operator sees and handles them.
import { expect } from 'chai';
import { Kubectl, skipWithoutKubectl } from '../support/kubectl.ts';
import { Portico } from '../support/portico.ts';

const STOPPED = { done: true, error: true, error_text: 'signal: killed' };

describe('the jobs in kubectl', function () {
  let portico: Portico;
  let client: Kubectl;
  before(async function () {
    skipWithoutKubectl(this);
    portico = await Portico.start();
    client = new Kubectl({ kubeconfig: portico.kubeconfig, folder: portico.stateDir });
  });
  after(() => portico?.stop());
  const kubectl = (...args: string[]) => client.ok(args);
  const loop = () => portico.bash('echo begun; while :; do sleep 1; done');

  it('get shows a job by its id, by its worker, with its pod and its node', async () => {
    const jobId = await portico.bash('exit 0');
    await portico.outcome(jobId);
    expect(await kubectl('get', 'job', jobId))
      // Before 1.31 there is no STATUS.
      .to.match(/NAME +(STATUS +)?COMPLETIONS/)
      .and.match(/(Complete +)?1\/1/);
    expect(await kubectl('get', 'jobs', '-l', 'portico.dev/worker-id=local', '-o', 'name')).to.include(jobId);
    expect(await kubectl('get', 'pods', '-l', `job-name=${jobId}`, '-o', 'wide')).to.match(
      /Completed .* local /,
    );
    expect(await kubectl('get', 'nodes', '-L', 'portico.dev/worker-id')).to.match(/local +Ready .* local\n/);
  });

  it('describe tells command, annotations and events', async () => {
    const jobId = await portico.bash('exit 3');
    await portico.outcome(jobId);
    const description = await kubectl('describe', 'job', jobId);
    expect(description).to.include('portico.dev/command: bash');
    expect(description).to.include('SuccessfulCreate');
    expect(description).to.match(/PodFailurePolicy|failed with exit code 3/);
  });

  it('logs prints what the job printed', async () => {
    const jobId = await portico.bash('for i in $(seq 2000); do echo line $i; done; echo error >&2');
    await portico.outcome(jobId);
    const lines = (await kubectl('logs', `job/${jobId}`)).trimEnd().split('\n');
    const isError = (line: string) => line === 'error';
    expect(lines.filter(isError)).to.have.length(1);
    // stdout and stderr are two pipes: each keeps its order, and which line of one comes before one of the other is by chance.
    const printed = Array.from({ length: 2000 }, (_, i) => `line ${String(i + 1)}`);
    expect(lines.filter((line) => !isError(line))).to.deep.equal(printed);
  });

  it('wait returns when the job is complete', async () => {
    const jobId = await portico.bash('sleep 0.3');
    expect(await kubectl('wait', '--for=condition=complete', '--timeout=30s', `job/${jobId}`)).to.include(
      'condition met',
    );
  });

  for (const cascade of ['background', 'foreground', 'orphan']) {
    it(`delete --cascade=${cascade} of a running job ends it, and its outcome is kept`, async () => {
      const jobId = await loop();
      await kubectl('wait', '--for=jsonpath={.status.ready}=1', '--timeout=30s', `job/${jobId}`);
      await kubectl('delete', 'job', jobId, `--cascade=${cascade}`);
      expect(await portico.outcome(jobId)).to.deep.equal(STOPPED);
      expect(await kubectl('get', 'pods', '-l', `job-name=${jobId}`, '-o', 'name')).to.equal('');
      await kubectl('wait', '--for=delete', '--timeout=30s', `job/${jobId}`);
      const records = await kubectl('get', 'configmap', '-l', 'portico.dev/record=outcome', '-o', 'json');
      const line = records.split('\n').find((text) => text.includes(jobId));
      expect(line).to.include('signal: killed');
    });
  }

  it('delete pod of a running job is how it ended', async () => {
    const jobId = await loop();
    await kubectl('wait', '--for=jsonpath={.status.ready}=1', '--timeout=30s', `job/${jobId}`);
    await kubectl('delete', 'pod', '-l', `job-name=${jobId}`);
    const { done, error, error_text } = await portico.outcome(jobId);
    expect({ done, error }).to.deep.equal({ done: true, error: true });
    expect(error_text).to.match(/^(signal: (terminated|killed)|worker lost: \w+)$/);
  });

  it('a finished job leaves no finalizer, and a stopped one leaves nothing but its record', async () => {
    const [finished, stopped] = [await portico.bash('exit 0'), await loop()];
    await portico.outcome(finished);
    await portico.stopJob(stopped);
    await portico.outcome(stopped);
    await kubectl('wait', '--for=delete', '--timeout=30s', `job/${stopped}`);
    await kubectl(
      'wait',
      `--for=jsonpath={.metadata.annotations.portico\\.dev/outcome}`,
      '--timeout=30s',
      `job/${finished}`,
    );
    expect(await kubectl('get', 'job', finished, '-o', 'jsonpath={.metadata.finalizers}')).to.equal('');
    expect(await kubectl('get', 'jobs,pods', '-l', `job-name=${stopped}`, '-o', 'name')).to.equal('');
  });

  it('delete of a finished job leaves its outcome, in a record', async () => {
    const jobId = await portico.bash('exit 3');
    const outcome = await portico.outcome(jobId);
    expect(outcome).to.include({ error_text: 'exit status 3' });
    await kubectl('delete', 'job', jobId);
    const record = `jsonpath={.items[*].data.${jobId}}`;
    while (!(await kubectl('get', 'configmap', '-l', 'portico.dev/record=outcome', '-o', record)));
    expect(await portico.query(jobId)).to.deep.equal(outcome);
  });

  it('events tell a story', async () => {
    const jobId = await portico.bash('exit 0');
    await portico.outcome(jobId);
    expect(await kubectl('get', 'events'))
      .to.include('Scheduled')
      .and.include('SuccessfulCreate')
      .and.include('Started');
  });
});
