// One replica of Portico with its proxy: a process that is killed, ended, frozen and started again, as its log tells it.
import { createWriteStream, writeFileSync, type WriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LogEntry, Portico } from '../../support/portico.ts';
import type { Chance } from '../chance.ts';
import { kubeconfigOf } from '../proxy/kubeconfig.ts';
import { Proxy, type Upstream } from '../proxy/proxy.ts';

const PRELOAD = join(import.meta.dirname, 'stepped-clock.ts');
/** As long as the kubelet lets a container rest that has failed to start, or shorter. */
const RESTART_MS = 500;

export interface ReplicaOptions {
  number: number;
  upstream: Upstream;
  /** Of an administrator. */
  token: string;
  namespace: string;
  /** Where its log and its kubeconfig go. */
  folder: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  chance: Chance;
  /** It has become the one that settles jobs, or has settled one. */
  onEvent: (event: 'leads' | 'settled', replica: Replica) => void;
  /** Kills it. */
  signal: AbortSignal;
}

export class Replica {
  readonly number: number;
  readonly proxy: Proxy;
  isLeading = false;
  /** How many processes of it there have been. */
  lives = 0;
  /** How many of them were killed: what they had still to do went with them. */
  kills = 0;
  readonly #options: ReplicaOptions;
  readonly #log: WriteStream;
  readonly #clockFile: string;
  #portico: Portico | undefined;
  #starting: Promise<void> | undefined;

  private constructor(options: ReplicaOptions, proxy: Proxy) {
    this.#options = options;
    this.number = options.number;
    this.proxy = proxy;
    const name = `replica-${String(options.number)}`;
    this.#log = createWriteStream(join(options.folder, `${name}.log`), { flags: 'a' });
    this.#clockFile = join(options.folder, `${name}.clock`);
    writeFileSync(this.#clockFile, '0');
  }

  /** Serves when this resolves. */
  static async start(options: ReplicaOptions): Promise<Replica> {
    const proxy = await Proxy.start(options.upstream, options.chance);
    const replica = new Replica(options, proxy);
    await writeFile(replica.#kubeconfig, kubeconfigOf(proxy, options));
    await replica.start();
    return replica;
  }

  /** undefined while there is no process that serves. */
  get url(): string | undefined {
    return this.#portico?.url;
  }

  get #kubeconfig(): string {
    return join(this.#options.folder, `replica-${String(this.number)}.kubeconfig`);
  }

  /** Until it serves: where it does not come up, it is started again. Or until the run is ended. */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { args, env, folder, signal } = this.#options;
    while (!this.#portico && !signal.aborted) {
      const life = this.lives;
      try {
        this.#portico = await Portico.start({
          kubeconfig: this.#kubeconfig,
          stateDir: folder,
          args: [...args],
          env: { ...env, PORTICO_TEST_CLOCK: this.#clockFile },
          nodeArgs: [`--import=${PRELOAD}`],
          log: (entry) => this.#read(entry, life),
          signal,
        });
      } catch (error) {
        this.#log.write(`${(error as Error).message}\n`);
        await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async end(how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const portico = this.#portico;
    // A process that ends accepts nothing any more: a Service sends nobody there.
    this.#portico = undefined;
    this.lives += 1;
    if (how === 'SIGKILL') this.kills += 1;
    this.#log.write(`--- ${how}\n`);
    await portico?.end(how);
    this.isLeading = false;
  }

  freeze(): void {
    this.#send('SIGSTOP');
  }

  thaw(): void {
    this.#send('SIGCONT');
  }

  /** Its wall clock, from the machine's own; also of the processes that come after. */
  setClock(aheadMs: number): void {
    writeFileSync(this.#clockFile, String(aheadMs));
    this.#send('SIGUSR2');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.end('SIGTERM');
    await this.proxy.stop();
    await new Promise((done) => this.#log.end(done));
  }

  #send(signal: NodeJS.Signals): void {
    if (this.#portico) process.kill(this.#portico.pid, signal);
  }

  #read(entry: LogEntry, life: number): void {
    this.#log.write(`${JSON.stringify(entry)}\n`);
    // What it had said before it was killed is read after.
    if (life !== this.lives) return;
    switch (entry['msg']) {
      case 'leading':
        this.isLeading = true;
        return this.#options.onEvent('leads', this);
      case 'no longer leading':
        this.isLeading = false;
        return;
      case 'job ended':
        return this.#options.onEvent('settled', this);
    }
  }
}
