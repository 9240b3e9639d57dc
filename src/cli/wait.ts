// Waiting for a job: what `wait` and `start --wait` have in common.
import { NoAnswerError, type PorticoClient, PorticoError, type QueryAnswer } from '../client/index.ts';
import { after } from '../client/sleep.ts';
import type { Target } from './command.ts';
import { exitStatusOf } from './exit-status.ts';
import { DEFAULT_SERVER } from './parse.ts';
import { withProgress } from './progress.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

const LAST_OF_LOG_MS = 10_000;

type Wait = (signal: AbortSignal) => Promise<QueryAnswer>;

export interface Waiting extends Target {
  jobId: string;
  workerId: string;
  follow: boolean;
  json: boolean;
}

/** The exit status that tells how the job ended. When it is interrupted, says how to go on. @throws PorticoError; when interrupted */
export async function waitFor(client: PorticoClient, waiting: Waiting, terminal: Terminal): Promise<number> {
  const { jobId, workerId } = waiting;
  const wait: Wait = (signal) => client.wait({ worker_id: workerId, job_id: jobId }, { signal });
  try {
    const answer = waiting.follow
      ? await following(client, jobId, wait, terminal)
      : await withProgress(terminal, client, jobId, () => wait(terminal.interrupted));
    await report(answer, waiting, terminal);
    return exitStatusOf(answer);
  } catch (error) {
    if (terminal.interrupted.aborted) await terminal.stderr.write(goOn(waiting));
    throw error;
  }
}

async function report(answer: QueryAnswer, { jobId, json }: Waiting, { stdout, stderr }: Terminal) {
  if (json) await stdout.write(`${JSON.stringify({ job_id: jobId, ...answer })}\n`);
  else if (answer.error) await stderr.write(`${printable(answer.error_text)}\n`);
}

/** The log as it comes. That it cannot be read is said, and the job is waited for all the same. */
async function following(
  client: PorticoClient,
  jobId: string,
  wait: Wait,
  { stdout, stderr, interrupted }: Terminal,
): Promise<QueryAnswer> {
  const end = new AbortController();
  const signal = AbortSignal.any([interrupted, end.signal]);
  const print = async () => {
    try {
      for await (const text of client.logs(jobId, { follow: true, signal })) await stdout.write(text);
    } catch (error) {
      if (end.signal.aborted) return;
      if (!(error instanceof PorticoError)) throw error;
      const what = error instanceof NoAnswerError ? 'the log broke off' : 'the log cannot be read';
      await stderr.write(`portico: ${what}: ${error.message}\n`);
    }
  };
  let cancel = (): void => undefined;
  const waited = wait(signal).then((answer) => {
    // The last of the log may come after the job is known to be done, but not much later.
    cancel = after(LAST_OF_LOG_MS, () => end.abort());
    return answer;
  });
  try {
    const [answer] = await Promise.all([waited, print()]);
    return answer;
  } finally {
    cancel();
    end.abort();
  }
}

function goOn({ jobId, server }: Waiting): string {
  const where = server === DEFAULT_SERVER ? '' : ` --server ${server}`;
  return [
    '',
    'The job goes on. To wait for it again, or to end it:',
    `  portico wait${where} ${jobId}`,
    `  portico stop${where} ${jobId}`,
    '',
  ].join('\n');
}
