// Whatever happens, in whatever order: random sequences of everything that a cluster, its operators, the network, time and
// the replicas themselves can do, against a reference that knows what truly happened. See model/.
import { expect } from 'chai';
import fc from 'fast-check';
import { JOBS } from './model/api-server.ts';
import { letRun } from './model/editor.ts';
import { RETENTION_MS, STREAMS } from './model/replica.ts';
import { type Step, STEPS, stepsWithout } from './model/steps.ts';
import { World } from './model/world.ts';

/** PORTICO_MODEL_RUNS for a longer search, PORTICO_MODEL_SEED to see one again. */
const RUNS = Number(process.env['PORTICO_MODEL_RUNS'] ?? 2_000);
const seed = process.env['PORTICO_MODEL_SEED'];
const parameters = { numRuns: RUNS, ...(seed === undefined ? {} : { seed: Number(seed) }) };

async function play(world: World, steps: readonly Step[]): Promise<void> {
  for (const replica of world.replicas) for (const stream of STREAMS) replica.relist(stream);
  for (const { do: step, a, b } of steps) {
    await STEPS[step](world, a, b);
    await world.breathe();
    world.check();
  }
}

async function ends(world: World): Promise<void> {
  world.receiver = 'takes';
  letRun(world.api);
  await world.settle(world.nowMs + RETENTION_MS / 4);
  world.healOvertaken();
  await world.settle(world.nowMs + RETENTION_MS / 4);
  world.checkSettled();
  // Also somebody who was never there before knows it.
  world.crash(0);
  await world.settle(world.nowMs + RETENTION_MS / 4);
  world.checkSettled();
  world.tick(2 * RETENTION_MS);
  await world.settle();
  world.checkEmpty();
}

describe('the outcomes of jobs, whatever happens', function () {
  this.timeout(Math.max(60_000, RUNS * 30));

  it('never change, are true, come to every job, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(stepsWithout(80), async (steps) => {
        const world = new World();
        await play(world, steps);
        await ends(world);
      }),
      parameters,
    );
  });

  it('come also to a finished job that somebody deletes, while a watch looks', async () => {
    await fc.assert(
      fc.asyncProperty(stepsWithout(80, 'crash', 'relist', 'relistLate', 'endNamespace'), async (steps) => {
        const world = new World();
        world.truth.isWatched = true;
        await play(world, steps);
        await ends(world);
      }),
      { ...parameters, numRuns: Math.ceil(RUNS / 2) },
    );
  });

  it('cost one write for a job that is left alone, one more for its callback, and no read when it succeeds', async () => {
    const trouble = [
      'startByKey',
      'stop',
      'deleteJob',
      'strip',
      'edit',
      'deletePod',
      'evictPod',
      'deadline',
      'endNamespace',
    ] as const;
    const faults = [
      'disturb',
      'crash',
      'relist',
      'relistLate',
      'collectFinished',
      'longTick',
      'receiver',
    ] as const;
    await fc.assert(
      fc.asyncProperty(stepsWithout(60, ...trouble, ...faults), async (steps) => {
        const world = new World(1);
        await play(world, steps);
        await world.settle(world.nowMs + RETENTION_MS / 4);
        world.checkSettled();
        for (const { metadata, status } of world.jobs) {
          const name = metadata.name ?? '';
          const granted = world.api.granted.filter((call) => call.includes(name));
          const writes = granted.filter((call) => !call.startsWith('GET'));
          expect(writes).to.deep.equal([`PATCH ${JOBS}/${name}`, `PATCH ${JOBS}/${name}`]);
          const succeeded = status?.conditions?.some(({ type }) => type === 'Complete');
          expect(granted.length - writes.length).to.be.at.most(succeeded ? 0 : 1);
        }
      }),
      { ...parameters, numRuns: Math.ceil(RUNS / 10) },
    );
  });
});
