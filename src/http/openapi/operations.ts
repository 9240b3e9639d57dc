// All that is served, as the OpenAPI document has it.
import { CALLS } from './calls.ts';
import { OPERATION } from './operating.ts';
import type { Operation } from './operation.ts';
import { PAGE } from './page.ts';
import { READS } from './reads.ts';

export const OPERATIONS: readonly Operation[] = [...CALLS, ...READS, ...PAGE, ...OPERATION];
