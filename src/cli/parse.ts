// The words of a command line to a Command. Reads neither the environment nor the command line: both are arguments.
import type { JobState } from '../client/index.ts';
import {
  httpUrl,
  integer,
  listOf,
  matching,
  oneOf,
  type Read,
  serverUrl,
  SettingError,
} from '../settings/values.ts';
import type { Action, Command } from './command.ts';
import { type Environment, Line } from './line.ts';
import { type CommandName, isCommandName } from './syntax.ts';

export const DEFAULT_SERVER = 'http://127.0.0.1:3000';
const MOST_TIMEOUT_SECONDS = 2_147_483_647;

export type Parsed = { help: CommandName } | { command: Command };

/** undefined when the first word is no command. @throws UsageError */
export function parseCommand([name, ...args]: readonly string[], env: Environment): Parsed | undefined {
  if (!isCommandName(name)) return undefined;
  const line = new Line(name, args, env);
  if (line.has('help')) return { help: name };
  const action = READERS[name](line);
  const server = line.one('server', serverUrl, 'PORTICO_SERVER') ?? DEFAULT_SERVER;
  const tokenFile = line.one('token-file', text, 'PORTICO_TOKEN_FILE');
  line.assertRight();
  return { command: { server, tokenFile, ...action } };
}

const text = matching((text) => text !== '', 'a text that is not empty');
const variable = matching((text) => /^[^=]+=/.test(text), 'NAME=VALUE');
const state: Read<JobState> = oneOf('pending', 'running', 'stopping', 'succeeded', 'failed', 'stopped');
const since: Read<Date | number> = (text) => {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw new SettingError('seconds ago, or a time such as 2030-01-01T00:00:00Z');
  return new Date(ms);
};

const READERS: Record<CommandName, (line: Line) => Action> = {
  start(line) {
    const { words, rest } = line.words('WORKER', 'COMMAND', 'PATH');
    const [worker_id = '', command = '', path = ''] = words;
    const timeout = line.one('timeout', integer(1, MOST_TIMEOUT_SECONDS));
    const env = line.all('env', variable).map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    });
    const callback = line.one('callback', httpUrl);
    const follow = line.has('follow');
    const json = jsonUnlessFollowing(line);
    return {
      run: 'start',
      job: {
        worker_id,
        command,
        path,
        ...(rest.length > 0 && { args: rest }),
        ...(env.length > 0 && { env: Object.fromEntries(env) }),
        ...(timeout !== undefined && { timeout_seconds: timeout }),
        ...(callback !== undefined && { callback_url: callback }),
      },
      key: line.one('key', text),
      wait: line.has('wait') || follow,
      follow,
      json,
    };
  },
  stop: (line) => ({ run: 'stop', ...ofJob(line), json: line.has('json') }),
  query: (line) => ({ run: 'query', ...ofJob(line), json: line.has('json') }),
  wait: (line) => ({
    run: 'wait',
    ...ofJob(line),
    follow: line.has('follow'),
    json: jsonUnlessFollowing(line),
  }),
  jobs(line) {
    const jobId = line.optionalWord('JOB_ID');
    const json = line.has('json');
    if (jobId !== undefined) {
      for (const option of ['worker', 'state', 'limit'] as const) {
        if (line.has(option)) line.wrong(`expected a JOB_ID or --${option}, got both`);
      }
      return { run: 'job', jobId, json };
    }
    const workerId = line.one('worker', text);
    const states = line.all('state', listOf(state)).flat();
    return {
      run: 'jobs',
      filter: { ...(workerId && { worker_id: workerId }), ...(states.length > 0 && { state: states }) },
      most: line.one('limit', integer(1, 1_000_000)) ?? 100,
      json,
    };
  },
  logs: (line) => ({
    run: 'logs',
    jobId: line.word('JOB_ID'),
    options: {
      follow: line.has('follow') || undefined,
      tail: line.one('tail', integer(0, 1_000_000_000)),
      since: line.one('since', since),
    },
  }),
  workers(line) {
    line.nothing();
    return { run: 'workers', json: line.has('json') };
  },
};

const ofJob = (line: Line) => ({ jobId: line.word('JOB_ID'), workerId: line.one('worker', text) });

function jsonUnlessFollowing(line: Line): boolean {
  if (line.has('json') && line.has('follow')) line.wrong('expected --json or --follow, got both');
  return line.has('json');
}
