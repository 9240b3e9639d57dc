// A real cluster of its own, as seen from outside: started in new namespaces, reached through forwarded ports, and gone without
// a trace when it stops, or when the process that started it does.
//
// The kernel cleans up: processes, mounts and network are in namespaces that end with their first process, and that one ends when
// its parent does. What is left, a folder and control groups, the next start removes: its lock tells that nobody holds it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Api } from './api.ts';
import { type Asked, askedIn } from './audit.ts';
import { createCgroup, removeCgroup } from './cgroups.ts';
import { createCredentials, writeKubeconfig } from './credentials.ts';
import { importImage, nameImage } from './inside/containerd.ts';
import { isLocked } from './lock.ts';
import type { Programs } from './programs.ts';
import { namespaceFlags } from './requirements.ts';
import { API_PORT, type Limits, type Order, pathsIn, type Report, type Settings } from './settings.ts';
import { assertSpace } from './space.ts';

const PREFIX = 'portico-cluster-';
/** Images, what pods write, etcd and logs. */
const SPACE_MIB = 1024;
/** Ample for what is done before its lock is taken: keys are made. */
const BEGINNING_MS = 10 * 60_000;
const INSIDE = join(import.meta.dirname, 'inside/main.ts');

export interface ClusterOptions {
  programs: Programs;
  /** False: the control plane alone; no pod runs. */
  withNode: boolean;
  /** Raised unless told. */
  limits?: Limits;
  progress?: (line: string) => void;
  /** Aborted while it starts: nothing is left running, and start throws. */
  signal?: AbortSignal;
}

export class Cluster {
  readonly hasNode: boolean;
  /** For processes outside, on this machine. */
  readonly kubeconfig: string;
  /** The same for what is tested: what that asks for is in the audit log. */
  readonly testKubeconfig: string;
  readonly programs: Programs;
  /** As the administrator. */
  readonly api: Api;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, { programs, withNode, progress }: ClusterOptions) {
    this.#child = child;
    this.#folder = folder;
    this.programs = programs;
    this.hasNode = withNode;
    this.kubeconfig = pathsIn(folder).kubeconfig;
    this.testKubeconfig = pathsIn(folder).testKubeconfig;
    this.api = new Api(this.kubeconfig);
    child.on('message', (report: Report) => {
      if (report.say === 'failed') progress?.(`the cluster broke: ${report.message}`);
    });
  }

  /** @throws with what failed and where its log is; nothing is left running */
  static async start(options: ClusterOptions): Promise<Cluster> {
    removeLeftovers();
    await assertSpace(tmpdir(), SPACE_MIB);
    const folder = await mkdtemp(join(tmpdir(), PREFIX));
    let child: ChildProcess | undefined;
    try {
      const paths = pathsIn(folder);
      const credentials = await createCredentials(paths);
      const inside = `https://127.0.0.1:${String(API_PORT)}`;
      await writeKubeconfig(paths.insideKubeconfig, inside, credentials);
      if (options.withNode) await createCgroup(basename(folder));
      child = spawnInside(folder, options);
      await untilReady(child, options);
      const port = await forwardTo(child, '127.0.0.1', API_PORT);
      const outside = `https://127.0.0.1:${String(port)}`;
      const { certificate, testedToken } = credentials;
      await writeKubeconfig(paths.kubeconfig, outside, credentials);
      await writeKubeconfig(paths.testKubeconfig, outside, { certificate, token: testedToken });
      return new Cluster(child, folder, options);
    } catch (error) {
      if (child) await ended(child);
      if (options.signal?.aborted) removeRun(folder);
      options.signal?.throwIfAborted();
      const logs = await keepLogs(folder);
      removeRun(folder);
      const message = (error as Error).message.replaceAll(pathsIn(folder).logs, logs);
      throw new Error(`the cluster did not start: ${message}\nIts logs are kept in ${logs}`, {
        cause: error,
      });
    }
  }

  /** A port here, on loopback, for an address inside: of a Service, a pod, a node. */
  forward(host: string, port: number): Promise<number> {
    return forwardTo(this.#child, host, port);
  }

  /** @param archive in docker-archive layout: pods can use what is in it from then on. */
  importImage(archive: string): Promise<void> {
    return importImage(pathsIn(this.#folder), archive);
  }

  /** Another name for an image that the node has. */
  async nameImage(image: string, name: string): Promise<void> {
    await nameImage(pathsIn(this.#folder), image, name);
  }

  /** All that was asked so far by what is tested and by service accounts, oldest first. */
  asked(): Promise<Asked[]> {
    return askedIn(pathsIn(this.#folder).audit);
  }

  /** Ends one of PARTS, and starts it again after so many milliseconds. Resolves when the API server is ready. */
  restart(program: string, signal: 'SIGKILL' | 'SIGTERM', forMs: number): Promise<void> {
    return carriedOut(this.#child, { do: 'restart', id: ++orders, program, signal, forMs });
  }

  /** What to put before a command that is to run in the cluster's network. */
  get enter(): string[] {
    const unshare = String(this.#child.pid);
    const first = readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim();
    return ['nsenter', `--net=/proc/${first}/ns/net`, '--'];
  }

  /** @returns where the logs are now, if they are to be kept */
  async stop({ keepLogs: keep = false } = {}): Promise<string | undefined> {
    await this.api.close();
    await ended(this.#child);
    const logs = keep ? await keepLogs(this.#folder) : undefined;
    removeRun(this.#folder);
    return logs;
  }
}

function spawnInside(
  folder: string,
  { programs, withNode, limits = 'raised' }: ClusterOptions,
): ChildProcess {
  const settings: Settings = {
    programs,
    folder,
    limits,
    ...(withNode && { node: { cgroup: `/${basename(folder)}` } }),
  };
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', INSIDE, JSON.stringify(settings)];
  // The shell is the first process of the namespace: it reaps what others leave behind, which Node does not.
  const first = ['sh', '-c', '"$@"; exit $?', 'sh', ...node];
  const lock = ['--no-fork', '--nonblock', pathsIn(folder).lock];
  return spawn('flock', [...lock, 'unshare', ...namespaceFlags(), ...first], {
    // A session of its own: Ctrl-C is for us to answer.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

async function untilReady(child: ChildProcess, { progress, signal }: ClusterOptions): Promise<void> {
  const said: string[] = [];
  child.stderr?.on('data', (text: Buffer) => said.push(text.toString()));
  await new Promise<void>((resolve, reject) => {
    child.on('message', (report: Report) => {
      if (report.say === 'progress') progress?.(report.line);
      else if (report.say === 'ready') resolve();
      else if (report.say === 'failed') reject(new Error(report.message));
    });
    signal?.addEventListener('abort', () => {
      reject(new Error('interrupted'));
    });
    child.once('close', () => {
      reject(new Error(`its first process ended: ${said.join('').trim()}`));
    });
  });
}

let orders = 0;

async function forwardTo(child: ChildProcess, host: string, port: number): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: outer } = server.address() as AddressInfo;
  await carriedOut(child, { do: 'forward', id: ++orders, host, port }, server);
  // Only the process inside accepts from it.
  server.close();
  return outer;
}

async function carriedOut(child: ChildProcess, order: Order, handle?: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onReport = (report: Report) => {
      if (report.say === 'failed') reject(new Error(report.message));
      if (report.say !== 'done' || report.id !== order.id) return;
      child.off('message', onReport);
      resolve();
    };
    child.on('message', onReport);
    child.send(order, handle, {}, (error) => {
      if (error) reject(error);
    });
  });
}

/** Nothing of the namespaces is left when unshare has ended. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exit;
}

async function keepLogs(folder: string): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), 'portico-logs-'));
  await cp(pathsIn(folder).logs, kept, { recursive: true });
  return kept;
}

function removeRun(folder: string): void {
  removeCgroup(basename(folder));
  rmSync(folder, { recursive: true, force: true });
}

/** Of runs that were killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    try {
      if (!isInUse(folder)) removeRun(folder);
    } catch {
      // Killed a moment ago, and not all of it is dead yet: the next start tries again.
    }
  }
}

/** One that goes on holds its lock; one that begins has none yet. */
function isInUse(folder: string): boolean {
  const { lock } = pathsIn(folder);
  return existsSync(lock) ? isLocked(lock) : Date.now() - statSync(folder).mtimeMs < BEGINNING_MS;
}
