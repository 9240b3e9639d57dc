// `portico release`, as it is run when Portico is uninstalled.
import { expect } from 'chai';
import { Portico, runToEnd } from '../support/portico.ts';

const SUCCEEDED = { done: true, error: false, error_text: '' };
const KILLED = { done: true, error: true, error_text: 'signal: killed' };
const failedWith = (text: string) => ({ done: true, error: true, error_text: text });

describe('release', function () {
  this.timeout(60_000);
  let portico: Portico;
  beforeEach(async () => {
    portico = await Portico.start();
  });
  afterEach(() => portico.stop());
  const release = (...args: string[]) => runToEnd(['release', `--kubeconfig=${portico.kubeconfig}`, ...args]);
  const gate = 'until [ -e "$0" ]; do sleep 0.1; done';

  it('lets running jobs go, and a Portico that still runs says how they end all the same', async () => {
    const file = `${portico.stateDir}/open`;
    const more = (script: string) => portico.startJob('bash', '-c', { args: [`${gate}; ${script}`, file] });
    const ids = [await more('exit 0'), await more('exit 3'), await portico.bash('sleep 600')] as const;
    const first = await release();
    expect(first).to.include({ code: 0, stdout: 'released 3 jobs in namespace default\n' });
    expect((await release()).stdout).to.equal('released 0 jobs in namespace default\n');

    const open = await portico.startJob('touch', file);
    expect(await portico.outcome(open)).to.deep.equal(SUCCEEDED);
    const [succeeds, fails, runs] = ids;
    expect(await portico.outcome(succeeds)).to.deep.equal(SUCCEEDED);
    expect(await portico.outcome(fails)).to.deep.equal(failedWith('exit status 3'));
    await portico.stopJob(runs);
    expect(await portico.outcome(runs)).to.deep.equal(KILLED);
  });

  it('needs a cluster that is there, and rights to it', async () => {
    const none = await runToEnd(['release']);
    expect(none.code).to.equal(1);
    expect(none.stderr).to.match(/^expected --kubeconfig .*\n$/);
    const wrong = await runToEnd(['release', `--kubeconfig=${portico.stateDir}/none`]);
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr.trim().split('\n')).to.have.length(1);
  });
});
