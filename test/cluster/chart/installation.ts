// One installation of the chart on the cluster of this run: what a platform team does with helm, and what its callers ask.
import type { Context } from 'mocha';
import { rm } from 'node:fs/promises';
import { Kubectl } from '../../support/kubectl.ts';
import { freshFolder } from '../../support/portico.ts';
import type { KubeObject } from '../api.ts';
import { createNamespace } from '../../support/namespaces.ts';
import type { Cluster } from '../cluster.ts';
import { theClusterWithNode } from '../current.ts';
import { CHART, type Helm, helmIn } from './helm.ts';
import { provideImages } from './images.ts';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** Waits for what it asks for; a wait that is longer is a failure that tells why. */
const WAIT = ['--wait', '--timeout=90s'];

export class Installation {
  readonly cluster: Cluster;
  readonly name: string;
  readonly namespace: string;
  readonly jobNamespace: string;
  readonly #folder: string;
  readonly #helm: Helm;
  readonly #kubectl: Kubectl;
  #url = '';

  private constructor(cluster: Cluster, folder: string, { name, namespace, jobNamespace }: Place) {
    this.cluster = cluster;
    this.name = name;
    this.namespace = namespace;
    this.jobNamespace = jobNamespace;
    this.#folder = folder;
    this.#kubectl = new Kubectl({ kubeconfig: cluster.kubeconfig, folder });
    this.#helm = helmIn(cluster.programs.helm, folder, cluster.kubeconfig);
  }

  /** A place to install to: a namespace of its own under PodSecurity restricted, with nothing in it. */
  static async prepare(context: Context, name = 'portico', namespace?: string): Promise<Installation> {
    const cluster = theClusterWithNode(context);
    await provideImages(cluster);
    const own = namespace ?? (await createNamespace(cluster.api, 'portico-'));
    return new Installation(cluster, await freshFolder(), {
      name,
      namespace: own,
      jobNamespace: own === name ? `${name}-jobs` : `${own}-${name}-jobs`,
    });
  }

  install(...args: string[]): Promise<string> {
    // A new Service has another address.
    this.#url = '';
    return this.helm('install', this.name, CHART, ...WAIT, ...args);
  }

  upgrade(...args: string[]): Promise<string> {
    return this.helm('upgrade', this.name, CHART, ...WAIT, ...args);
  }

  /** To the revision before, or the one that is named. */
  rollback(...revision: string[]): Promise<string> {
    return this.helm('rollback', this.name, ...revision, ...WAIT);
  }

  uninstall(...args: string[]): Promise<string> {
    return this.helm('uninstall', this.name, ...WAIT, ...args);
  }

  helm(...args: string[]): Promise<string> {
    return this.#helm(...args, `--namespace=${this.namespace}`);
  }

  kubectl(...args: string[]): Promise<string> {
    return this.#kubectl.ok(args);
  }

  /** Its Service, as it is reached from outside. */
  async url(): Promise<string> {
    if (this.#url) return this.#url;
    const { spec } = await this.cluster.api.call(
      'GET',
      `/api/v1/namespaces/${this.namespace}/services/${this.name}`,
    );
    const port = await this.cluster.forward(spec?.['clusterIP'] as string, 80);
    return (this.#url = `http://127.0.0.1:${String(port)}`);
  }

  async post(
    path: string,
    body: object,
    options: Pick<RequestInit, 'headers' | 'signal'> = {},
  ): Promise<Answer> {
    const answer = await fetch((await this.url()) + path, {
      ...options,
      method: 'POST',
      body: JSON.stringify({ worker_id: 'local', ...body }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  }

  /** A job that runs a bash script. @throws unless it was started */
  async start(script: string): Promise<string> {
    const { status, body } = await this.post('/start', { command: 'bash', path: '-c', args: [script] });
    if (status !== 201) throw new Error(`expected 201, got ${String(status)} ${JSON.stringify(body)}`);
    return body['job_id'] as string;
  }

  async query(jobId: string): Promise<Answer['body']> {
    return (await this.post('/query', { job_id: jobId })).body;
  }

  /** What /query says when it is done. */
  async outcome(jobId: string): Promise<Answer['body']> {
    for (;;) {
      const { body } = await this.post('/query', { job_id: jobId }, { headers: { prefer: 'wait=30' } });
      if (body['done'] !== false) return body;
    }
  }

  /** Until its container runs. */
  async begun(script: string): Promise<string> {
    const jobId = await this.start(script);
    await this.cluster.api.until(
      `/api/v1/namespaces/${this.jobNamespace}/pods?labelSelector=job-name=${jobId}`,
      ({ status }) => (status?.['phase'] === 'Running' ? true : undefined),
    );
    return jobId;
  }

  /** Portico's own. */
  async pods(): Promise<KubeObject[]> {
    return (await this.cluster.api.list(this.#podsPath)).items;
  }

  untilEveryPod(isFine: (pod: KubeObject) => boolean): Promise<unknown> {
    return this.cluster.api.untilEvery(this.#podsPath, isFine);
  }

  async jobs(): Promise<KubeObject[]> {
    return (await this.cluster.api.list(`/apis/batch/v1/namespaces/${this.jobNamespace}/jobs`)).items;
  }

  get #podsPath(): string {
    const query = `labelSelector=app.kubernetes.io/name=portico,app.kubernetes.io/instance=${this.name}`;
    return `/api/v1/namespaces/${this.namespace}/pods?${query}`;
  }

  /** Everything of it, its namespaces with it. @throws when something holds them */
  async remove(): Promise<void> {
    await this.uninstall('--ignore-not-found');
    const namespaces = [this.namespace, this.jobNamespace];
    await this.kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=90s');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Place {
  name: string;
  namespace: string;
  jobNamespace: string;
}
