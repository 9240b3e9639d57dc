// What a job runs, as its Job tells it. Anything may have been written there by hand: a wrong type reads as absent. No IO.
import type { Job } from '../kube/wire.ts';
import { COMMAND_ANNOTATION, CONTAINER, PATH_ANNOTATION } from './labels.ts';
import { dropUndefined, listOf, optionalInteger, optionalText } from './lenient.ts';
import { byteLength } from './utf8.ts';

/** As in the request; `env` is not in it, since its values may be secrets. */
export interface CommandLine {
  command?: string;
  path?: string;
  args?: string[];
  timeoutSeconds?: number;
}

/** Longer ones are not kept of a Job that is gone: its record goes to etcd with each one that is added to its pack. */
const KEPT_BYTES = 512;

export function commandLineOf(job: Job): CommandLine {
  const spec = job.spec?.template?.spec;
  const container = listOf(spec?.containers).find((candidate) => candidate?.name === CONTAINER);
  const [command, path, ...args] = listOf(container?.command).flatMap((arg) =>
    typeof arg === 'string' ? [arg.replaceAll('$$', '$')] : [],
  );
  // Nobody can change the container; the annotations are what is kept of it (commandAnnotations).
  return dropUndefined<CommandLine>({
    command: command ?? optionalText(job.metadata?.annotations?.[COMMAND_ANNOTATION]),
    path: path ?? optionalText(job.metadata?.annotations?.[PATH_ANNOTATION]),
    args: args.length > 0 ? args : undefined,
    timeoutSeconds: optionalInteger(job.spec?.activeDeadlineSeconds),
  });
}

/** Command and path where they are short enough to be kept, and then both. */
export function keptCommandLine(job: Job): Pick<CommandLine, 'command' | 'path'> {
  const { command, path } = commandLineOf(job);
  const bytes = byteLength(command ?? '') + byteLength(path ?? '');
  return bytes <= KEPT_BYTES ? dropUndefined({ command, path }) : {};
}

/** As annotations of a Job. */
export const commandAnnotations = ({ command, path }: CommandLine) =>
  dropUndefined({ [COMMAND_ANNOTATION]: command, [PATH_ANNOTATION]: path }) as Record<string, string>;
