// What npm run cluster leaves behind when it is interrupted, and when it is killed.
import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { theCluster } from '../current.ts';
import { run } from '../inside/processes.ts';
import { pathsIn } from '../settings.ts';
import { end, startProgram } from './program.ts';

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

  it('leaves no process when it is killed, and the next start removes the rest', async function () {
    const killed = await startProgram();
    await end(killed, 'SIGKILL');
    // The lock is free when the last process of the cluster is gone.
    await run('flock', pathsIn(killed.folder).lock, 'true');
    expect(processesOf(killed.folder)).to.deep.equal([]);

    const running = dirname(theCluster(this).kubeconfig);
    const [begun, abandoned] = [begunFolder(0), begunFolder(60)];
    const next = await startProgram();
    try {
      for (const gone of [killed.folder, abandoned]) expect(existsSync(gone), gone).to.equal(false);
      expect(cgroupsOf(killed.folder)).to.deep.equal([]);
      for (const kept of [running, begun]) expect(existsSync(kept), kept).to.equal(true);
    } finally {
      await end(next, 'SIGINT');
      rmSync(begun, { recursive: true });
    }
  });
});

/** Of a run so many minutes ago that has not come to lock it. */
function begunFolder(minutes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-cluster-'));
  mkdirSync(pathsIn(folder).logs);
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(folder, then, then);
  return folder;
}
