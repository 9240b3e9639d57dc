// What a command line asks for: to serve, to release, a command that calls a Portico, or help. Reads nothing itself.
import { type Config, FLAGS, parseConfig } from '../settings/config.ts';
import type { Command } from './command.ts';
import { parseCommand } from './parse.ts';
import { parseLine } from './settings-line.ts';
import type { CommandName } from './syntax.ts';

export type Invocation =
  | { run: 'serve' | 'release'; config: Config }
  | { run: 'call'; command: Command }
  /** Of one command, or of all. */
  | { run: 'help'; of?: CommandName }
  | { run: 'version' };

/** @throws ConfigError, UsageError */
export function parseInvocation(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const call = parseCommand(args, env);
  if (call) return 'help' in call ? { run: 'help', of: call.help } : { run: 'call', command: call.command };
  const problems: string[] = [];
  const { flags, command } = parseLine(args, FLAGS, problems);
  if (flags.has('help')) return { run: 'help' };
  if (flags.has('version')) return { run: 'version' };
  return { run: command ?? 'serve', config: parseConfig(flags, env, problems) };
}
