// Portico as its users start it: a process of its own, on a free port, with the embedded cluster in a folder of its own, or on the
// cluster of PORTICO_TEST_KUBECONFIG.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export type LogEntry = Record<string, unknown>;

export interface PorticoOptions {
  /** The cluster to use, instead of that of the environment. */
  kubeconfig?: string;
  /** Started is when it listens, though it may not be ready; when it serves, unless given. */
  until?: 'listening' | 'serving';
  /** Gets each line of its log. */
  log?: (entry: LogEntry) => void;
  /** Kept by the caller; a fresh one, removed at the end, unless given. */
  stateDir?: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** For Node itself. */
  nodeArgs?: string[];
  /** Kills it when it is aborted, also before it serves. */
  signal?: AbortSignal;
}

export class Portico {
  readonly url: string;
  readonly kubeconfig: string;
  readonly stateDir: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ownsState: boolean;

  private constructor(child: ChildProcess, ready: Ready, stateDir: string, ownsState: boolean) {
    this.#child = child;
    this.url = ready.url;
    this.kubeconfig = ready.kubeconfig;
    this.pid = child.pid ?? 0;
    this.stateDir = stateDir;
    this.#ownsState = ownsState;
  }

  static async start(options: PorticoOptions = {}): Promise<Portico> {
    const stateDir = options.stateDir ?? (await freshFolder());
    const kubeconfig = options.kubeconfig ?? process.env['PORTICO_TEST_KUBECONFIG'];
    const cluster = kubeconfig ? `--kubeconfig=${kubeconfig}` : `--state-dir=${stateDir}`;
    const child = run(['--port=0', '--log-format=json', cluster, ...(options.args ?? [])], options);
    const ready = { ...(kubeconfig && { kubeconfig }), ...(await untilReady(child, options)) };
    return new Portico(child, ready, stateDir, options.stateDir === undefined);
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.raw(path, JSON.stringify(body), headers);
  }

  async raw(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return answerOf(await fetch(this.url + path, { method: 'POST', body, headers }));
  }

  /** Starts a job on the worker `local` and gives its id. */
  async startJob(command: string, path: string, more: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await this.post('/start', { worker_id: 'local', command, path, ...more });
    if (status !== 201) throw new Error(`expected 201, got ${String(status)} ${JSON.stringify(body)}`);
    return body['job_id'] as string;
  }

  /** A bash script given as text. */
  bash(script: string, more: Record<string, unknown> = {}): Promise<string> {
    return this.startJob('bash', '-c', { args: [script], ...more });
  }

  /** Resolves when the job has printed that: what it did before has happened. */
  async hasPrinted(jobId: string, text: string): Promise<void> {
    const { body } = await fetch(`${this.url}/jobs/${jobId}/logs?follow=true`);
    for await (const chunk of body ?? []) if (Buffer.from(chunk).includes(text)) return;
    throw new Error(`expected ${jobId} to print ${text}`);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  async query(jobId: string, workerId = 'local'): Promise<Answer['body']> {
    return (await this.post('/query', { worker_id: workerId, job_id: jobId })).body;
  }

  /** What /query says when the job is done. */
  async outcome(jobId: string): Promise<Answer['body']> {
    const { body } = await this.post('/query', { worker_id: 'local', job_id: jobId }, { prefer: 'wait=60' });
    return body;
  }

  async stopJob(jobId: string): Promise<Answer> {
    return this.post('/stop', { worker_id: 'local', job_id: jobId });
  }

  /** SIGTERM, as an operator or Kubernetes does it. The exit code. */
  async stop(): Promise<number | null> {
    const code = await this.end('SIGTERM');
    if (this.#ownsState) await rm(this.stateDir, { recursive: true, force: true });
    return code;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    return ((await exit) as [number | null])[0];
  }
}

export const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'portico-test-'));

/** Runs Portico until it ends by itself: what it printed, and its exit code. */
export async function runToEnd(args: string[], options: PorticoOptions = {}) {
  const child = run(args, options);
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}

/** Portico with these words, as a process. */
export function run(args: string[], { env, cwd, signal, nodeArgs = [] }: PorticoOptions = {}): ChildProcess {
  // Whatever cluster this machine has configured is not for tests.
  const inherited = { ...process.env, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' };
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...nodeArgs, join(ROOT, 'src/main.ts'), ...args],
    {
      cwd: cwd ?? ROOT,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  // That it was aborted; its exit says the rest.
  if (signal) child.on('error', () => undefined);
  return child;
}

/** None outlives a run that is interrupted. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

interface Ready {
  url: string;
  kubeconfig: string;
}

/** The log line that says where it serves. @throws what it printed instead, when it ended */
async function untilReady(child: ChildProcess, { until = 'serving', log }: PorticoOptions): Promise<Ready> {
  if (!child.stdout || !child.stderr) throw new Error('expected pipes');
  const printed: string[] = [];
  createInterface(child.stderr).on('line', (line) => printed.push(line));
  const lines = createInterface(child.stdout);
  const ready = await new Promise<Ready>((resolve, reject) => {
    const read = (line: string) => {
      printed.push(line);
      const entry = jsonOf(line);
      if (entry?.['msg'] !== until) return;
      lines.off('line', read);
      resolve(entry as unknown as Ready);
    };
    lines.on('line', read);
    lines.on('line', (line) => {
      const entry = jsonOf(line);
      if (entry) log?.(entry);
    });
    child.once('exit', () => {
      reject(new Error(`Portico ended: ${printed.join('\n')}`));
    });
  });
  // What it logs from now on is read, so that it can go on, and thrown away unless somebody wants it.
  if (log) return ready;
  lines.close();
  child.stdout.resume();
  return ready;
}

function jsonOf(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

async function answerOf(response: Response): Promise<Answer> {
  return {
    status: response.status,
    body: (await response.json()) as Answer['body'],
    headers: response.headers,
  };
}
