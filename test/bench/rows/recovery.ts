// How long it takes until jobs are settled again when the replica that did it is killed.
import { Portico } from '../../support/portico.ts';
import type { Bench, Row } from '../bench.ts';
import { verdictOn } from '../figures/goals.ts';
import { spreadOf } from '../figures/spread.ts';

/** The preset of --lease-seconds. */
const LEASE_SECONDS = 15;
const LOOP = 'while :; do sleep 1; done';

export const recovery: Row = {
  title: 'the replica that settles jobs is killed: until another one settles them',
  async measure(bench: Bench) {
    const { recovered } = await bench.inTurn({ recovered: settledAfterKill }, bench.pick(3, 1));
    const seconds = spreadOf(recovered);
    return {
      lines: [{ recovery: 'leader killed', 'lease s': LEASE_SECONDS, 'settled after s': seconds }],
      goals: [verdictOn('settled after, s', seconds.max, { atMost: 2 * LEASE_SECONDS })],
    };
  },
};

/** Seconds from SIGKILL until another replica has settled a job that is stopped in the same moment. */
async function settledAfterKill(): Promise<number> {
  // It brings the cluster, and settles jobs in a namespace of its own.
  const cluster = await Portico.start({ args: ['--namespace=elsewhere'] });
  const replicas: Portico[] = [];
  try {
    for (let count = 0; count < 2; count++) {
      const args = [`--kubeconfig=${cluster.kubeconfig}`, '--namespace=default', '--workers=local'];
      replicas.push(await Portico.start({ args }));
    }
    const [leader, other] = replicas as [Portico, Portico];
    const jobId = await other.bash(LOOP);
    // One is stopped and settled: so one of them leads, and it is the first.
    const first = await leader.bash(LOOP);
    await leader.stopJob(first);
    await leader.outcome(first);
    return await killed(leader, other, jobId);
  } finally {
    for (const replica of replicas) await replica.end('SIGTERM');
    await cluster.stop();
  }
}

async function killed(leader: Portico, other: Portico, jobId: string): Promise<number> {
  const begun = performance.now();
  await leader.end('SIGKILL');
  await other.stopJob(jobId);
  await other.outcome(jobId);
  return (performance.now() - begun) / 1000;
}
