// Portico's own HTTP and memory, fed by hand where the watches would feed it.
import { Store } from '../../../src/controller/cache/store.ts';
import { seenJob } from '../../../src/jobs/job-record.ts';
import { complete, jobOf } from '../../support/jobs.ts';
import { type Memory, memoryNow } from './memory.ts';
import { obey, say } from './say.ts';
import { serveStore } from './served-store.ts';

/** What it is told to do: each is answered by a message. */
export type Order = { do: 'start' | 'finish'; jobs: string[] } | { do: 'measure' };
export type Report = Memory | { atNs: string };

const store = new Store({ unrecorded: () => undefined, packed: () => undefined });
const { listening } = await serveStore(store);

/** As an event of the watch does it. */
function apply(names: string[], status?: ReturnType<typeof complete>): void {
  for (const name of names) {
    const seen = seenJob(jobOf({ name, uid: `uid-${name}` }, status));
    if (seen) store.jobs.apply('MODIFIED', seen);
  }
}

obey((order: Order): Report => {
  const atNs = String(process.hrtime.bigint());
  switch (order.do) {
    case 'start':
      apply(order.jobs);
      return { atNs };
    case 'finish':
      apply(order.jobs, complete());
      return { atNs };
    case 'measure':
      return memoryNow();
  }
});
say({ port: listening.port });
