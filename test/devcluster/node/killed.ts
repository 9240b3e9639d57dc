// Runs a node and kills it, with its runtime or without.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StrongestTracking } from '../../../src/devcluster/node/runtime/tracking.ts';

const DOOMED = fileURLToPath(new URL('./doomed-node.ts', import.meta.url));

interface Running {
  runtime: number;
  logs: string[];
}

/** Runs the scripts, each until it says "ready", and kills the node. What each one said. A runtime that is stopped stays. */
export async function killedWhileRunning(
  folder: string,
  scripts: string[],
  { withRuntime, tracking = 'cgroup' }: { withRuntime: boolean | 'stopped'; tracking?: StrongestTracking },
): Promise<string[]> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', DOOMED, folder, tracking, ...scripts],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stderr.pipe(process.stderr, { end: false });
  // The runtime has the same standard error: this comes when both are gone.
  const gone = once(child, 'close');
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const { runtime, logs } = JSON.parse(line) as Running;
    // Stopped, it does not see that the node goes.
    if (withRuntime) process.kill(runtime, 'SIGSTOP');
    child.kill('SIGKILL');
    await exited;
    if (withRuntime === 'stopped') return logs;
    if (withRuntime) process.kill(runtime, 'SIGKILL');
    await gone;
    return logs;
  }
  throw new Error('expected the node to run, but it ended');
}
