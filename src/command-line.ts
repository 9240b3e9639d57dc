// The command line as it was typed: which flags with which texts, and which command. Knows no setting's meaning.
import { parseArgs } from 'node:util';

/** The one command, besides serving, that is for the cluster; cli/ has those that call a Portico that serves. */
const RELEASE = 'release';

export interface Line {
  /** Flag to text; help and version have no text of their own. */
  flags: Map<string, string>;
  command?: typeof RELEASE;
}

/** Adds a line to `problems` for each word that is none of `settings`. */
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
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (token.value === RELEASE && !line.command) line.command = RELEASE;
      else
        problems.push(
          `expected settings, or a command that --help lists, got ${JSON.stringify(token.value)}`,
        );
    }
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'version') flags.set(token.name, '');
    else if (!settings.includes(token.name))
      problems.push(`expected a setting that --help lists, got ${token.rawName}`);
    else if (token.value === undefined) problems.push(`expected a value after ${token.rawName}, got nothing`);
    else flags.set(token.name, token.value);
  }
  return line;
}
