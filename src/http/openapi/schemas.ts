// The schemas that the document has by name: those that validate requests, and those of the answers.
import type { z } from 'zod';
import {
  aliveAnswer,
  errorAnswer,
  openApiAnswer,
  queryAnswer,
  readyAnswer,
  startAnswer,
  stopAnswer,
} from '../contract/response-schemas.ts';
import { queryBody, startBody } from '../contract/request-schemas.ts';
import { goneJob, job, jobItem, jobList, jobState } from '../contract/job-json.ts';
import { worker, workerList } from '../contract/worker-json.ts';

export const SCHEMAS = {
  StartRequest: startBody,
  JobReference: queryBody,
  StartAnswer: startAnswer,
  StopAnswer: stopAnswer,
  QueryAnswer: queryAnswer,
  JobState: jobState,
  Job: job,
  JobItem: jobItem,
  JobList: jobList,
  GoneJob: goneJob,
  Worker: worker,
  WorkerList: workerList,
  Error: errorAnswer,
  Alive: aliveAnswer,
  Readiness: readyAnswer,
  OpenApi: openApiAnswer,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;
export type Value<N extends SchemaName> = z.input<(typeof SCHEMAS)[N]>;
