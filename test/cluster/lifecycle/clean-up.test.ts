// What npm run cluster leaves behind when it is interrupted, and when it is killed.
import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../inside/processes.ts';
import { pathsIn } from '../settings.ts';

const MAIN = join(import.meta.dirname, '../main.ts');

interface Running {
  child: ChildProcess;
  folder: string;
}

async function startProgram(): Promise<Running> {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface(child.stdout)) {
    const [, kubeconfig] = /^export KUBECONFIG=(.*)$/.exec(line) ?? [];
    if (kubeconfig) return { child, folder: dirname(kubeconfig) };
  }
  throw new Error('it ended before it was ready');
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  return ((await exit) as [number | null])[0];
}

/** Command lines that name that folder: all programs of a cluster do. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(folder));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function cgroupsOf(folder: string): string[] {
  const roots = readdirSync('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name));
  return ['/sys/fs/cgroup', ...roots].map((root) => join(root, basename(folder))).filter(existsSync);
}

describe('a cluster that ends', () => {
  it('leaves nothing when it is interrupted', async () => {
    const cluster = await startProgram();
    expect(processesOf(cluster.folder)).not.to.be.empty;
    expect(await end(cluster, 'SIGINT')).to.equal(0);
    expect(existsSync(cluster.folder)).to.equal(false);
    expect(processesOf(cluster.folder)).to.deep.equal([]);
    expect(cgroupsOf(cluster.folder)).to.deep.equal([]);
  });

  it('leaves no process when it is killed, and the next start removes the rest', async () => {
    const killed = await startProgram();
    await end(killed, 'SIGKILL');
    // The lock is free when the last process of the cluster is gone.
    await run('flock', pathsIn(killed.folder).lock, 'true');
    expect(processesOf(killed.folder)).to.deep.equal([]);

    const next = await startProgram();
    try {
      expect(existsSync(killed.folder)).to.equal(false);
      expect(cgroupsOf(killed.folder)).to.deep.equal([]);
    } finally {
      await end(next, 'SIGINT');
    }
  });
});
