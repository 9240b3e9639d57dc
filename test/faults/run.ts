// One fault run from outside: everything that takes part is started, the trial is held, and everything is taken down again.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accessIn, Api } from '../cluster/api.ts';
import { Chance } from './chance.ts';
import { Traces } from './clients/traces.ts';
import { EMPTY_WORKER, type FaultCluster, WORKER } from './clusters/cluster.ts';
import { startEmbedded } from './clusters/embedded.ts';
import { startReal } from './clusters/real.ts';
import type { Options } from './options.ts';
import { Recoveries } from './replicas/recoveries.ts';
import { Replica } from './replicas/replica.ts';
import { type Result, resultOf } from './report.ts';
import { RETENTION_SECONDS, Trial } from './trial.ts';
import { Observer } from './witness/observer.ts';

const REPLICAS = 3;
/** So that many leaders come and go in a short run. */
const LEASE_SECONDS = 4;

export interface Surroundings {
  /** For logs, and for all that is made on the way. */
  folder: string;
  say: (line: string) => void;
  /** Ends the run. */
  signal: AbortSignal;
}

/** @returns why there is none, when this machine cannot have that cluster */
export async function run(options: Options, surroundings: Surroundings): Promise<Result | string> {
  const { folder, say, signal } = surroundings;
  const tracesFolder = join(folder, 'traces');
  await mkdir(tracesFolder);
  // Jobs may be of another user.
  await chmod(tracesFolder, 0o777);
  const cluster =
    options.cluster === 'embedded'
      ? await startEmbedded(folder, tracesFolder, signal)
      : await startReal(folder, tracesFolder, signal, say);
  if (typeof cluster === 'string') return cluster;
  let keepLogs = true;
  try {
    const traces = new Traces(tracesFolder, cluster.tracesInJobs);
    const result = await runOn(cluster, traces, options, surroundings).finally(() => traces.close());
    keepLogs = result.violations.length > 0;
    return result;
  } finally {
    const kept = await cluster.stop({ keepLogs });
    if (keepLogs && kept) say(`what is left of the cluster is in ${kept}`);
  }
}

async function runOn(
  cluster: FaultCluster,
  traces: Traces,
  options: Options,
  { folder, say, signal }: Surroundings,
): Promise<Result> {
  const api = new Api(cluster.kubeconfig);
  const observer = new Observer(api, cluster.namespace);
  const over = new AbortController();
  const observing = observer.run(over.signal);
  const chance = new Chance(options.seed);
  const recoveries = new Recoveries();
  const replicas: Replica[] = [];
  try {
    for (let number = 0; number < REPLICAS; number++) {
      replicas.push(
        await startReplica(number, { cluster, chance: chance.fork(), recoveries, folder, signal }),
      );
    }
    const trial = new Trial(
      { cluster, api, observer, traces, replicas, recoveries, say, signal },
      options,
      chance,
    );
    await trial.hold();
    return resultOf(trial, recoveries);
  } finally {
    await Promise.allSettled(replicas.map((replica) => replica.stop()));
    over.abort();
    await api.close();
    await observing;
  }
}

function startReplica(
  number: number,
  {
    cluster,
    recoveries,
    ...options
  }: { cluster: FaultCluster; chance: Chance; recoveries: Recoveries; folder: string; signal: AbortSignal },
): Promise<Replica> {
  const { server, certificate, token } = accessIn(cluster.kubeconfig);
  return Replica.start({
    ...options,
    number,
    upstream: { url: server, certificate },
    token,
    namespace: cluster.namespace,
    args: [
      `--workers=${WORKER},${EMPTY_WORKER}`,
      `--lease-seconds=${String(LEASE_SECONDS)}`,
      `--retention-seconds=${String(RETENTION_SECONDS)}`,
      '--grace-seconds=1',
      ...cluster.args,
    ],
    env: cluster.env,
    onEvent: (event) => (event === 'leads' ? recoveries.leads() : recoveries.settled()),
  });
}
