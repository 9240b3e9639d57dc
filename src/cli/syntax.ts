// The commands that call a Portico: their words, options and help. No IO.

export interface Option {
  /** What stands for its value in the help; a switch has none. */
  value?: string;
  short?: string;
  /** May be given several times. */
  multiple?: boolean;
  help: string;
}

export interface Syntax {
  /** What comes after the options. */
  words: string;
  help: string;
  options: Record<string, Option>;
}

const JSON_OPTION: Option = { help: 'print JSON, as the server answers it' };
const WORKER: Option = { value: 'ID', help: 'the job’s worker, when it is known: that spares a question' };
const FOLLOW: Option = { short: 'f', help: 'print the log as it comes, until the job ends' };

/** Each command takes these. */
const COMMON: Record<string, Option> = {
  server: { value: 'URL', help: 'where Portico is (PORTICO_SERVER; http://127.0.0.1:3000)' },
  'token-file': { value: 'FILE', help: 'the token to call it with (PORTICO_TOKEN_FILE)' },
  help: { short: 'h', help: 'print this' },
};

const SYNTAX = {
  start: {
    words: 'WORKER COMMAND PATH [ARG...]',
    help: 'Starts a job and prints its id. From COMMAND on, all is the job’s own: options of start come before.',
    options: {
      env: { value: 'NAME=VALUE', multiple: true, help: 'an environment variable of the job' },
      timeout: { value: 'SECONDS', help: 'ends the job; waiting for a node counts' },
      key: { value: 'KEY', help: 'its Idempotency-Key: the same one again is the same job' },
      callback: { value: 'URL', help: 'gets one signed POST when the job has ended' },
      wait: { help: 'wait until it is done, and exit as it did' },
      follow: { ...FOLLOW, help: 'print the log meanwhile; waits, too' },
      json: JSON_OPTION,
    },
  },
  stop: {
    words: 'JOB_ID',
    help: 'Ends a job. Of one that is over it changes nothing.',
    options: { worker: WORKER, json: JSON_OPTION },
  },
  query: {
    words: 'JOB_ID',
    help: 'Prints "not done", "succeeded", or how it failed.',
    options: { worker: WORKER, json: JSON_OPTION },
  },
  wait: {
    words: 'JOB_ID',
    help: 'Waits until a job is done, and exits as it did.',
    options: { worker: WORKER, follow: FOLLOW, json: JSON_OPTION },
  },
  jobs: {
    words: '[JOB_ID]',
    help: 'Lists jobs, newest first; with a JOB_ID, prints all that is known of it.',
    options: {
      worker: { value: 'ID', help: 'only those of this worker' },
      state: {
        value: 'STATE,STATE',
        help: 'only pending, running, stopping, succeeded, failed or stopped ones',
      },
      limit: { value: 'N', help: 'so many at most (100)' },
      json: JSON_OPTION,
    },
  },
  logs: {
    words: 'JOB_ID',
    help: 'Prints the log of a job.',
    options: {
      follow: FOLLOW,
      tail: { value: 'N', help: 'only so many lines from the end' },
      since: {
        value: 'WHEN',
        help: 'only what came since then: seconds ago, or a time such as 2030-01-01T00:00:00Z',
      },
    },
  },
  workers: {
    words: '',
    help: 'Lists the pools: their nodes, and how many jobs they have.',
    options: { json: JSON_OPTION },
  },
} as const satisfies Record<string, Syntax>;

export type CommandName = keyof typeof SYNTAX;

export const COMMANDS = Object.keys(SYNTAX);

export const isCommandName = (word: string | undefined): word is CommandName =>
  word !== undefined && Object.hasOwn(SYNTAX, word);

/** With the options that all have. */
export function syntaxOf(name: CommandName): Syntax {
  const { words, help, options } = SYNTAX[name];
  return { words, help, options: { ...options, ...COMMON } };
}

const EXIT = `Exits with 0; 1 when Portico cannot be reached or refuses; 2 when the command line is wrong; 130 when it is interrupted.`;
const EXIT_AS_JOB = `${EXIT}
Once the job is done: with its exit code; 128 + N when signal N ended it, so 137 when it was stopped; 124 past its deadline;
126 or 127 when its executable could not be run or was not found; 125 when its worker was lost.`;

export function commandHelp(name: CommandName): string {
  const { words, help, options } = syntaxOf(name);
  const lines = Object.entries<Option>(options).map(([flag, { value, short, help }]) => {
    const both = `${short ? `-${short}, ` : ''}--${flag}${value ? ` ${value}` : ''}`;
    return `  ${both.padEnd(26)} ${help}`;
  });
  const usage = ['Usage: portico', name, '[options]', words].filter((part) => part !== '').join(' ');
  const exit = 'wait' in options || name === 'wait' ? EXIT_AS_JOB : EXIT;
  return [usage, '', help, '', ...lines, '', exit, ''].join('\n');
}

/** One line each. */
export const commandLines = (): string[] =>
  Object.entries(SYNTAX).map(([name, { words, help }]) => {
    const [first = ''] = help.split(/(?<=\.) |; /);
    return `  ${`${name} ${words}`.padEnd(35)} ${first}`;
  });
