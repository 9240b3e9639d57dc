// From /start until /query says done: many jobs at once, as a rate and each on its own; beside the same Jobs created and watched without
// Portico, which is Kubernetes' own share of it.
import { v4 as newId } from 'uuid';
import { terminalCondition } from '../../../src/jobs/outcome/job-ending.ts';
import { jobManifest } from '../../../src/jobs/manifest.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { ConcurrencyLimit } from '../../../src/kube/guards/concurrency-limit.ts';
import { systemClock as clock } from '../../../src/base/clock.ts';
import { defaultTemplate } from '../../../src/jobs/template/job-template.ts';
import type { Bench, Row } from '../bench.ts';
import { type Asked, askedSoFar } from '../asked.ts';
import { startEmbedded, startReal, type TestedCluster } from '../clusters.ts';
import type { Line, Measured } from '../figures/report.ts';
import { ratiosOf, spreadOf } from '../figures/spread.ts';
import { manifestSettings } from '../jobs.ts';
import { medianIn, spreadIn } from '../load.ts';
import { inNamespace, type MeasuredNamespace } from '../measured-namespace.ts';
import { type Timed, timed } from '../timing.ts';

const WORKER = 'local';
/** Starts under way at the same time; so many more wait to be done. */
const STARTS = 32;

export const wholeJobs: Row = {
  title: 'whole jobs, `true` from /start to done, beside the same Jobs created and watched without Portico',
  async measure(bench: Bench) {
    const measured: Measured = {
      lines: [],
      goals: [],
      notes: [
        'All jobs of a batch are started at once, so most of the time of each is spent waiting for the others.',
        'share of Kubernetes: of the time that a batch takes, what it takes without Portico.',
        'writes and reads: what the API server was asked for a job, by all its clients, from its creation until it has gone, leases apart.',
      ],
    };
    await onCluster(await startEmbedded(), 'its own', bench.pick(500, 100), bench, measured);
    for (const limits of bench.pick(['preset', 'raised'] as const, ['raised'] as const)) {
      const cluster = await startReal(bench, limits);
      if ('skipped' in cluster) measured.notes?.push(`a real cluster: skipped: ${cluster.skipped}`);
      else if (!cluster.hasNode) {
        measured.notes?.push('a real cluster: skipped: no node can run here');
        await cluster.stop();
      } else await onCluster(cluster, limits, bench.pick(1_000, 40), bench, measured);
    }
    return measured;
  },
};

async function onCluster(
  cluster: TestedCluster,
  limits: string,
  count: number,
  bench: Bench,
  { lines }: Measured,
): Promise<void> {
  const batches = bench.pick(4, 2);
  try {
    await inNamespace(cluster, WORKER, async (measured) => {
      bench.say(`${String(count)} whole jobs on ${cluster.name}, limits ${limits}`);
      const template = manifestTemplate(cluster);
      const size = Math.ceil(count / batches);
      const { ours, bare } = await bench.inTurn(
        {
          ours: () => batch(measured, size, () => runByPortico(measured)),
          bare: () => bareBatch(measured, size, template),
        },
        batches,
      );
      const ratio = ratiosOf(ours.map(perSecond), bare.map(perSecond));
      lines.push(
        lineOf({ cluster: cluster.name, limits, jobs: size * batches, 'a batch': size }, ours, bare, ratio),
      );
    });
  } finally {
    await cluster.stop();
  }
}

/** With all that the API server was asked for a job, by anybody, from its creation until it had gone. */
type Batch = Timed & Asked;

const perSecond = (round: Timed): number => round.perSecond;

const lineOf = (what: Line, ours: Batch[], bare: Batch[], ratio: number[]): Line => ({
  ...what,
  'jobs per s': spreadIn(ours, perSecond),
  'p50 ms': spreadIn(ours, ({ p50 }) => p50),
  'p99 ms': spreadIn(ours, ({ p99 }) => p99),
  'bare per s': spreadIn(bare, perSecond),
  'bare p50 ms': spreadIn(bare, ({ p50 }) => p50),
  'bare p99 ms': spreadIn(bare, ({ p99 }) => p99),
  'share of Kubernetes': spreadOf(ratio),
  'writes a job': medianIn(ours, ({ writes }) => writes),
  'bare writes': medianIn(bare, ({ writes }) => writes),
  'reads a job': medianIn(ours, ({ reads }) => reads),
  'bare reads': medianIn(bare, ({ reads }) => reads),
});

const manifestTemplate = ({ env }: TestedCluster) => {
  const image = env['PORTICO_WORKER_IMAGE'];
  return image === undefined ? manifestSettings.template : defaultTemplate(image);
};

/** With nothing of the batch before. */
async function batch(
  measured: MeasuredNamespace,
  count: number,
  run: (index: number) => Promise<void>,
): Promise<Batch> {
  const before = await askedSoFar(measured.direct);
  const result = await timed(count, count, run);
  await measured.clear();
  const after = await askedSoFar(measured.direct);
  const ofAJob = (of: keyof Asked) => (before && after ? (after[of] - before[of]) / count : NaN);
  return { ...result, writes: ofAJob('writes'), reads: ofAJob('reads') };
}

/** One at a time of so many creations, and all of them may wait. */
const starts = new ConcurrencyLimit({ atOnce: STARTS, clock });

async function runByPortico({ portico }: MeasuredNamespace): Promise<void> {
  const job = await starts.run(() => portico.bash('true'));
  let answer = await portico.outcome(job);
  while (answer['done'] !== true) answer = await portico.outcome(job);
  if (answer['error'] === true)
    throw new Error(`expected a job that succeeds, got ${JSON.stringify(answer)}`);
}

async function bareBatch(
  measured: MeasuredNamespace,
  count: number,
  template: typeof manifestSettings.template,
): Promise<Batch> {
  const { direct, jobs, namespace, create } = measured;
  const over = new AbortController();
  const done = new Map<string, PromiseWithResolvers<void>>();
  const watching = follow(
    await direct.lines({ path: jobs, query: { watch: true }, signal: over.signal }),
    done,
  );
  try {
    return await batch(measured, count, async () => {
      const name = newId();
      const end = Promise.withResolvers<void>();
      done.set(name, end);
      const request = { workerId: WORKER, command: 'bash', path: '-c', args: ['true'], env: {} };
      const job = jobManifest(request, name, { ...manifestSettings, namespace, template });
      // Nobody is asked to settle it.
      job.metadata = { ...job.metadata, finalizers: [], labels: {} };
      await starts.run(() => create(job));
      await end.promise;
    });
  } finally {
    over.abort();
    await watching;
  }
}

async function follow(
  lines: AsyncIterable<string>,
  done: Map<string, PromiseWithResolvers<void>>,
): Promise<void> {
  try {
    for await (const line of lines) {
      const { object } = JSON.parse(line) as { object: Job };
      if (terminalCondition(object)) done.get(object.metadata?.name ?? '')?.resolve();
    }
  } catch {
    // Aborted, when all are done.
  }
}
