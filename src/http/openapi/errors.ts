// The errors that are answered, by status code: {"error": "<text>"}.
import { challenge, requestIdSent, retryAfter } from './headers.ts';
import { type ResponseSpec, type Header, json } from './operation.ts';

interface ErrorCase {
  description: string;
  headers?: readonly Header[];
  examples: Readonly<Record<string, string>>;
}

const CASES = {
  400: {
    description: 'The request is not what was expected: the text says what was, and what came.',
    examples: {
      wrongField: 'expected "command" to be a non-empty string, got number',
      notJson: 'expected the body to be a JSON object, got text that is not JSON',
    },
  },
  401: {
    description: 'Callers are asked who they are, and the token is missing or not accepted.',
    headers: [challenge],
    examples: { noToken: 'expected "Authorization: Bearer TOKEN", got no Authorization header' },
  },
  403: {
    description:
      'The caller has no right to it; or a web page of another origin sent it, or Host is not this machine.',
    examples: {
      noRight:
        'expected the right to create workers/jobs "gpu" in namespace portico-jobs, API group portico.dev: system:serviceaccount:ci:runner does not have it',
      otherOrigin: 'expected no page of another origin, got Sec-Fetch-Site "cross-site"',
    },
  },
  404: {
    description: 'There is no such job.',
    examples: { job: 'job not found' },
  },
  413: {
    description: 'The body is too large.',
    examples: { body: 'expected a body of at most 1048576 bytes, got more' },
  },
  415: {
    description: 'The body has an encoding that is not known.',
    examples: { encoding: 'expected Content-Encoding to be gzip, deflate or br, got "zstd"' },
  },
  422: {
    description: 'The Idempotency-Key has started another request.',
    examples: { keyReused: 'the Idempotency-Key was used for another request' },
  },
  429: {
    description:
      'The cluster is busy, or the worker or the caller has too many unfinished jobs; nothing has been done.',
    headers: [retryAfter],
    examples: {
      busy: 'the cluster is busy: try again',
      tooManyJobs:
        'expected at most 10 unfinished jobs on worker "gpu", got one more than 10: try again when one has ended',
    },
  },
  500: {
    description: 'There is no such worker, or no such job on it. Not 404: so the original has it.',
    examples: { worker: 'worker not found', job: 'job not found' },
  },
  503: {
    description: 'The cluster cannot be asked now; nothing has been done.',
    headers: [retryAfter],
    examples: {
      away: 'the cluster cannot be reached: try again',
      notReady: 'not ready yet: try again',
    },
  },
} satisfies Record<number, ErrorCase>;

export type ErrorStatus = keyof typeof CASES;

/** With other examples where a route has its own words. */
export function errorAnswers(...statuses: ErrorStatus[]): Record<number, ResponseSpec> {
  return Object.fromEntries(statuses.map((status) => [status, answerOf(CASES[status])]));
}

const answerOf = ({ description, headers = [], examples }: ErrorCase): ResponseSpec => ({
  description,
  headers: [...headers, requestIdSent],
  content: json(
    'Error',
    Object.fromEntries(Object.entries(examples).map(([name, error]) => [name, { error }])),
  ),
});
