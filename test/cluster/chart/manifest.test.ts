// deploy/portico.yaml, by kubectl alone: as docs/guides/install.md says.
import { expect } from 'chai';
import { LOOP, SUCCEEDED } from '../cases/tenant.ts';
import { MANIFEST } from './helm.ts';
import { Installation } from './installation.ts';

describe('the manifest without Helm', () => {
  let portico: Installation;
  before(async function () {
    this.timeout(0);
    portico = await Installation.prepare(this, 'portico', 'portico');
    await portico.kubectl('apply', '--filename', MANIFEST, '--validate=strict');
    await portico.kubectl('rollout', 'status', 'deployment/portico', '--namespace=portico', '--timeout=90s');
  });
  after(() => portico?.remove());

  it('makes a Portico that serves', async () => {
    expect(await portico.outcome(await portico.start('exit 0'))).to.deep.equal(SUCCEEDED);
  });

  it('can be applied again, and restarts nothing', async () => {
    const generation = () =>
      portico.kubectl(
        'get',
        'deployment/portico',
        '--namespace=portico',
        '--output=jsonpath={.metadata.generation}',
      );
    const before = await generation();
    await portico.kubectl('apply', '--filename', MANIFEST, '--validate=strict');
    expect(await generation()).to.equal(before);
  });

  it('is deleted with all that it made, after portico release', async () => {
    await portico.begun(LOOP);
    await portico.kubectl('create', 'quota', 'closed', '--hard=count/jobs.batch=0', '-n', 'portico-jobs');
    const released = await portico.kubectl(
      ...['exec', 'deployment/portico', '--namespace=portico', '--', 'node', 'dist/main.js', 'release'],
    );
    expect(released).to.match(/^released 1 jobs in namespace portico-jobs$/m);
    await portico.kubectl('delete', '--filename', MANIFEST, '--timeout=90s');
    const namespaces = await portico.kubectl('get', 'namespaces', '--output=name');
    expect(namespaces).not.to.match(/portico$|portico-jobs$/m);
  });
});
