// A namespace of its own on the cluster of this run, a Portico that serves it, and what cases ask of both.
import { expect } from 'chai';
import type { Context } from 'mocha';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kubectl } from '../../support/kubectl.ts';
import { createNamespace } from '../../support/namespaces.ts';
import { type Answer, freshFolder, Portico } from '../../support/portico.ts';
import type { Api, KubeObject } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import { theClusterWithNode } from '../current.ts';

export const RUNNING = { done: false, error: false, error_text: '' };
export const SUCCEEDED = { done: true, error: false, error_text: '' };
export const failedWith = (error_text: string) => ({ done: true, error: true, error_text });
export const STOPPED = failedWith('signal: killed');

const TOLD = '/tmp/told';

/** Say "begun" when they can be stopped. */
export const LOOP = 'echo begun; while :; do sleep 0.1; done';
/** Goes on to `then` when it is told to: see tell. */
export const whenTold = (then: string): string =>
  `echo begun; until [ -e ${TOLD} ]; do sleep 0.1; done; ${then}`;
/** Goes on until it is killed: see untilKilled. */
export const STUBBORN = `trap "" TERM; ${whenTold('kill -KILL $$')}`;

/** What is left of a job of which nothing is under way any more. */
export interface Remains {
  job: 'kept' | 'gone';
  /** Their phases. */
  pods: unknown[];
  /** Whether an outcome record keeps it. */
  recorded: boolean;
}

export const NOTHING_BUT_ITS_RECORD: Remains = { job: 'gone', pods: [], recorded: true };
export const NOTHING_BUT_ITS_JOB: Remains = { job: 'kept', pods: [], recorded: false };
export const jobAndPod = (phase: string): Remains => ({ job: 'kept', pods: [phase], recorded: false });

export interface TenantOptions {
  args?: string[];
  /** Of the Job template's `spec.template.spec`. */
  podSpec?: object;
}

const RECORDS = 'configmaps?labelSelector=portico.dev/record=outcome';
const POLL_MS = 50;
/** What ignores SIGTERM goes on for as long as a case looks: it is not a clock that ends it. */
const GRACE_SECONDS = 600;
const BEGUN = 'begun\n';

export class Tenant {
  readonly api: Api;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Another one once it was restarted. */
  portico: Portico;
  readonly #args: string[];
  readonly #folder: string;
  readonly #kubectl: Kubectl;

  private constructor(
    cluster: Cluster,
    namespace: string,
    portico: Portico,
    { args, folder }: { args: string[]; folder: string },
  ) {
    this.api = cluster.api;
    this.cluster = cluster;
    this.namespace = namespace;
    this.portico = portico;
    this.#args = args;
    this.#folder = folder;
    this.#kubectl = new Kubectl({ kubeconfig: cluster.kubeconfig, folder });
  }

  static async start(context: Context, { args = [], podSpec }: TenantOptions = {}): Promise<Tenant> {
    const cluster = theClusterWithNode(context);
    const namespace = await createNamespace(cluster.api);
    const folder = await freshFolder();
    const all = [`--namespace=${namespace}`, `--grace-seconds=${String(GRACE_SECONDS)}`, ...args];
    if (podSpec) all.push(`--job-template=${await templateFile(folder, podSpec)}`);
    const portico = await Portico.start({ args: all });
    return new Tenant(cluster, namespace, portico, { args: all, folder });
  }

  async stop(): Promise<void> {
    await this.portico.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Another process, which knows what the cluster does and no more. */
  async restart(): Promise<void> {
    await this.portico.stop();
    this.portico = await Portico.start({ args: this.#args });
  }

  kubectl(...args: string[]): Promise<string> {
    return this.#kubectl.ok([`--namespace=${this.namespace}`, ...args]);
  }

  /** @param what `jobs`, `pods`, `pods/NAME`, ... */
  path(what: string): string {
    const group = what.startsWith('jobs') ? '/apis/batch/v1' : '/api/v1';
    return `${group}/namespaces/${this.namespace}/${what}`;
  }

  /** A job whose script says "begun", when it has. */
  async begun(script: string, more: Record<string, unknown> = {}): Promise<string> {
    const jobId = await this.portico.bash(script, more);
    await this.untilBegun(jobId);
    return jobId;
  }

  async untilBegun(jobId: string): Promise<void> {
    const name = await this.pod(jobId, ({ metadata, status }) =>
      status?.['phase'] === 'Pending' ? undefined : metadata.name,
    );
    // Followed until so much of it is there.
    const limit = `limitBytes=${String(BEGUN.length)}`;
    await this.api.call('GET', this.path(`pods/${name}/log?follow=true&${limit}`));
  }

  /** Until its pod answers. */
  pod<T>(jobId: string, answerOf: (pod: KubeObject) => T | undefined): Promise<T> {
    return this.api.until(this.path(podsOf(jobId)), (pod) => answerOf(pod));
  }

  async untilPodIsEnding(jobId: string): Promise<void> {
    await this.pod(jobId, ({ metadata }) => (metadata['deletionTimestamp'] ? true : undefined));
  }

  /**
   * Of a stubborn one that is being ended: it is not done before it is killed, which then happens. By itself: a kubelet that waits for
   * a grace period to be over does not hear of a shorter one.
   */
  async untilKilled(jobId: string): Promise<void> {
    await this.untilPodIsEnding(jobId);
    expect(await this.query(jobId)).to.deep.equal(RUNNING);
    await this.tell(jobId);
  }

  async tell(jobId: string): Promise<void> {
    const pod = await this.pod(jobId, ({ metadata }) => metadata.name);
    await this.kubectl('exec', pod, '--', 'touch', TOLD);
  }

  /** The deadline is over, now that it has begun. */
  async passDeadline(jobId: string): Promise<void> {
    await this.api.call('PATCH', this.path(`jobs/${jobId}`), { spec: { activeDeadlineSeconds: 1 } });
  }

  /** Until its Job answers. */
  job<T>(jobId: string, answerOf: (job: KubeObject) => T | undefined): Promise<T> {
    return this.api.until(this.path(jobOf(jobId)), (job, isDeleted) =>
      isDeleted ? undefined : answerOf(job),
    );
  }

  /** The message of an event about a job, or about a pod. Whoever writes events does so in its own time. */
  event(name: string, reason: string): Promise<string> {
    const query = `events?fieldSelector=reason=${reason},involvedObject.name=${name}`;
    return this.api.until(this.path(query), ({ message }) => message as string);
  }

  async query(jobId: string, workerId = 'local'): Promise<Answer['body']> {
    return this.portico.query(jobId, workerId);
  }

  /** Why it waits, as soon as that is told in such words. */
  async waits(jobId: string, words: RegExp): Promise<void> {
    await ask(async () => {
      const response = await fetch(`${this.portico.url}/jobs/${jobId}`);
      const { waiting = '' } = (await response.json()) as { waiting?: string };
      return words.test(waiting) ? waiting : undefined;
    });
  }

  async stopJob(jobId: string, workerId = 'local'): Promise<Answer['body']> {
    return (await this.portico.post('/stop', { worker_id: workerId, job_id: jobId })).body;
  }

  /**
   * What /query says when it is done, however long that takes. @throws when a pod of it may run then: whoever is told that a
   * job is done starts the next one.
   */
  async outcome(jobId: string, workerId = 'local'): Promise<Answer['body']> {
    for (;;) {
      const body = { worker_id: workerId, job_id: jobId };
      const answer = (await this.portico.post('/query', body, { prefer: 'wait=60' })).body;
      if (answer['done'] === false) continue;
      const { items } = await this.api.list(this.path(podsOf(jobId)));
      const alive = items.filter((pod) => !hasEnded(pod));
      if (alive.length > 0) throw new Error(`done was said while it ran: ${JSON.stringify(alive)}`);
      return answer;
    }
  }

  /** What Portico has written on a finished Job, when it has. */
  async recordedOutcome(jobId: string): Promise<Record<string, unknown>> {
    const text = await this.job(jobId, ({ metadata }) => {
      return (metadata['annotations'] as Record<string, string> | undefined)?.['portico.dev/outcome'];
    });
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Until a record keeps its outcome. */
  async recorded(jobId: string): Promise<void> {
    await this.api.until(this.path(RECORDS), (pack) => JSON.stringify(pack).includes(jobId) || undefined);
  }

  /** When no finalizer holds anything of it any more, and nothing is on its way out. */
  async remains(jobId: string): Promise<Remains> {
    const isFree = ({ metadata }: KubeObject) => ((metadata['finalizers'] ?? []) as []).length === 0;
    const jobs = await this.api.untilEvery(this.path(jobOf(jobId)), isFree);
    const pods = await this.api.untilEvery(
      this.path(podsOf(jobId)),
      (pod) => isFree(pod) && !pod.metadata['deletionTimestamp'],
    );
    const records = await this.api.list(this.path(RECORDS));
    return {
      job: jobs.length > 0 ? 'kept' : 'gone',
      pods: pods.map(({ status }) => status?.['phase']),
      recorded: JSON.stringify(records).includes(jobId),
    };
  }

  /** Until there is no Job, no pod and no record at all. */
  async untilEmpty(): Promise<void> {
    for (const what of ['jobs', 'pods', RECORDS]) await this.api.untilEvery(this.path(what), () => false);
  }
}

/** Asks until there is an answer: for what no watch tells. */
export async function ask<T>(question: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await question();
    if (answer !== undefined) return answer;
    await delay(POLL_MS);
  }
}

/** JSON is YAML. */
export async function templateFile(folder: string, podSpec: object): Promise<string> {
  const file = join(folder, 'template.yaml');
  const template = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: podSpec } } };
  await writeFile(file, JSON.stringify(template));
  return file;
}

const podsOf = (jobId: string): string => `pods?labelSelector=job-name=${jobId}`;
const jobOf = (jobId: string): string => `jobs?fieldSelector=metadata.name=${jobId}`;

const hasEnded = ({ status }: KubeObject): boolean =>
  status?.['phase'] === 'Succeeded' || status?.['phase'] === 'Failed';
