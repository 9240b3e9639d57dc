// What callers meet while the API server throttles or does not answer, each through a proxy that makes it so.
import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessIn, Api } from '../cluster/api.ts';
import { Chance } from '../faults/chance.ts';
import { type Fault, SORTS } from '../faults/proxy/faults.ts';
import { kubeconfigOf } from '../faults/proxy/kubeconfig.ts';
import { Proxy } from '../faults/proxy/proxy.ts';
import { Portico } from '../support/portico.ts';

const NAMESPACE = 'default';
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const SUCCEEDED = { done: true, error: false, error_text: '' };
const START = { worker_id: 'local', command: 'true', path: 'x' };
const UNKNOWN = { worker_id: 'local', job_id: 'b2b1f3a4-0000-4000-8000-000000000000' };
const CALLS = SORTS.filter((sort) => sort !== 'watch');
const throttled = (retryAfterSeconds: number): Fault => ({
  do: 'refuse',
  status: 429,
  retryAfterSeconds,
  effect: false,
});

describe('an API server', function () {
  this.timeout(60_000);
  /** Brings the cluster, where there is none. */
  let cluster: Portico;
  let api: Api;
  let proxy: Proxy;
  let portico: Portico;
  before(async () => {
    cluster = await Portico.start({ args: ['--namespace=elsewhere'] });
    api = new Api(cluster.kubeconfig);
  });
  after(async () => {
    await api.close();
    await cluster.stop();
  });
  beforeEach(async () => {
    const { server, certificate, token } = accessIn(cluster.kubeconfig);
    proxy = await Proxy.start({ url: server, certificate }, new Chance(1));
    const kubeconfig = join(cluster.stateDir, 'proxied');
    await writeFile(kubeconfig, kubeconfigOf(proxy, { token, namespace: NAMESPACE }));
    portico = await Portico.start({
      args: [`--kubeconfig=${kubeconfig}`, '--workers=local', '--lease-seconds=2', '--shutdown-seconds=1'],
    });
  });
  afterEach(async () => {
    proxy.clear();
    await portico.stop();
    await proxy.stop();
  });
  const namesThere = async () => (await api.list(JOBS)).items.map(({ metadata }) => metadata.name);

  it('that throttles for a moment is not noticed by who starts a job', async () => {
    proxy.set({ fault: throttled(1), share: 1, sorts: ['create'], times: 1 });
    const jobId = await portico.startJob('true', 'x');
    expect(await portico.outcome(jobId)).to.deep.equal(SUCCEEDED);
    expect([...proxy.faults]).to.deep.equal([['429', 1]]);
  });

  it('that goes on throttling: 429 with its Retry-After, and nothing is done; what is known is answered', async () => {
    const [done, running] = [await portico.bash('exit 0'), await portico.bash('sleep 600')];
    await portico.outcome(done);
    const before = await namesThere();
    proxy.set({ fault: throttled(7), share: 1, sorts: CALLS });
    for (const [path, body, headers] of [
      ['/start', START, {}],
      ['/start', START, { 'idempotency-key': '"throttled"' }],
      ['/stop', { worker_id: 'local', job_id: running }, {}],
      ['/query', UNKNOWN, {}],
    ] as const) {
      const answer = await portico.post(path, body, headers);
      expect([path, answer.status, answer.headers.get('retry-after')]).to.deep.equal([path, 429, '7']);
    }
    const { status, body, headers } = await portico.post('/query', { worker_id: 'local', job_id: done });
    expect([status, body, headers.has('age')]).to.deep.equal([200, SUCCEEDED, false]);
    expect((await portico.stopJob(done)).status).to.equal(200);
    expect(await portico.query(running)).to.include({ done: false });
    expect(await namesThere()).to.have.members(before);

    proxy.clear();
    expect((await portico.post('/start', START)).status).to.equal(201);
    expect((await portico.stopJob(running)).status).to.equal(200);
    expect(await portico.outcome(running)).to.include({ error_text: 'signal: killed' });
  });

  it('that never answers does not keep Portico from ending in its time', async function () {
    // Portico has a second for it; a call to the API server would be waited for much longer.
    this.timeout(12_000);
    proxy.set({ fault: { do: 'hang', when: 'before' }, share: 1, sorts: SORTS });
    const start = portico.post('/start', START).catch(() => undefined);
    while (proxy.faults.of('silence before it was done') === 0) await portico.query(UNKNOWN.job_id);
    expect(await portico.end('SIGTERM')).to.equal(0);
    await start;
  });
});
