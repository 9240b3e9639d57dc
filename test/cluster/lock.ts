// Locks between processes of this machine. The kernel keeps them for as long as their holder lives, so none is ever stale.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export const isLocked = (file: string): boolean =>
  spawnSync('flock', ['--nonblock', file, 'true']).status !== 0;

export interface Waiting {
  /** Called when another process has it. */
  onWait: () => void;
  signal?: AbortSignal | undefined;
}

/** Resolves with what the task gives, which runs while the lock is held. @throws when the signal is aborted meanwhile */
export async function withLock<T>(
  file: string,
  { onWait, signal }: Waiting,
  task: () => Promise<T>,
): Promise<T> {
  if (isLocked(file)) onWait();
  // It ends when its standard input does: when we say so, or are gone. Ctrl-C is for us to answer.
  const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo; exec cat'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  });
  const ended = once(holder, 'exit').then(([code]) => {
    throw new Error(`expected a lock on ${file}, but flock ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  try {
    await Promise.race([once(holder.stdout, 'data'), ended]);
    return await task();
  } finally {
    holder.stdin.end();
  }
}
