// The command line as it was typed: which flags with which texts, and which command. Knows no setting's meaning.
import { parseArgs } from 'node:util';
import { meantBy } from './nearest.ts';
import { COMMANDS, isCommandName } from './syntax.ts';
import { UsageError } from './usage-error.ts';

/** The one command, besides serving, that is for the cluster; cli/ has those that call a Portico that serves. */
const RELEASE = 'release';

export interface Line {
  /** Flag to text; help and version have no text of their own. */
  flags: Map<string, string>;
  command?: typeof RELEASE;
}

/** Adds a line to `problems` for each flag that is none of `settings`. @throws UsageError for a word that is no command */
export function parseLine(args: readonly string[], settings: readonly string[], problems: string[]): Line {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      ...Object.fromEntries(settings.map((flag) => [flag, { type: 'string' as const }])),
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string>();
  const line: Line = { flags };
  const known = settings.map((flag) => `--${flag}`);
  let stray: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (token.value === RELEASE && !line.command) line.command = RELEASE;
      // The words that follow are those of the command that is not there.
      else stray ??= strayWord(token.value, line.command);
    }
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'version') flags.set(token.name, '');
    else if (!settings.includes(token.name))
      problems.push(
        `expected a setting that --help lists, got ${token.rawName}${meantBy(token.rawName, known)}`,
      );
    else if (token.value === undefined) problems.push(`expected a value after ${token.rawName}, got nothing`);
    else flags.set(token.name, token.value);
  }
  // After a flag that is none, a word may be its value.
  if (stray !== undefined && problems.length === 0 && !flags.has('help') && !flags.has('version'))
    throw new UsageError(stray);
  return line;
}

function strayWord(word: string, command: string | undefined): string {
  const got = JSON.stringify(word);
  if (command !== undefined) return `expected nothing but settings with ${command}, got ${got}`;
  if (isCommandName(word)) return `expected ${word} to be the first word, and its options after it`;
  return `expected a command that --help lists, got ${got}${meantBy(word, [...COMMANDS, RELEASE])}`;
}
