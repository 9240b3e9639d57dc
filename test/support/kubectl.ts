// Runs the real kubectl against a test's API server. What it keeps it keeps in the test's folder, not in the user's home.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import type { Context } from 'mocha';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Printed {
  code: number;
  stdout: string;
  stderr: string;
}

export interface KubectlOptions {
  kubeconfig: string;
  folder: string;
  /** The one in PATH, unless given. */
  program?: string;
}

/** Skips what asks for it where there is none, and says so. Asked when the test runs: a cluster of the tests brings one. */
export function skipWithoutKubectl(context: Context): void {
  const { error, status } = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
  if (!error && status === 0) return;
  const why = error ? error.message : `kubectl version ended with ${String(status)}`;
  process.stderr.write(`      skipped: kubectl cannot be run: ${why}\n`);
  context.skip();
}

export class Kubectl {
  readonly #program: string;
  readonly #flags: string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #running: ChildProcess[] = [];

  constructor({ kubeconfig, folder, program = 'kubectl' }: KubectlOptions) {
    this.#program = program;
    this.#flags = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${join(folder, 'kubectl-cache')}`];
    // The time zone is that of the times it prints.
    this.#env = { PATH: process.env['PATH'], HOME: folder, TZ: 'UTC' };
  }

  /** @param timeoutMs 0: none. However it ends. */
  run(args: readonly string[], input = '', timeoutMs = 0): Promise<Printed> {
    return new Promise((resolve) => {
      const child = execFile(
        this.#program,
        [...this.#flags, ...args],
        { env: this.#env, timeout: timeoutMs },
        (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
        },
      );
      child.stdin?.end(input);
    });
  }

  /** What a command prints. @throws when it ends with another code than 0 */
  async ok(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout;
  }

  /** The lines of a command that goes on. */
  lines(args: readonly string[]): AsyncIterator<string> {
    const child = spawn(this.#program, [...this.#flags, ...args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#running.push(child);
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Ends those that go on. */
  stop(): void {
    for (const child of this.#running) child.kill();
  }
}
