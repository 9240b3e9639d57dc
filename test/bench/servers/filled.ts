// A Portico with so many finished jobs in memory as its argument says. No cluster is behind it. Needs --expose-gc.
import { Store } from '../../../src/controller/cache/store.ts';
import { tokenOf } from '../../../src/http/contract/continue-token.ts';
import { seenJob } from '../../../src/jobs/job-record.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { finishedJob } from '../jobs.ts';
import { leastMemoryNow, memoryNow } from './memory.ts';
import { say } from './say.ts';
import { serveStore } from './served-store.ts';
import type { Serving } from './server.ts';

export interface Filled extends Serving {
  /** A continue token, half way through. */
  middle: string;
  /** Heap and what is outside of it, beyond what the process had without jobs. */
  bytesPerJob: number;
  /** What a Job takes as it was parsed, which is what an informer keeps of it. */
  bytesPerParsedJob: number;
  /** Of the whole process, when all is in memory and Node has given back all that it does without. */
  residentMb: number;
  /** Jobs from everywhere in memory, as bodies for /query. */
  bodies: string[];
}

const PAGE = 500;
const BODIES = 10_000;
const PARSED = 2_000;
const MB = 1024 ** 2;

/** From text, page by page, as they come from the API server. */
const pageAt = (first: number, count: number): Job[] =>
  JSON.parse(
    JSON.stringify(Array.from({ length: count }, (_, offset) => finishedJob(first + offset))),
  ) as Job[];

function bytesPerParsedJob(): number {
  const before = memoryNow().liveMb;
  const kept = pageAt(0, PARSED);
  const bytes = ((memoryNow().liveMb - before) * MB) / kept.length;
  kept.length = 0;
  return bytes;
}

function fill(store: Store, jobs: number): string[] {
  const bodies: string[] = [];
  for (let first = 0; first < jobs; first += PAGE) {
    for (const job of pageAt(first, Math.min(PAGE, jobs - first))) {
      const seen = seenJob(job);
      if (!seen) throw new Error('expected a Job of ours');
      store.jobs.apply('ADDED', seen);
      const { name, workerId } = seen.record;
      if (store.size.jobs % Math.ceil(jobs / BODIES) === 0)
        bodies.push(JSON.stringify({ worker_id: workerId, job_id: name }));
    }
  }
  return bodies;
}

const jobs = Number(process.argv[2]);
const parsed = bytesPerParsedJob();
const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
const before = leastMemoryNow().liveMb;
const bodies = fill(store, jobs);
const { liveMb, residentMb } = leastMemoryNow();
const { listening, reads } = await serveStore(store);
const middle = reads.list({}, Math.ceil(jobs / 2)).next;
say({
  port: listening.port,
  middle: middle ? tokenOf(middle) : '',
  bytesPerJob: ((liveMb - before) * MB) / jobs,
  bytesPerParsedJob: parsed,
  residentMb,
  bodies,
} satisfies Filled);
