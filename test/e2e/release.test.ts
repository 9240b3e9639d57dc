// `portico release`, as it is run when Portico is uninstalled.
import { expect } from 'chai';
import { Api } from '../cluster/api.ts';
import { createNamespace } from '../support/namespaces.ts';
import { Portico, runToEnd } from '../support/portico.ts';

const SUCCEEDED = { done: true, error: false, error_text: '' };
const KILLED = { done: true, error: true, error_text: 'signal: killed' };
const failedWith = (text: string) => ({ done: true, error: true, error_text: text });

describe('release', function () {
  this.timeout(60_000);
  /** Brings the cluster, where there is none. */
  let cluster: Portico;
  let portico: Portico;
  let api: Api;
  let namespace: string;
  before(async () => {
    cluster = await Portico.start({ args: ['--namespace=elsewhere'] });
    api = new Api(cluster.kubeconfig);
    namespace = await createNamespace(api, 'release-');
    const args = [`--kubeconfig=${cluster.kubeconfig}`, `--namespace=${namespace}`, '--workers=local'];
    portico = await Portico.start({ args });
  });
  after(async () => {
    await portico.stop();
    await api.close();
    await cluster.stop();
  });
  const release = (...args: string[]) => runToEnd(['release', `--kubeconfig=${cluster.kubeconfig}`, ...args]);

  /** It waits for SIGTERM, and then ends by itself. Resolves when it does. */
  async function endsWith(code: number): Promise<string> {
    const jobId = await portico.bash(
      `trap "exit ${String(code)}" TERM; echo waits; while :; do sleep 0.1; done`,
    );
    await portico.hasPrinted(jobId, 'waits');
    return jobId;
  }
  async function tellToEnd(jobId: string): Promise<void> {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const [pod] = (await api.list(`${pods}?labelSelector=job-name=${jobId}`)).items;
    await api.call('DELETE', `${pods}/${pod?.metadata.name ?? ''}`);
  }

  it('lets running jobs go, and a Portico that still runs says how they end all the same', async () => {
    const ids = [await endsWith(0), await endsWith(3), await portico.bash('sleep 600')] as const;
    const first = await release(`--namespace=${namespace}`);
    expect(first).to.include({ code: 0, stdout: `released 3 jobs in namespace ${namespace}\n` });
    const again = await release(`--namespace=${namespace}`);
    expect(again.stdout).to.equal(`released 0 jobs in namespace ${namespace}\n`);

    const [succeeds, fails, runs] = ids;
    await tellToEnd(succeeds);
    await tellToEnd(fails);
    expect(await portico.outcome(succeeds)).to.deep.equal(SUCCEEDED);
    expect(await portico.outcome(fails)).to.deep.equal(failedWith('exit status 3'));
    await portico.stopJob(runs);
    expect(await portico.outcome(runs)).to.deep.equal(KILLED);
  });

  it('needs a cluster that is there, and rights to it', async () => {
    const none = await runToEnd(['release']);
    expect(none.code).to.equal(1);
    expect(none.stderr).to.match(/^portico: expected --kubeconfig .*\n$/);
    const wrong = await runToEnd(['release', `--kubeconfig=${cluster.stateDir}/none`]);
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr.trim().split('\n')).to.have.length(1);
  });
});
