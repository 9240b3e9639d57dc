// A Portico under an account of its own, a played node for its jobs, and what it has logged: for cases about rights.
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Context } from 'mocha';
import { type NeededRight, RIGHTS } from '../../../src/controller/api/permissions.ts';
import { type Answer, freshFolder, Portico, type PorticoOptions } from '../../support/portico.ts';
import { Account } from '../account.ts';
import type { Api, KubeObject } from '../api.ts';
import { ask } from '../cases/tenant.ts';
import { theCluster } from '../current.ts';
import { PlayedNode } from '../played-node.ts';

/** So long that a pack takes what ends within a day and a quarter (PACKS_IN_RETENTION): no two jobs of a run fall apart. */
const RETENTION_SECONDS = 30 * 24 * 60 * 60;

export class World {
  readonly account: Account;
  readonly api: Api;
  readonly node: PlayedNode;
  readonly worker: string;
  readonly #folder: string;
  readonly #missing: string[] = [];
  readonly #news = new EventEmitter();
  #portico: Portico | undefined;

  private constructor(account: Account, api: Api, node: PlayedNode, folder: string) {
    this.account = account;
    this.api = api;
    this.node = node;
    this.worker = account.jobs;
    this.#folder = folder;
  }

  static async create(context: Context): Promise<World> {
    const cluster = theCluster(context);
    const folder = await freshFolder();
    const account = await Account.create(cluster, folder);
    const node = await PlayedNode.join(cluster.api, account.jobs);
    const world = new World(account, cluster.api, node, folder);
    world.#portico = await world.startPortico();
    return world;
  }

  /** The one that runs from the beginning. */
  get portico(): Portico {
    if (!this.#portico) throw new Error('expected a Portico that has started');
    return this.#portico;
  }

  startPortico(options: PorticoOptions = {}): Promise<Portico> {
    const { jobs, records, kubeconfig } = this.account;
    const settings = [`--namespace=${jobs}`, `--record-namespace=${records}`];
    return Portico.start({
      kubeconfig,
      log: (entry) => this.#hear(entry),
      ...options,
      args: [...settings, `--retention-seconds=${String(RETENTION_SECONDS)}`, ...(options.args ?? [])],
    });
  }

  /** Resolves when its log has named `right` as missing since the last call of `forget`. */
  async named(right: NeededRight): Promise<void> {
    const text = this.textFor(right);
    while (!this.#missing.some((missing) => missing.startsWith(text))) await once(this.#news, 'missing');
  }

  forget(): void {
    this.#missing.length = 0;
  }

  /** How whatever says that it is missing begins. */
  textFor(right: NeededRight): string {
    const namespace = this.account.namespaceOf(right);
    return `cannot ${right.verb} ${right.resource}${namespace === undefined ? '' : ` in namespace ${namespace}`}: give {`;
  }

  /** @param what `configmaps`, `leases`, in the namespace of the records; all else, `jobs`, `pods/NAME`, in that of the Jobs */
  path(what: string): string {
    const [kind = ''] = what.split(/[/?]/);
    const { jobs, records } = this.account;
    const root = { jobs: '/apis/batch/v1', leases: '/apis/coordination.k8s.io/v1' }[kind] ?? '/api/v1';
    return `${root}/namespaces/${['configmaps', 'leases'].includes(kind) ? records : jobs}/${what}`;
  }

  start(headers: Record<string, string> = {}): Promise<Answer> {
    const body = { worker_id: this.worker, command: 'bash', path: 'x.sh' };
    return this.portico.post('/start', body, headers);
  }

  async job(): Promise<string> {
    return this.portico.startJob('bash', 'x.sh', { worker_id: this.worker });
  }

  /** A job that runs, and its pod. */
  async running(): Promise<{ jobId: string; pod: KubeObject }> {
    const jobId = await this.job();
    const pod = await this.node.pod(jobId);
    await this.node.run(pod);
    return { jobId, pod };
  }

  /** A job that was told to stop, and of which nothing runs any more. */
  async stopped(): Promise<string> {
    const { jobId, pod } = await this.running();
    await this.stop(jobId);
    await this.ended(pod);
    return jobId;
  }

  stop(jobId: string): Promise<Answer> {
    return this.portico.post('/stop', { worker_id: this.worker, job_id: jobId });
  }

  /** As soon as it is being deleted. */
  async ended(pod: KubeObject): Promise<void> {
    await this.node.untilToldToEnd(pod);
    await this.node.end(pod, { exitCode: 143 });
    await this.node.forget(pod);
  }

  async get(path: string): Promise<Answer> {
    const answer = await fetch(this.portico.url + path);
    const text = await answer.text();
    const body = (text.startsWith('{') ? JSON.parse(text) : { text }) as Answer['body'];
    return { status: answer.status, headers: answer.headers, body };
  }

  query(jobId: string): Promise<Answer> {
    return this.portico.post('/query', { worker_id: this.worker, job_id: jobId });
  }

  async outcome(jobId: string): Promise<Answer['body']> {
    const body = { worker_id: this.worker, job_id: jobId };
    return (await this.portico.post('/query', body, { prefer: 'wait=60' })).body;
  }

  /** Every object there, at this moment. */
  async names(collection: string): Promise<string[]> {
    return (await this.api.list(this.path(collection))).items.map(({ metadata }) => metadata.name);
  }

  async untilReadinessIs<T>(
    portico: Portico,
    seen: (status: number, reasons: string[]) => T | undefined,
  ): Promise<T> {
    return ask(async () => {
      const answer = await fetch(`${portico.url}/readyz`);
      const { reasons } = (await answer.json()) as { reasons: string[] };
      return seen(answer.status, reasons);
    });
  }

  async end(): Promise<void> {
    await this.portico.stop();
    await this.node.leave();
    await this.account.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #hear(entry: Record<string, unknown>): void {
    if (entry['msg'] !== 'right missing') return;
    this.#missing.push(String(entry['missing']));
    this.#news.emit('missing');
  }
}

export function rightTo(verb: string, resource: string): NeededRight {
  const right = RIGHTS.find((each) => each.verb === verb && each.resource === resource);
  if (!right) throw new Error(`expected a right of the list, got ${verb} ${resource}`);
  return right;
}
