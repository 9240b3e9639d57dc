// A service account for a Portico, with the rights of the list and not one more, in two namespaces of its own. A test takes
// rights away, and gives them back.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NeededRight, type Scope, RIGHTS } from '../../src/controller/api/permissions.ts';
import { createNamespace } from '../support/namespaces.ts';
import { ask } from './cases/tenant.ts';
import type { Cluster } from './cluster.ts';

const NAME = 'portico';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

export interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** The rules of a Role that gives `rights`: one for each resource. */
export function rulesOf(rights: readonly NeededRight[]): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { group, resource, verb } of rights) {
    const key = `${resource}.${group}`;
    const rule = rules.get(key) ?? { apiGroups: [group], resources: [resource], verbs: [] };
    rules.set(key, { ...rule, verbs: [...rule.verbs, verb] });
  }
  return [...rules.values()];
}

export class Account {
  /** Where its Jobs are. */
  readonly jobs: string;
  /** Where its records are, and it itself. */
  readonly records: string;
  readonly kubeconfig: string;
  readonly token: string;
  readonly #cluster: Cluster;
  readonly #taken = new Set<NeededRight>();

  private constructor(
    cluster: Cluster,
    { jobs, records, kubeconfig, token }: Pick<Account, 'jobs' | 'records' | 'kubeconfig' | 'token'>,
  ) {
    this.#cluster = cluster;
    this.jobs = jobs;
    this.records = records;
    this.kubeconfig = kubeconfig;
    this.token = token;
  }

  /** @param folder where its kubeconfig goes */
  static async create(cluster: Cluster, folder: string): Promise<Account> {
    const { api } = cluster;
    const jobs = await createNamespace(api, 'jobs-');
    const records = await createNamespace(api, 'portico-');
    const accounts = `/api/v1/namespaces/${records}/serviceaccounts`;
    await api.call('POST', accounts, { metadata: { name: NAME } });
    const { status } = await api.call('POST', `${accounts}/${NAME}/token`, {});
    const token = status?.['token'] as string;
    const kubeconfig = join(folder, `${records}.kubeconfig`);
    await writeFile(kubeconfig, await kubeconfigWith(cluster, token));
    const account = new Account(cluster, { jobs, records, kubeconfig, token });
    for (const place of ['jobs', 'records', 'cluster'] as const) await account.#bind(place);
    for (const right of RIGHTS) await account.#untilInForce(right, true);
    return account;
  }

  get user(): string {
    return `system:serviceaccount:${this.records}:${NAME}`;
  }

  namespaceOf(right: NeededRight): string | undefined {
    return right.in === 'cluster' ? undefined : this[right.in];
  }

  /** Resolves when the API server refuses it. Watches that are open stay so. */
  async take(right: NeededRight): Promise<void> {
    this.#taken.add(right);
    await this.#change(right, false);
  }

  async give(right: NeededRight): Promise<void> {
    this.#taken.delete(right);
    await this.#change(right, true);
  }

  /** Whether the API server would allow it to anybody of this name. */
  async allows(
    right: Pick<NeededRight, 'verb' | 'group' | 'resource'> & { namespace: string | undefined },
    user = this.user,
  ): Promise<boolean> {
    const { verb, group, namespace } = right;
    const [resource, subresource] = right.resource.split('/');
    const groups = ['system:authenticated', 'system:serviceaccounts'];
    const { status } = await this.#cluster.api.call(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      { spec: { user, groups, resourceAttributes: { verb, group, resource, subresource, namespace } } },
    );
    return status?.['allowed'] === true;
  }

  /** What is in no namespace. The namespaces are left to go with the cluster. */
  async remove(): Promise<void> {
    for (const kind of ['clusterrolebindings', 'clusterroles']) {
      await this.#cluster.api.call('DELETE', `${RBAC}/${kind}/${this.records}`);
    }
  }

  async #bind(place: Scope): Promise<void> {
    const { api } = this.#cluster;
    const metadata = { name: this.#roleName(place) };
    const kind = place === 'cluster' ? 'ClusterRole' : 'Role';
    await api.call('POST', this.#rolesPath(place), { metadata, rules: this.#rules(place) });
    await api.call('POST', this.#rolesPath(place).replace(/roles$/, 'rolebindings'), {
      metadata,
      roleRef: { apiGroup: GROUP, kind, name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: this.records }],
    });
  }

  async #change(right: NeededRight, isAllowed: boolean): Promise<void> {
    const path = `${this.#rolesPath(right.in)}/${this.#roleName(right.in)}`;
    await this.#cluster.api.call('PATCH', path, { rules: this.#rules(right.in) });
    await this.#untilInForce(right, isAllowed);
  }

  /** The API server learns of Roles by a watch of its own. */
  async #untilInForce(right: NeededRight, isAllowed: boolean): Promise<void> {
    const asked = { ...right, namespace: this.namespaceOf(right) };
    await ask(async () => ((await this.allows(asked)) === isAllowed ? true : undefined));
  }

  #rules(place: Scope): Rule[] {
    return rulesOf(RIGHTS.filter((right) => right.in === place && !this.#taken.has(right)));
  }

  #rolesPath(place: Scope): string {
    return place === 'cluster' ? `${RBAC}/clusterroles` : `${RBAC}/namespaces/${this[place]}/roles`;
  }

  #roleName(place: Scope): string {
    return place === 'cluster' ? this.records : NAME;
  }
}

async function kubeconfigWith({ kubeconfig }: Cluster, token: string): Promise<string> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8')) as object;
  return JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] });
}
