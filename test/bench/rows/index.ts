// What is measured, in this order.
import type { Row } from '../bench.ts';
import { apiCalls } from './api-calls.ts';
import { growth } from './growth.ts';
import { lists } from './lists.ts';
import { logs } from './logs.ts';
import { memory } from './memory.ts';
import { packages } from './packages.ts';
import { query } from './query.ts';
import { recovery } from './recovery.ts';
import { start } from './start.ts';
import { soak } from './soak.ts';
import { startup } from './startup.ts';
import { stuckReaders } from './stuck-readers.ts';
import { sync } from './sync.ts';
import { waiters } from './waiters.ts';
import { watch } from './watch.ts';
import { wholeJobs } from './whole-jobs.ts';

export const ROWS: Readonly<Record<string, Row>> = {
  query,
  packages,
  start,
  memory,
  sync,
  watch,
  calls: apiCalls,
  jobs: wholeJobs,
  growth,
  lists,
  waiters,
  stuck: stuckReaders,
  logs,
  startup,
  recovery,
};
export const SOAK: Readonly<Record<string, Row>> = { soak };
