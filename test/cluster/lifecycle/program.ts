// npm run cluster as a process of its own, for cases about how it starts and ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { ProgramsEnvironment } from '../programs.ts';
import { namespaceFlags } from '../requirements.ts';

const COMMAND = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, '../main.ts'),
];

export interface Running {
  child: ChildProcess;
  /** All that it keeps on disk. */
  folder: string;
}

/** Resolves when its cluster can be used. */
export async function startProgram(): Promise<Running> {
  const [file = '', ...args] = COMMAND;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface(child.stdout)) {
    const [, kubeconfig] = /^export KUBECONFIG=(.*)$/.exec(line) ?? [];
    if (kubeconfig) return { child, folder: dirname(kubeconfig) };
  }
  throw new Error('it ended before it was ready');
}

export async function end({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  return ((await exit) as [number | null])[0];
}

/** What runs a command while the folder is a file system of 16 MiB for it. */
export const withLittleSpaceIn = (folder: string): string[] => {
  const mount = 'mount -t tmpfs -o size=16m tmpfs "$0" && exec "$@"';
  return ['unshare', ...namespaceFlags(), 'sh', '-c', mount, folder];
};

export interface StartEnvironment extends ProgramsEnvironment {
  /** Where its folder is made. */
  TMPDIR?: string;
}

export interface Refusal {
  code: number | null;
  stderr: string;
}

/** For a start that fails. @param before what runs it: the command with its arguments is appended */
export async function failedStart(env: StartEnvironment, before: string[] = []): Promise<Refusal> {
  const [file = '', ...args] = [...before, ...COMMAND];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const stderr = await text(child.stderr);
  return { code: (await exit)[0], stderr };
}
