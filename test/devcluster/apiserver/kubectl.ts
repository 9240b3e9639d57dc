// Runs the machine's own kubectl against a test's API server, with everything it keeps in the test's folder.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writeKubeconfig } from '../../../src/devcluster/apiserver/index.ts';
import { CREDENTIALS, type TestApi } from './support.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Undefined, or why there is none to test with. */
export function whyNoKubectl(): string | undefined {
  const { error, status } = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
  if (error) return `kubectl cannot be run: ${error.message}`;
  return status === 0 ? undefined : `kubectl version ended with ${String(status)}`;
}

export class Kubectl {
  readonly #env: NodeJS.ProcessEnv;
  readonly #cache: string;
  readonly #running: ChildProcess[] = [];

  constructor(api: TestApi) {
    const kubeconfig = join(api.folder, 'kubeconfig');
    this.#cache = join(api.folder, 'kubectl-cache');
    writeKubeconfig(kubeconfig, { server: api.url, credentials: CREDENTIALS });
    this.#env = { PATH: process.env.PATH, HOME: api.folder, KUBECONFIG: kubeconfig };
  }

  run(args: readonly string[], input = ''): Promise<Ran> {
    return new Promise((resolve) => {
      const child = execFile(
        'kubectl',
        [`--cache-dir=${this.#cache}`, ...args],
        { env: this.#env },
        (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
        },
      );
      child.stdin?.end(input);
    });
  }

  /** The output of a command that succeeds. */
  async ok(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
    return stdout;
  }

  /** The lines of a command that goes on. */
  lines(args: readonly string[]): AsyncIterator<string> {
    const child = spawn('kubectl', [`--cache-dir=${this.#cache}`, ...args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#running.push(child);
    return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  stop(): void {
    for (const child of this.#running) child.kill();
  }
}
