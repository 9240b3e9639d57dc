// Mocha's root hooks for npm run test:cluster: one cluster for all files, and the environment that makes Portico use it.
import type { Context, RootHookObject } from 'mocha';
import { delimiter, dirname } from 'node:path';
import { CALLER_RIGHTS, RIGHTS } from '../../src/controller/api/permissions.ts';
import { type Asked, PORTICO_AGENT, rightName } from './audit.ts';
import type { Cluster } from './cluster.ts';
import { setCluster } from './current.ts';
import { WORKER_IMAGE } from './settings.ts';
import { type Started, startHere } from './start.ts';

let cluster: Cluster | undefined;
let podsRun = false;
let failed = false;

export const mochaHooks: RootHookObject = {
  async beforeAll(this: Context) {
    // The first build takes minutes.
    this.timeout(0);
    const { env } = process;
    if (env['USE_EXISTING_CLUSTER'] === 'true' && env['KUBECONFIG']) {
      env['PORTICO_TEST_KUBECONFIG'] = env['KUBECONFIG'];
      podsRun = true;
      return;
    }
    const interruption = new AbortController();
    const starting = startHere(env, say, interruption.signal);
    stopOnCtrlC(starting, interruption);
    const started = await starting;
    for (const line of started.skipped) say(`skipped: ${line}`);
    if (!started.cluster) return this.skip();
    cluster = started.cluster;
    podsRun = cluster.hasNode;
    setCluster(cluster);
    env['PORTICO_TEST_KUBECONFIG'] = cluster.testKubeconfig;
    env['PORTICO_WORKER_IMAGE'] = WORKER_IMAGE;
    env['PATH'] = [dirname(cluster.programs.kubectl), env['PATH']].join(delimiter);
    await restrictPods(cluster);
  },

  beforeEach(this: Context) {
    // The cases of this folder ask for what they need; all others need pods that run.
    const asksItself = this.currentTest?.file?.startsWith(import.meta.dirname);
    if (!podsRun && !asksItself) this.skip();
  },

  afterEach(this: Context) {
    failed ||= this.currentTest?.state === 'failed';
  },

  async afterAll() {
    const unlisted = cluster ? unlistedRights(await cluster.asked()) : [];
    const logs = await cluster?.stop({ keepLogs: failed || unlisted.length > 0 });
    if (logs) say(`the cluster's logs are kept in ${logs}`);
    if (unlisted.length > 0) {
      throw new Error(
        `expected all that Portico asks for to be in src/controller/api/permissions.ts: ${unlisted.join(', ')}`,
      );
    }
  },
};

/** Whatever case made Portico ask for it: a right that is not on the list is one that no installation would have. */
function unlistedRights(asked: readonly Asked[]): string[] {
  const listed = new Set([...RIGHTS, ...CALLER_RIGHTS].map(rightName));
  const byPortico = asked.filter(({ agent }) => PORTICO_AGENT.test(agent)).map(rightName);
  return [...new Set(byPortico)].filter((name) => !listed.has(name));
}

/** Portico promises Jobs that pass the strictest standard: so it is enforced. */
async function restrictPods({ api }: Cluster): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await api.call('PATCH', '/api/v1/namespaces/default', { metadata: { labels } });
}

/** Mocha would end without its hooks. */
function stopOnCtrlC(starting: Promise<Started>, interruption: AbortController): void {
  const stop = async () => {
    interruption.abort();
    const started = await starting.catch(() => undefined);
    await started?.cluster?.stop();
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

function say(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
