// Jobs that end in the very moment of their stop: each has one outcome of the two, and keeps it whatever is asked when.
import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../support/portico.ts';
import { PlayedNode } from '../played-node.ts';
import { failedWith, STOPPED, Tenant } from './tenant.ts';

const ENDED = failedWith('exit status 3');
const SEED = Number(process.env['PORTICO_TEST_SEED'] ?? Date.now() % 1e6);

describe(`a job that ends in the same moment as its stop (PORTICO_TEST_SEED=${String(SEED)})`, () => {
  const POOL = 'same-moment';
  const random = randomFrom(SEED);
  let tenant: Tenant;
  let node: PlayedNode;
  before(async function () {
    tenant = await Tenant.start(this);
    node = await PlayedNode.join(tenant.api, POOL);
  });
  after(async () => {
    await node?.leave();
    await tenant?.stop();
  });

  /** What /query said when it first said done, and it says nothing else from then on. */
  const outcomes = async (jobIds: string[], workerId: string): Promise<Answer['body'][]> => {
    const first = await Promise.all(jobIds.map((jobId) => tenant.outcome(jobId, workerId)));
    for (const jobId of jobIds) await tenant.remains(jobId);
    const later = () => Promise.all(jobIds.map((jobId) => tenant.query(jobId, workerId)));
    expect(await later()).to.deep.equal(first);
    await tenant.restart();
    expect(await later()).to.deep.equal(first);
    return first;
  };

  it('of real processes', async () => {
    const jobIds = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const jobId = await tenant.begun('echo begun; sleep 0.5; exit 3');
        await delay(300 + 500 * random());
        expect(await tenant.stopJob(jobId)).to.deep.equal({ success: true });
        return jobId;
      }),
    );
    for (const outcome of await outcomes(jobIds, 'local')) {
      expect(outcome).to.be.deep.oneOf([ENDED, STOPPED]);
    }
  });

  for (const [exitCode, own] of [
    [3, ENDED],
    // As a stop would have ended it.
    [137, STOPPED],
  ] as const) {
    it(`of containers whose end with ${String(exitCode)} a played kubelet reports`, async () => {
      const forgotten: Promise<void>[] = [];
      const jobIds = await Promise.all(
        Array.from({ length: 40 }, async () => {
          const jobId = await tenant.portico.bash('x', { worker_id: POOL });
          const pod = await node.pod(jobId);
          await node.run(pod);
          const ending = delay(40 * random()).then(() => node.end(pod, { exitCode }));
          // A kubelet says how a pod has ended before it lets it go.
          forgotten.push(Promise.all([ending, node.untilToldToEnd(pod)]).then(() => node.forget(pod)));
          const stopping = delay(40 * random()).then(() => tenant.stopJob(jobId, POOL));
          const [answer] = await Promise.all([stopping, ending]);
          expect(answer).to.deep.equal({ success: true });
          return jobId;
        }),
      );
      for (const outcome of await outcomes(jobIds, POOL)) expect(outcome).to.be.deep.oneOf([own, STOPPED]);
      await tenant.kubectl('delete', 'pods', '--all', '--wait=false');
      await Promise.all(forgotten);
    });
  }
});

/** The same numbers from the same seed, in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    // A linear congruential generator: Numerical Recipes' numbers.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
