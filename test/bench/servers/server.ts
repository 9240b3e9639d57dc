// A server that is measured: a process of its own, which says that it serves, and does what it is told. Gone with this process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Serving {
  port: number;
}

export class Server<Hello extends Serving = Serving> {
  readonly hello: Hello;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, hello: Hello) {
    this.#child = child;
    this.hello = hello;
    this.pid = child.pid ?? 0;
  }

  /** @param file of this folder. Its first message says where it serves. */
  static async start<Hello extends Serving>(file: string, args: string[] = []): Promise<Server<Hello>> {
    const child = fork(join(import.meta.dirname, file), args, {
      execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    });
    return new Server(child, await nextMessage<Hello>(child, file));
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.hello.port)}`;
  }

  /** What it answers to an order. One at a time. */
  async ask<Answer>(order: unknown): Promise<Answer> {
    const answer = nextMessage<Answer>(this.#child, 'the server');
    this.#child.send(order as object);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}

/** @throws when it ends instead */
async function nextMessage<T>(child: ChildProcess, name: string): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as T),
      once(child, 'exit', { signal }).then(() => {
        throw new Error(`${name} ended before it answered`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
