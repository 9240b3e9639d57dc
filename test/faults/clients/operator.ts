// Somebody with kubectl: ends Jobs and pods past Portico, and again when the API server was away.
import { setTimeout as delay } from 'node:timers/promises';
import { type Api, type KubeObject, Refused } from '../../cluster/api.ts';
import type { Act } from '../plan/endings.ts';

const PAUSE_MS = 200;

export class Operator {
  readonly #api: Api;
  readonly #jobs: string;
  readonly #pods: string;
  readonly #records: string;

  constructor(api: Api, namespace: string) {
    this.#api = api;
    this.#jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    this.#pods = `/api/v1/namespaces/${namespace}/pods`;
    this.#records = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  /** Until it is done, or `signal` is aborted. */
  async perform(act: Exclude<Act, { do: 'stop' }>, jobName: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.#perform(act, jobName)) return;
      } catch (error) {
        // It has gone meanwhile: that is what was wanted.
        if (isGone(error)) return;
      }
      await delay(PAUSE_MS);
    }
  }

  /** False when there is nothing yet to do it to. */
  async #perform(act: Exclude<Act, { do: 'stop' }>, jobName: string): Promise<boolean> {
    if (act.do === 'deleteJob') {
      const { propagationPolicy } = act;
      await this.#api.call('DELETE', `${this.#jobs}/${jobName}`, { propagationPolicy });
      return true;
    }
    const { items } = await this.#api.list(`${this.#pods}?labelSelector=job-name=${jobName}`);
    const pods = items.filter(isUnderWay);
    for (const { metadata } of pods) {
      const path = `${this.#pods}/${metadata.name}`;
      if (act.do === 'deletePod') await this.#api.call('DELETE', path);
      else await this.#api.call('POST', `${path}/eviction`, evictionOf(metadata));
    }
    return pods.length > 0;
  }

  /** Jobs that nobody was told of, and that nobody would stop. */
  async deleteAll(jobNames: readonly string[], signal: AbortSignal): Promise<void> {
    for (const name of jobNames) {
      await this.perform({ do: 'deleteJob', propagationPolicy: 'Background' }, name, signal);
    }
  }

  /** Ends the retention of the Jobs that are there. */
  async expireJobs(signal: AbortSignal): Promise<void> {
    for (const { metadata } of (await this.#api.list(this.#jobs)).items) {
      signal.throwIfAborted();
      await this.#api
        .call('PATCH', `${this.#jobs}/${metadata.name}`, { spec: { ttlSecondsAfterFinished: 0 } })
        .catch(unlessGone);
    }
  }

  /** The names of the ConfigMaps that keep outcomes. */
  async records(): Promise<string[]> {
    const { items } = await this.#api.list(`${this.#records}?labelSelector=portico.dev/record`);
    return items.map(({ metadata }) => metadata.name);
  }
}

const isGone = (error: unknown): boolean => error instanceof Refused && error.status === 404;

function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error;
}

const isUnderWay = ({ status }: KubeObject): boolean =>
  status?.['phase'] === 'Pending' || status?.['phase'] === 'Running';

const evictionOf = ({ name, namespace }: KubeObject['metadata']): object => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name, namespace },
});
