// What uninstalling leaves: jobs that run on, nothing that holds anything, and a place to install to again.
import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '../api.ts';
import { LOOP, RUNNING, STOPPED, SUCCEEDED } from '../cases/tenant.ts';
import { Installation } from './installation.ts';

const PAUSE_MS = 300;

const finalizersOf = (jobs: KubeObject[]): unknown[] =>
  jobs.flatMap(({ metadata }) => metadata['finalizers'] ?? []);

describe('uninstalling', () => {
  let portico: Installation;
  before(async function () {
    this.timeout(0);
    portico = await Installation.prepare(this);
    await portico.install();
  });
  after(() => portico?.remove());

  let running: string;
  let stopped: string;
  it('leaves jobs running that nothing holds, also those that were started in the last moment', async () => {
    running = await portico.begun(LOOP);
    stopped = await portico.begun(LOOP);
    await portico.post('/stop', { job_id: stopped });
    await portico.outcome(stopped);
    const starter = new Starter(portico);
    await portico.uninstall();
    expect(await starter.stop()).to.be.greaterThan(0);

    const jobs = await portico.jobs();
    expect(finalizersOf(jobs)).to.deep.equal([]);
    expect(jobs.find(({ metadata }) => metadata.name === running)?.status).to.include({ active: 1 });
  });

  it('leaves no resource of the chart but the namespace of the jobs and their ServiceAccount', async () => {
    const left = await portico.kubectl(
      'get',
      'all,roles,rolebindings,configmaps,resourcequotas,networkpolicies,poddisruptionbudgets,serviceaccounts,clusterroles,clusterrolebindings,namespaces',
      '--all-namespaces',
      `--selector=app.kubernetes.io/instance=${portico.name},app.kubernetes.io/name in (portico,portico-hook)`,
      '--output=name',
    );
    const ours = left
      .trim()
      .split('\n')
      .filter((name) => !name.startsWith('pod/'));
    expect(ours).to.include.members(['serviceaccount/portico-job', `namespace/${portico.jobNamespace}`]);
    expect(ours.filter((name) => !name.startsWith('namespace/'))).to.deep.equal([
      'serviceaccount/portico-job',
    ]);
  });

  it('is undone by installing again: what has run on is known, and so is what was recorded', async () => {
    await portico.install();
    expect(await portico.query(running)).to.deep.equal(RUNNING);
    expect(await portico.query(stopped)).to.deep.equal(STOPPED);
    await portico.post('/stop', { job_id: running });
    expect(await portico.outcome(running)).to.deep.equal(STOPPED);
    expect(await portico.outcome(await portico.start('exit 0'))).to.deep.equal(SUCCEEDED);
  });

  it('takes the namespace of the jobs along where it is not to be kept, and the jobs in it', async () => {
    await portico.upgrade('--set=jobs.namespace.keep=false');
    await portico.begun(LOOP);
    await portico.uninstall();
    const namespaces = await portico.cluster.api.list('/api/v1/namespaces');
    expect(namespaces.items.map(({ metadata }) => metadata.name)).not.to.include(portico.jobNamespace);
  });
});

/** A caller that starts one job after the other: some each second, as the node has no room for more than a hundred. */
class Starter {
  readonly #stopping = new AbortController();
  readonly #running: Promise<number>;

  constructor(portico: Installation) {
    this.#running = this.#start(portico, this.#stopping.signal);
  }

  /** How many it has started. */
  stop(): Promise<number> {
    this.#stopping.abort();
    return this.#running;
  }

  async #start(portico: Installation, signal: AbortSignal): Promise<number> {
    let started = 0;
    while (!signal.aborted) {
      // Refused, when no Job may be created any more; unanswered, when nobody is there.
      const answer = await portico
        .post('/start', { command: 'sleep', path: '600' }, { signal })
        .catch(() => undefined);
      if (answer?.status === 201) started += 1;
      await delay(PAUSE_MS);
    }
    return started;
  }
}
