// Carries out one command against a Portico that serves.
import { type JobSummary, PorticoClient, PorticoError, type QueryAnswer } from '../client/index.ts';
import type { Command, Of } from './command.ts';
import { jobListing, jobText, listed, workerListing } from './show.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { waitFor } from './wait.ts';

/**
 * The exit status. That Portico refuses or does not answer is said in one line on stderr.
 * @throws UsageError; the reason of an interruption; OutputError
 */
export async function runCommand(command: Command, terminal: Terminal): Promise<number> {
  const { server, tokenFile } = command;
  const token = tokenFile === undefined ? undefined : () => tokenIn(tokenFile, terminal);
  const client = new PorticoClient({ url: server, token, fetch: terminal.fetch });
  try {
    return await carryOut(command, client, terminal);
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    await terminal.stderr.write(`portico: ${printable(error.message)}\n`);
    return FAILED;
  }
}

/** Portico could not be reached, or has refused. */
const FAILED = 1;

async function carryOut(command: Command, client: PorticoClient, terminal: Terminal): Promise<number> {
  switch (command.run) {
    case 'start':
      return start(command, client, terminal);
    case 'stop':
      return stop(command, client, terminal);
    case 'query':
      return query(command, client, terminal);
    case 'wait':
      return waitFor(client, { ...command, workerId: await workerOf(command, client, terminal) }, terminal);
    case 'jobs':
      return jobs(command, client, terminal);
    case 'job':
      return job(command, client, terminal);
    case 'logs':
      return logs(command, client, terminal);
    case 'workers':
      return workers(command, client, terminal);
  }
}

/** It may be replaced while a command waits, so it is read for each request. */
async function tokenIn(file: string, { readFile }: Terminal): Promise<string> {
  const expected = 'expected --token-file to be a file with a token';
  const text = await readFile(file).catch((cause: unknown) => {
    throw new UsageError(`${expected}, got ${(cause as Error).message}`, { cause });
  });
  const token = text.trim();
  // What it is instead is not shown: it may be a secret all the same.
  if (!/^[!-~]+$/.test(token))
    throw new UsageError(`${expected}, got one with nothing, or more than a word, in it`);
  return token;
}

async function start(command: Of<'start'>, client: PorticoClient, terminal: Terminal): Promise<number> {
  const { job, key, wait, follow, json } = command;
  const { stdout, stderr, interrupted } = terminal;
  const { job_id } = await client.start(job, { idempotencyKey: key, signal: interrupted });
  if (!wait) {
    await stdout.write(json ? asJson({ job_id }) : `${job_id}\n`);
    return 0;
  }
  // Said before it is waited for, so that it is not lost; where stdout is the log's or JSON's, beside it.
  await (follow || json ? stderr : stdout).write(`${job_id}\n`);
  return waitFor(client, { ...command, jobId: job_id, workerId: job.worker_id }, terminal);
}

async function stop(command: Of<'stop'>, client: PorticoClient, terminal: Terminal): Promise<number> {
  const answer = await client.stop(await referenceOf(command, client, terminal), {
    signal: terminal.interrupted,
  });
  if (command.json) await terminal.stdout.write(asJson(answer));
  return 0;
}

async function query(command: Of<'query'>, client: PorticoClient, terminal: Terminal): Promise<number> {
  const answer = await client.query(await referenceOf(command, client, terminal), {
    signal: terminal.interrupted,
  });
  await terminal.stdout.write(command.json ? asJson(answer) : `${inWords(answer)}\n`);
  return 0;
}

async function jobs(command: Of<'jobs'>, client: PorticoClient, terminal: Terminal): Promise<number> {
  const { filter, most, json } = command;
  const { stdout, stderr, interrupted, dateMs } = terminal;
  const items: JobSummary[] = [];
  let next: string | undefined;
  do {
    const limit = Math.min(most - items.length, MOST_A_PAGE);
    const page = await client.jobs({ ...filter, limit, continue: next }, { signal: interrupted });
    items.push(...page.items);
    next = page.continue;
  } while (next !== undefined && items.length < most);
  await stdout.write(json ? asJson({ items }) : listed(jobListing(items, dateMs()), stdout));
  if (next !== undefined && stderr.isTerminal) await stderr.write('There are more: see --limit.\n');
  return 0;
}

async function job({ jobId, json }: Of<'job'>, client: PorticoClient, terminal: Terminal): Promise<number> {
  const job = await client.job(jobId, { signal: terminal.interrupted });
  await terminal.stdout.write(json ? asJson(job) : jobText(job));
  return 0;
}

async function logs(
  { jobId, options }: Of<'logs'>,
  client: PorticoClient,
  terminal: Terminal,
): Promise<number> {
  const parts = client.logs(jobId, { ...options, signal: terminal.interrupted });
  for await (const text of parts) await terminal.stdout.write(text);
  return 0;
}

async function workers({ json }: Of<'workers'>, client: PorticoClient, terminal: Terminal): Promise<number> {
  const { stdout, interrupted, dateMs } = terminal;
  const items = await client.workers({ signal: interrupted });
  await stdout.write(json ? asJson({ items }) : listed(workerListing(items, dateMs()), stdout));
  return 0;
}

/** As the server has it. */
const MOST_A_PAGE = 500;

interface OfJob {
  jobId: string;
  workerId?: string | undefined;
}

const referenceOf = async (of: OfJob, client: PorticoClient, terminal: Terminal) => ({
  worker_id: await workerOf(of, client, terminal),
  job_id: of.jobId,
});

async function workerOf({ jobId, workerId }: OfJob, client: PorticoClient, { interrupted }: Terminal) {
  return workerId ?? (await client.job(jobId, { signal: interrupted })).worker_id;
}

const asJson = (value: unknown): string => `${JSON.stringify(value)}\n`;

function inWords({ done, error, error_text }: QueryAnswer): string {
  if (!done) return 'not done';
  return error ? printable(error_text) : 'succeeded';
}
