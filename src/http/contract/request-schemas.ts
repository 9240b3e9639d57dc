// The bodies of the three calls: their schemas, and how they become trusted values. No IO.
import { z } from 'zod';
import { isEnvName } from '../../jobs/labels.ts';
import type { JobRequest } from '../../jobs/request.ts';
import { isReceiver } from '../../webhooks/origins.ts';
import { HttpError } from './http-error.ts';
import { sizeProblem } from './job-size.ts';
import { kindOf, quoted } from './quoted.ts';

/** zod looks at every item before it counts them; a body full of wrong ones would hold up everybody else's calls. */
const MAX_ITEMS = 65_536;
/** A Job's deadline is an int64, its Pod's an int32. */
const MAX_TIMEOUT_SECONDS = 2_147_483_647;
const ENV_NAME_WORDS = 'letters, digits, "_", "-" and "." that start with no digit and no ".."';
const REPORTED_FIELDS = 8;

/** The part of a zod issue that the words are made from. */
interface WrongValue {
  code?: string;
  path?: readonly PropertyKey[] | undefined;
  input?: unknown;
}

/** `args[2]`, `env.NAME`, quoted; the body itself when there is no path. */
function fieldAt(path: readonly PropertyKey[] = []): string {
  const [field, item] = path;
  if (field === undefined) return 'the body';
  if (item === undefined) return quoted(String(field));
  return quoted(
    typeof item === 'number' ? `${String(field)}[${String(item)}]` : `${String(field)}.${String(item)}`,
  );
}

/** A value of the right type is shown, of any other its type is named; of a secret only its length. */
function came(input: unknown, wanted: string, path: readonly PropertyKey[] = []): string {
  if (typeof input === 'string' && wanted === 'string') {
    return mayBeSecret(path, input) ? `a string of ${String(input.length)} characters` : quoted(input);
  }
  if (typeof input === 'number' && wanted === 'number') return String(input);
  return kindOf(input);
}

/** Texts of errors are logged: variables hold passwords, and before the "@" of a URL one may stand. */
function mayBeSecret([field, item]: readonly PropertyKey[], value: string): boolean {
  return (field === 'env' && item !== undefined) || (field === 'callback_url' && /@|%40/.test(value));
}

const words = (what: string, wanted: string, { path, input }: WrongValue): string =>
  `expected ${fieldAt(path)} to be ${what}, got ${came(input, wanted, path)}`;

const expected = (what: string, wanted: 'string' | 'number' | 'object') => ({
  error: (issue: WrongValue) => words(what, wanted, issue),
});

const id = z
  .string(expected('a non-empty string', 'string'))
  .min(1, expected('a non-empty string', 'string'));

/** exec(2) ends a string at its NUL, and a lone surrogate has no bytes at all: what would run is not what was sent. */
const canBeExecuted = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
const executable = expected('a string without NUL and lone surrogates', 'string');

/** The same for the OpenAPI document, as far as a pattern can say it. */
const EXECUTABLE = { pattern: '^[^\\u0000]*$' };

const argument = z.string(expected('a string', 'string')).refine(canBeExecuted, executable).meta(EXECUTABLE);
const nonEmptyArgument = id.refine(canBeExecuted, executable);

/** `NAME=value` where a name belongs is a common slip: the value is not shown. */
const wrongEnvName = (name: string): string => {
  const [before = '', ...value] = name.split('=');
  return `expected the names in "env" to be ${ENV_NAME_WORDS}, got ${quoted(before)}${value.length > 0 ? ' and a "="' : ''}`;
};
const envName = z.string().refine(isEnvName).meta({ pattern: '^(?!\\.$|\\.\\.)[-._A-Za-z][-._A-Za-z0-9]*$' });
const env = z.record(envName, argument, {
  error: (issue: WrongValue) =>
    issue.code === 'invalid_key'
      ? wrongEnvName(String(issue.input))
      : words('an object of strings', 'object', issue),
});

const seconds = expected(`a whole number from 1 to ${String(MAX_TIMEOUT_SECONDS)}`, 'number');
const timeoutSeconds = z.int(seconds).min(1, seconds).max(MAX_TIMEOUT_SECONDS, seconds);

const MAX_URL_CHARACTERS = 2_048;
const url = expected(
  `an http or https URL without credentials, of at most ${String(MAX_URL_CHARACTERS)} characters`,
  'string',
);
const callbackUrl = z.string(url).max(MAX_URL_CHARACTERS, url).refine(isReceiver, url);

const anObject = expected('a JSON object', 'object');

export const startBody = z.object(
  {
    worker_id: id.describe('The node pool: the value of its worker label.'),
    command: nonEmptyArgument.meta({
      ...EXECUTABLE,
      description: 'The executable; found in $PATH when it holds no slash.',
    }),
    path: nonEmptyArgument.meta({ ...EXECUTABLE, description: 'Its first argument.' }),
    args: z
      .array(argument, expected('an array of strings', 'object'))
      .optional()
      .meta({ description: 'Further arguments, literally.', maxItems: MAX_ITEMS }),
    env: env.optional().meta({ description: 'Environment variables.', maxProperties: MAX_ITEMS }),
    timeout_seconds: timeoutSeconds.optional().describe('Ends the job; waiting for a node counts.'),
    callback_url: callbackUrl.optional().describe('Gets one signed POST when the job has ended.'),
  },
  anObject,
);

const jobRefBody = z.object(
  {
    worker_id: id.describe('The worker that the job was started on.'),
    // Whatever the service cannot know is "job not found", so nothing but its emptiness is wrong with an id.
    job_id: id.describe('What /start answered.'),
  },
  anObject,
);
export const stopBody = jobRefBody;
export const queryBody = jobRefBody;

export interface JobRef {
  workerId: string;
  jobId: string;
}

/** @throws HttpError 400 that names every wrong field, what was expected there and what came. */
export function parseStart(body: unknown): JobRequest {
  refuseTooManyItems(body);
  const start = parse(startBody, body);
  refuseOwnProto(body);
  const { worker_id: workerId, command, path, args = [], env = {}, timeout_seconds, callback_url } = start;
  const request: JobRequest = { workerId, command, path, args, env };
  if (timeout_seconds !== undefined) request.timeoutSeconds = timeout_seconds;
  if (callback_url !== undefined) request.callbackUrl = callback_url;
  const problem = sizeProblem(request);
  if (problem !== undefined) throw new HttpError(400, problem);
  return request;
}

/** The body of /stop and of /query. @throws HttpError 400, as parseStart does. */
export function parseJobRef(body: unknown): JobRef {
  const { worker_id: workerId, job_id: jobId } = parse(jobRefBody, body);
  return { workerId, jobId };
}

/** @throws HttpError 400 that names every wrong field. */
export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const texts = result.error.issues.slice(0, REPORTED_FIELDS).map((issue) => issue.message);
  const more = result.error.issues.length - texts.length;
  if (more > 0) texts.push(`and ${String(more)} more`);
  throw new HttpError(400, texts.join('; '));
}

function refuseTooManyItems(body: unknown): void {
  const { args, env } = (body ?? {}) as { args?: unknown; env?: unknown };
  refuseMoreThanMax('args', Array.isArray(args) ? args.length : 0);
  refuseMoreThanMax('env', typeof env === 'object' && env !== null ? Object.keys(env).length : 0);
}

function refuseMoreThanMax(field: string, items: number): void {
  if (items <= MAX_ITEMS) return;
  throw new HttpError(
    400,
    `expected "${field}" to have at most ${String(MAX_ITEMS)} items, got ${String(items)}`,
  );
}

/** zod leaves a key called __proto__ out of a record: to run without a variable that was asked for would be a guess. */
function refuseOwnProto(body: unknown): void {
  const { env } = body as { env?: object };
  if (env !== undefined && Object.hasOwn(env, '__proto__'))
    throw new HttpError(400, wrongEnvName('__proto__'));
}
