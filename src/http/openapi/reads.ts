// The routes that read jobs and workers, as the OpenAPI document has them.
import { z } from 'zod';
import { jobsQuery } from '../contract/list-query.ts';
import { logsQuery } from '../contract/output-query.ts';
import { errorAnswers } from './errors.ts';
import { age, requestId, requestIdSent } from './headers.ts';
import { type Content, json, type Operation, type Parameter } from './operation.ts';

const JOB_ID = 'f3b9c1de-5d0f-4a53-9c0e-0a3f6a1b2c3d';
const ITEM = {
  job_id: JOB_ID,
  worker_id: 'gpu',
  state: 'failed',
  error_text: 'exit status 3',
  created_at: '2030-01-01T00:00:00Z',
  finished_at: '2030-01-01T00:01:00Z',
} as const;

const jobId: Parameter = {
  in: 'path',
  name: 'job_id',
  description: 'As /start has answered it.',
  schema: z.string().min(1),
  example: JOB_ID,
};

type Schemas = Readonly<Record<string, z.ZodType>>;

/** Parameters of the query, by the schema that validates them. */
const parametersOf =
  <S extends Schemas>({ shape }: { shape: S }) =>
  (name: keyof S & string, example: Parameter['example']): Parameter => {
    const schema: z.ZodType = shape[name] ?? z.never();
    return { in: 'query', name, description: schema.description ?? '', schema, optional: true, example };
  };
const ofJobs = parametersOf(jobsQuery);
const ofLogs = parametersOf(logsQuery);

const EVENTS: Content = {
  type: 'text/event-stream',
  examples: {
    events: [
      'retry: 2000\n\n',
      'id: k3Jm0bYc2Hqa.41.\nevent: snapshot\ndata: {}\n\n',
      `id: k3Jm0bYc2Hqa.42\nevent: job\ndata: ${JSON.stringify(ITEM)}\n\n`,
      'id: k3Jm0bYc2Hqa.42\nevent: synced\ndata: {}\n\n',
    ].join(''),
  },
};

const LIST: Operation = {
  method: 'get',
  path: '/jobs',
  id: 'listJobs',
  tag: 'reads',
  summary: 'The jobs on record, newest first.',
  description:
    'Pages are stable: jobs that come and go meanwhile make none appear twice and hide none that was there all along. With watch, the answer is a stream of server-sent events: snapshot, job (a JobItem) for each, synced (where limit cut them off, with continue); then job for each that changes and gone (its job_id) for each that goes. Last-Event-ID resumes it.',
  parameters: [
    ofJobs('worker_id', 'gpu'),
    ofJobs('state', ['pending', 'running']),
    ofJobs('limit', 100),
    ofJobs('continue', 'MTg5MzQ1NjAwMC5mM2I5YzFkZS01ZDBmLTRhNTMtOWMwZS0wYTNmNmExYjJjM2Q'),
    ofJobs('watch', false),
    {
      in: 'header',
      name: 'Last-Event-ID',
      description: 'With watch: the id of the last event that came.',
      schema: z.string(),
      optional: true,
      example: 'k3Jm0bYc2Hqa.42',
    },
    requestId,
  ],
  answers: {
    200: {
      description: 'A page of them; with watch, server-sent events.',
      headers: [age, requestIdSent],
      content: [json('JobList', { page: { items: [ITEM] } }), EVENTS],
    },
    ...errorAnswers(400, 401, 403, 503),
  },
};

const READ: Operation = {
  method: 'get',
  path: '/jobs/:job_id',
  id: 'readJob',
  tag: 'reads',
  summary: 'All that is known of a job, and why it waits while it does.',
  parameters: [jobId, requestId],
  answers: {
    200: {
      description: 'What is not known is left out.',
      headers: [age, requestIdSent],
      content: json('Job', {
        failed: {
          ...ITEM,
          command: 'bash',
          path: 'worker/scripts/count.sh',
          started_at: '2030-01-01T00:00:01Z',
          exit_code: 3,
          log_tail: 'no such input\n',
          node: 'gpu-1',
        },
        pending: {
          job_id: JOB_ID,
          worker_id: 'gpu',
          state: 'pending',
          error_text: '',
          created_at: '2030-01-01T00:00:00Z',
          waiting: 'no node of pool gpu has 8 free cpus',
        },
      }),
    },
    ...errorAnswers(400, 401, 403, 404, 429, 503),
  },
};

const LOGS: Operation = {
  method: 'get',
  path: '/jobs/:job_id/logs',
  id: 'readLog',
  tag: 'reads',
  summary: 'What a job has printed.',
  description: 'Passed on as it is. An answer that is cut off is not whole.',
  parameters: [
    jobId,
    ofLogs('tail', 100),
    ofLogs('since', '2030-01-01T00:00:00Z'),
    ofLogs('follow', true),
    requestId,
  ],
  answers: {
    200: {
      description: 'The log.',
      headers: [
        {
          name: 'Portico-Log',
          description: 'tail: the pod is gone, and this is the end of its log that was kept.',
          schema: z.literal('tail'),
        },
        requestIdSent,
      ],
      content: { type: 'text/plain', examples: { log: 'line 1\nline 2\n' } },
    },
    ...errorAnswers(400, 401, 403, 404, 429, 503),
  },
};

const WORKERS: Operation = {
  method: 'get',
  path: '/workers',
  id: 'listWorkers',
  tag: 'reads',
  summary: 'The pools, their nodes, and what runs there.',
  parameters: [requestId],
  answers: {
    200: {
      description: 'All that are known.',
      headers: [age, requestIdSent],
      content: json('WorkerList', {
        workers: {
          items: [
            {
              worker_id: 'gpu',
              declared: true,
              nodes: [{ name: 'gpu-1', ready: true, schedulable: true }],
              jobs: { pending: 1, running: 2, stopping: 0, succeeded: 40, failed: 1, stopped: 0 },
              last_job_at: '2030-01-01T00:00:00Z',
            },
          ],
        },
      }),
    },
    ...errorAnswers(400, 401, 403, 503),
  },
};

export const READS: readonly Operation[] = [LIST, READ, LOGS, WORKERS];
