// Every call that Portico makes of the API server, one method each: the list of its rights. No decisions.
import type { Readable } from 'node:stream';
import { CALLBACK_RESULT_ANNOTATION, CONTAINER } from '../../jobs/labels.ts';
import type { LogRange } from '../../jobs/output.ts';
import type { Pack } from '../../jobs/records/outcome-pack.ts';
import { callbackResultKey, isPack, packData, packOf } from '../../jobs/records/outcome-pack.ts';
import type { OutcomeRecord } from '../../jobs/records/outcome-record.ts';
import type { ApiClient, ApiRequest } from '../../kube/api-client.ts';
import { isNotFound } from '../../kube/api-errors.ts';
import { listPages } from '../../kube/watching/list-pages.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  JOBS,
  MERGE_PATCH,
  METADATA_ONLY,
  NODES,
  pathOf,
  PODS,
} from '../../kube/resource-paths.ts';
import type { ConfigMap, Job, KubeEvent, KubeObject, Node, Pod } from '../../kube/wire.ts';

/** Set by the Job controller on its pods; stays when a pod is cut from its Job. */
const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid';

/** Some megabytes of JSON. */
const NODES_A_PAGE = 200;

export interface Namespaces {
  /** Where Jobs are created. */
  jobs: string;
  /** Where the outcomes of deleted Jobs are kept. */
  records: string;
}

type JobSpecChange = Pick<NonNullable<Job['spec']>, 'ttlSecondsAfterFinished'>;

/** One collection to watch. */
interface Collection {
  path: string;
}

export class JobApi {
  readonly #client: ApiClient;
  readonly #namespaces: Namespaces;

  constructor(client: ApiClient, namespaces: Namespaces) {
    this.#client = client;
    this.#namespaces = namespaces;
  }

  /** All of them: a selector would lose those whose labels somebody has edited. What is not ours is dropped as it comes. */
  get jobs(): Collection {
    return { path: pathOf(JOBS, { namespace: this.#namespaces.jobs }) };
  }

  /** All ConfigMaps there, for the same reason. */
  get outcomeRecords(): Collection {
    return { path: pathOf(CONFIG_MAPS, { namespace: this.#namespaces.records }) };
  }

  get nodes(): Collection {
    return { path: pathOf(NODES) };
  }

  /** Sent once: a POST that got no answer may have worked. @throws StatusError, UnreachableError */
  createJob(job: Job): Promise<Job> {
    return this.#client.request({ method: 'POST', path: this.jobs.path, body: job });
  }

  async findJob(name: string): Promise<Job | undefined> {
    return this.#find(this.#jobPath(name));
  }

  /**
   * Foreground: the pods go first, whatever finalizers the Job has. With `resourceVersion`, only the very Job that was seen:
   * a Conflict says that it has changed. Not found is success.
   */
  async deleteJob(name: string, preconditions?: { uid?: string; resourceVersion?: string }): Promise<void> {
    await this.#delete(this.#jobPath(name), { propagationPolicy: 'Foreground', preconditions });
  }

  /**
   * Writes annotations, finalizers and how long it stays when it has finished, if the Job is still as it was seen: a delete that came in between
   * answers Conflict. The Job as it is then; not found is success: there is nothing left to guard.
   */
  async patchJob(
    job: Job,
    {
      spec,
      ...change
    }: { annotations?: Record<string, string>; finalizers?: string[]; spec?: JobSpecChange },
  ): Promise<Job | undefined> {
    const { name = '', uid, resourceVersion } = job.metadata ?? {};
    return this.#patch<Job>(this.#jobPath(name), { metadata: { uid, resourceVersion, ...change }, spec });
  }

  /** On the Job in whatever state it is. Not found is success. */
  async noteCallback({ jobName, uid }: { jobName: string; uid: string }, result: string): Promise<void> {
    const annotations = { [CALLBACK_RESULT_ANNOTATION]: result };
    await this.#patch(this.#jobPath(jobName), { metadata: { uid, annotations } });
  }

  /** A live list: what it does not show is not there. */
  async podsOf(job: Job): Promise<Pod[]> {
    const path = pathOf(PODS, { namespace: this.#namespaces.jobs });
    const labelSelector = `${CONTROLLER_UID_LABEL}=${job.metadata?.uid ?? ''}`;
    return this.#list<Pod>(path, { labelSelector });
  }

  async findPod(name: string): Promise<Pod | undefined> {
    return this.#find(pathOf(PODS, { namespace: this.#namespaces.jobs, name }));
  }

  /** What the command has printed; with `follow`, and what it prints until it ends. */
  async readLog(
    pod: string,
    { follow, tailLines, sinceMs }: LogRange,
    signal: AbortSignal,
  ): Promise<Readable> {
    return this.#client.bytes({
      path: `${pathOf(PODS, { namespace: this.#namespaces.jobs, name: pod })}/log`,
      query: {
        container: CONTAINER,
        follow,
        tailLines,
        sinceTime: sinceMs === undefined ? undefined : new Date(sinceMs).toISOString(),
      },
      accept: '*/*',
      mayBeSilent: follow,
      signal,
    });
  }

  /** What Kubernetes has said of one object in the namespace of the Jobs, within the last hour or so. */
  async eventsAbout(uid: string): Promise<KubeEvent[]> {
    const path = pathOf(EVENTS, { namespace: this.#namespaces.jobs });
    return this.#list<KubeEvent>(path, { fieldSelector: `involvedObject.uid=${uid}` });
  }

  /** Whole ones, page by page, since they are large: `take` keeps what it needs of them. */
  async readNodes(labelSelector: string, take: (nodes: Node[]) => void): Promise<void> {
    const nodes = { client: this.#client, ...this.nodes, labelSelector };
    await listPages(nodes, NODES_A_PAGE, take);
  }

  async deletePod({ metadata: { name = '', uid } = {} }: Pod): Promise<void> {
    await this.#delete(pathOf(PODS, { namespace: this.#namespaces.jobs, name }), { preconditions: { uid } });
  }

  createPack(name: string, expiresAtMs: number, records: readonly OutcomeRecord[]): Promise<ConfigMap> {
    const body = packOf(name, this.#namespaces.records, expiresAtMs, records);
    return this.#client.request({ method: 'POST', path: this.outcomeRecords.path, body });
  }

  /** Only to the very pack that was seen: a Conflict says that another writer has added to it, or that it is another. */
  appendToPack({ name, uid, resourceVersion }: Pack, records: readonly OutcomeRecord[]): Promise<ConfigMap> {
    const body = { metadata: { uid, resourceVersion }, data: packData(records) };
    return this.#client.request({
      method: 'PATCH',
      path: this.#packPath(name),
      contentType: MERGE_PATCH,
      body,
    });
  }

  /** In whatever state the pack is: the key is no other writer's. Not found is success. */
  async noteCallbackInPack(pack: string, jobName: string, result: string): Promise<void> {
    await this.#patch(this.#packPath(pack), { data: { [callbackResultKey(jobName)]: result } });
  }

  /** Which packs there are, and in which version; without what is in them. */
  async listPackMetadata(): Promise<KubeObject[]> {
    const call = { path: this.outcomeRecords.path, query: {}, accept: METADATA_ONLY };
    // An empty list of metadata alone comes as null, as Go has it.
    const { items } = await this.#client.request<{ items: KubeObject[] | null }>(call);
    return (items ?? []).filter(isPack);
  }

  async findPack(name: string): Promise<ConfigMap | undefined> {
    return this.#find(this.#packPath(name));
  }

  async deletePack({ name, uid }: Pick<Pack, 'name' | 'uid'>): Promise<void> {
    await this.#delete(this.#packPath(name), { preconditions: { uid } });
  }

  async #list<T>(path: string, query: ApiRequest['query']): Promise<T[]> {
    return (await this.#client.request<{ items: T[] | null }>({ path, query })).items ?? [];
  }

  async #find<T>(path: string): Promise<T | undefined> {
    return this.#client.request<T>({ path }).catch(unless(isNotFound));
  }

  async #patch<T>(path: string, body: object): Promise<T | undefined> {
    const call = { method: 'PATCH', path, contentType: MERGE_PATCH, body } as const;
    return this.#client.request<T>(call).catch(unless(isNotFound));
  }

  async #delete(path: string, options: object): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
    await this.#client.request({ method: 'DELETE', path, body }).catch(unless(isNotFound));
  }

  #packPath(name: string): string {
    return pathOf(CONFIG_MAPS, { namespace: this.#namespaces.records, name });
  }

  #jobPath(name: string): string {
    return pathOf(JOBS, { namespace: this.#namespaces.jobs, name });
  }
}

/** Turns the errors that mean success into nothing. */
const unless =
  (isFine: (error: unknown) => boolean) =>
  (error: unknown): undefined => {
    if (!isFine(error)) throw error;
  };
