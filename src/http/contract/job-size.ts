// What of a well-formed /start is too large to become a Job, or to run. No IO.
import { COMMAND_AND_PATH_BYTES } from '../../jobs/manifest.ts';
import type { JobRequest } from '../../jobs/request.ts';
import { quoted } from './quoted.ts';

/** Linux takes no single argument, and no NAME=value, longer than 32 pages with its NUL: MAX_ARG_STRLEN, execve(2). */
const MAX_ARGUMENT_BYTES = 131_071;
/** etcd takes 1.5 MiB a write; the rest of a Job, its template's part and its managed fields fit into the difference. */
const MAX_JOB_BYTES = 1_048_576;

/** What the cluster or the kernel would refuse for its size, in the contract's words; undefined when nothing. */
export function sizeProblem({ command, path, args, env }: JobRequest): string | undefined {
  for (const [field, bytes] of argumentSizes(command, path, args, env)) {
    if (bytes > MAX_ARGUMENT_BYTES) return tooLarge(quoted(field), MAX_ARGUMENT_BYTES, bytes);
  }
  const annotated = Buffer.byteLength(command) + Buffer.byteLength(path);
  if (annotated > COMMAND_AND_PATH_BYTES) {
    return tooLarge('"command" and "path" together', COMMAND_AND_PATH_BYTES, annotated);
  }
  const total = jobBytes(command, path, args, env);
  return total > MAX_JOB_BYTES ? tooLarge('the whole job', MAX_JOB_BYTES, total) : undefined;
}

const tooLarge = (what: string, limit: number, bytes: number): string =>
  `expected ${what} to be at most ${String(limit)} bytes, got ${String(bytes)}`;

/** Each string that execve will be given, by its field; a variable counts with its name. */
function* argumentSizes(
  command: string,
  path: string,
  args: JobRequest['args'],
  env: JobRequest['env'],
): Generator<[field: string, bytes: number]> {
  yield ['command', Buffer.byteLength(command)];
  yield ['path', Buffer.byteLength(path)];
  for (const [i, argument] of args.entries()) yield [`args[${String(i)}]`, Buffer.byteLength(argument)];
  for (const [name, value] of Object.entries(env)) {
    yield [`env.${name}`, name.length + 1 + Buffer.byteLength(value)];
  }
}

/** `$` stands twice in a Job, since Kubernetes would expand a single one. */
const written = (text: string): number => Buffer.byteLength(text) + text.split('$').length - 1;

function jobBytes(command: string, path: string, args: JobRequest['args'], env: JobRequest['env']): number {
  // Once in the container, once in an annotation.
  let total = 2 * (written(command) + written(path));
  // Eight bytes more for an argument's pointer, one for its NUL: the kernel counts them too.
  for (const argument of args) total += written(argument) + 9;
  // A variable's name is also a key of metadata.managedFields, where the API server writes down who set it.
  for (const [name, value] of Object.entries(env)) total += 2 * name.length + written(value) + 64;
  return total;
}
