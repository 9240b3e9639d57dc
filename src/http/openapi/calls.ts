// The three calls, as the OpenAPI document has them.
import { z } from 'zod';
import { MOST_WAIT_SECONDS } from '../headers/prefer.ts';
import { MOST_KEY_CHARACTERS } from '../headers/idempotency-key.ts';
import { errorAnswers } from './errors.ts';
import { age, requestId, requestIdSent } from './headers.ts';
import { json, type Operation } from './operation.ts';

const JOB_ID = 'f3b9a1de-5f0c-4b7e-9a51-3f2f8d5c7a10';
const REFERENCE = { worker_id: 'gpu', job_id: JOB_ID };
const ofJob = json('JobReference', { job: REFERENCE });

const START: Operation = {
  method: 'post',
  path: '/start',
  id: 'startJob',
  tag: 'calls',
  summary: 'Starts a command on a worker.',
  description:
    'Creates a Job on the node pool that is labelled with the worker’s id. The command is run with the path and then the args as its arguments, literally: no shell, no expansion.',
  parameters: [
    {
      in: 'header',
      name: 'Idempotency-Key',
      description:
        'For a start that may be repeated: the same worker, key and body give the same job. A string in double quotes (RFC 9651), or a word without them.',
      schema: z
        .string()
        .min(1)
        .max(2 * MOST_KEY_CHARACTERS + 2),
      optional: true,
      example: '"nightly-2030-01-01"',
    },
    requestId,
  ],
  body: json('StartRequest', {
    script: { worker_id: 'gpu', command: 'bash', path: 'worker/scripts/count.sh' },
    everything: {
      worker_id: 'gpu',
      command: 'python3',
      path: 'train.py',
      args: ['--epochs', '10'],
      env: { SEED: '7' },
      timeout_seconds: 3600,
    },
  }),
  answers: {
    201: {
      description: 'It is started, or has been by the same key.',
      headers: [requestIdSent],
      content: json('StartAnswer', { started: { job_id: JOB_ID } }),
    },
    ...errorAnswers(400, 401, 403, 413, 415, 422, 429, 500, 503),
  },
};

const STOP: Operation = {
  method: 'post',
  path: '/stop',
  id: 'stopJob',
  tag: 'calls',
  summary: 'Ends a job.',
  description: 'Of a job that is over already, or being stopped, it changes nothing.',
  parameters: [requestId],
  body: ofJob,
  answers: {
    200: {
      description: 'It is being stopped, or is over.',
      headers: [requestIdSent],
      content: json('StopAnswer', { stopped: { success: true } }),
    },
    ...errorAnswers(400, 401, 403, 413, 415, 429, 500, 503),
  },
};

const QUERY: Operation = {
  method: 'post',
  path: '/query',
  id: 'queryJob',
  tag: 'calls',
  summary: 'Says whether a job is done, and how it ended.',
  parameters: [
    {
      in: 'header',
      name: 'Prefer',
      description: `wait=N (RFC 7240): answer as soon as the job is done, or after N seconds. The most that is waited is ${String(MOST_WAIT_SECONDS)}; other preferences are passed over.`,
      schema: z.string(),
      optional: true,
      example: 'wait=30',
    },
    requestId,
  ],
  body: ofJob,
  answers: {
    200: {
      description: 'How it stands.',
      headers: [
        age,
        {
          name: 'Preference-Applied',
          description: 'The wait that is kept: N, or the most there is.',
          schema: z.string().regex(/^wait=\d+$/),
        },
        requestIdSent,
      ],
      content: json('QueryAnswer', {
        running: { done: false, error: false, error_text: '' },
        succeeded: { done: true, error: false, error_text: '' },
        exited: { done: true, error: true, error_text: 'exit status 3' },
        stopped: { done: true, error: true, error_text: 'signal: killed' },
        deadline: { done: true, error: true, error_text: 'deadline exceeded' },
        notFound: {
          done: true,
          error: true,
          error_text: 'exec: "nosuch": executable file not found in $PATH',
        },
        lost: { done: true, error: true, error_text: 'worker lost: Evicted' },
      }),
    },
    ...errorAnswers(400, 401, 403, 413, 415, 429, 500, 503),
  },
};

export const CALLS: readonly Operation[] = [START, STOP, QUERY];
