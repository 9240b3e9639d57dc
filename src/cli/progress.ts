// The line on a person's terminal that says how a job stands while they wait for it.
import type { PorticoClient } from '../client/index.ts';
import { after } from '../client/sleep.ts';
import { cutTo, printable } from './table.ts';
import type { Terminal } from './terminal.ts';

const TICK_MS = 1_000;
/** Its state is asked for every so many ticks. */
const LOOK = 3;
const ERASE_LINE = '\r\u001b[K';

/** While `task` runs; leaves nothing behind. */
export async function withProgress<T>(
  { stderr, interrupted, elapsedMs }: Terminal,
  client: PorticoClient,
  jobId: string,
  task: () => Promise<T>,
): Promise<T> {
  if (!stderr.isTerminal) return task();
  const begunMs = elapsedMs();
  let state = 'waiting';
  let ticks = 0;
  const look = async () => {
    try {
      const job = await client.job(jobId, { signal: interrupted });
      state = job.waiting ? `${job.state}: ${job.waiting}` : job.state;
    } catch {
      // What it stands at is a comfort: the wait itself says what is wrong.
    }
  };
  const draw = () => {
    const seconds = Math.floor((elapsedMs() - begunMs) / 1000);
    const line = `${jobId}  ${String(seconds)}s  ${printable(state)}`;
    void stderr.write(`${ERASE_LINE}${cutTo(line, stderr.columns - 1)}`).catch(() => undefined);
  };
  let cancel = (): void => undefined;
  const tick = () => {
    if (ticks++ % LOOK === 0) void look().then(draw);
    draw();
    cancel = after(TICK_MS, tick);
  };
  cancel = after(TICK_MS, tick);
  try {
    return await task();
  } finally {
    cancel();
    await stderr.write(ERASE_LINE).catch(() => undefined);
  }
}
