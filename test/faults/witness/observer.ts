// Watches Jobs and pods of the namespace, straight on the API server: past every proxy, and past Portico.
import { setTimeout as delay } from 'node:timers/promises';
import type { Api, KubeObject } from '../../cluster/api.ts';
import { Witness } from './witness.ts';

const PAUSE_MS = 100;

export class Observer {
  readonly witness = new Witness();
  readonly #api: Api;
  readonly #jobs: string;
  readonly #pods: string;

  constructor(api: Api, namespace: string) {
    this.#api = api;
    this.#jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    this.#pods = `/api/v1/namespaces/${namespace}/pods`;
  }

  /** Until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { witness } = this;
    await Promise.all([
      this.#follow(
        this.#jobs,
        (jobs) => witness.seeJobs(jobs),
        (job, isDeleted) => witness.seeJob(job, isDeleted),
        signal,
      ),
      this.#follow(
        this.#pods,
        (pods) => witness.seePods(pods),
        (pod, isDeleted) => witness.seePod(pod, isDeleted),
        signal,
      ),
    ]);
  }

  /** A list and then every change, and again when the API server was away. */
  async #follow(
    path: string,
    list: (objects: readonly KubeObject[]) => void,
    see: (object: KubeObject, isDeleted: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        const { items, metadata } = await this.#api.list(path);
        list(items);
        for await (const { type, object } of this.#api.watch(path, metadata.resourceVersion)) {
          if (type !== 'BOOKMARK') see(object, type === 'DELETED');
        }
      } catch {
        await delay(PAUSE_MS);
      }
    }
  }
}
