// Performs a scenario on one cluster, step by step, and returns what it answered. Compares nothing.
import { at, has, hasShown } from './answers.ts';
import type { CallStep, EventsStep, KubectlStep, Scenario, Step } from './scenario.ts';
import { statesOf } from './states.ts';
import { PATIENCE_MS, type Target, type Watching } from './target.ts';
import { wake } from './wake.ts';

const TYPES: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};
const FORMS: Readonly<Record<string, string>> = {
  table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  metadata: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'metadata-list': 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
};
/** Where the resources are that paths name without their group. */
const GROUPS: Readonly<Record<string, string>> = {
  jobs: 'apis/batch/v1',
  leases: 'apis/coordination.k8s.io/v1',
};

/** One answer a step; undefined where a step has none to compare. The namespace is made here, and deleted. */
export async function run(scenario: Scenario, target: Target, namespace: string): Promise<unknown[]> {
  const performance = new Performance(target, namespace);
  await performance.begin();
  try {
    const answers: unknown[] = [];
    for (const step of scenario.steps) answers.push(await performance.perform(step));
    return answers;
  } finally {
    await performance.finish();
  }
}

class Performance {
  readonly #target: Target;
  readonly #namespace: string;
  readonly #saved = new Map<string, string>();
  readonly #watches = new Map<string, Watching>();
  readonly #waking: Promise<unknown>[] = [];

  constructor(target: Target, namespace: string) {
    this.#target = target;
    this.#namespace = namespace;
    this.#saved.set('ns', namespace);
  }

  async begin(): Promise<void> {
    const body = JSON.stringify({ metadata: { name: this.#namespace } });
    const { status } = await this.#target.call({
      ...JSON_BODY,
      method: 'POST',
      path: '/api/v1/namespaces',
      body,
    });
    if (status !== 201) throw new Error(`namespace ${this.#namespace} not created: ${String(status)}`);
    // What the controllers put into every namespace is there before the first step.
    for (const [path, name] of [
      ['serviceaccounts', 'default'],
      ['configmaps', 'kube-root-ca.crt'],
    ] as const) {
      const watching = await this.#target.watch(this.#path(path), {});
      if (
        !(await watching.until((events) => events.some(({ object }) => has(object, { metadata: { name } }))))
      ) {
        throw new Error(`${path}/${name} never came to ${this.#namespace}`);
      }
      watching.end();
    }
  }

  async finish(): Promise<void> {
    for (const watching of this.#watches.values()) watching.end();
    await Promise.all(this.#waking);
    await this.#target.call({ method: 'DELETE', path: `/api/v1/namespaces/${this.#namespace}` });
  }

  async perform(step: Step): Promise<unknown> {
    if ('do' in step) return this.#call(step);
    if ('kubectl' in step) return this.#kubectl(step);
    if ('watch' in step) {
      const path = this.#path(this.#filled(step.watch));
      this.#watches.set(step.as, await this.#target.watch(path, acceptOf(step.accept)));
      return undefined;
    }
    if ('await' in step) {
      const where = this.#filledAll(step.where ?? {});
      const isReached = this.#watch(step.await).until((events) =>
        events.some(
          ({ type, object }) => (step.type ? type === step.type : type !== 'BOOKMARK') && has(object, where),
        ),
      );
      if (!(await isReached)) throw new Error(`never came: ${JSON.stringify(where)}`);
      return undefined;
    }
    if ('wake' in step) {
      this.#wake(step.wake);
      return undefined;
    }
    return 'states' in step ? this.#states(step.states) : this.#events(step);
  }

  async #call({ do: what, body, type, accept, save = {} }: CallStep): Promise<unknown> {
    const [method = '', path = ''] = this.#filled(what).split(/ (.*)/s, 2);
    const filled = body === undefined ? undefined : this.#filledAll(body);
    const answer = await this.#target.call({
      method,
      path: this.#path(path),
      headers: {
        ...acceptOf(accept),
        ...(body !== undefined && { 'content-type': TYPES[type ?? ''] ?? type ?? 'application/json' }),
      },
      ...(filled !== undefined && { body: typeof filled === 'string' ? filled : JSON.stringify(filled) }),
    });
    for (const [name, where] of Object.entries(save)) this.#saved.set(name, String(at(answer.body, where)));
    return answer;
  }

  async #kubectl({ kubectl, input }: KubectlStep): Promise<unknown> {
    const args = (this.#filled(kubectl).match(/'[^']*'|\S+/g) ?? []).map((arg) => arg.replace(/^'|'$/g, ''));
    const given = input === undefined ? '' : JSON.stringify(this.#filledAll(input));
    return this.#target.kubectl([`--namespace=${this.#namespace}`, ...args], given);
  }

  async #events({ events: name, count }: EventsStep): Promise<unknown> {
    const watching = this.#watch(name);
    await watching.until(({ length }) => count !== 'all' && length >= count);
    watching.end();
    return watching.events;
  }

  #wake(name: string): void {
    const woken = new Set<string>();
    this.#watch(name).each(({ object }) => {
      const { metadata, status } = object as { metadata: { uid: string }; status?: { phase: string } };
      if (status?.phase !== 'Running' || woken.has(metadata.uid)) return;
      woken.add(metadata.uid);
      const waking = wake(metadata.uid, PATIENCE_MS);
      // Told when the scenario is over.
      waking.catch(() => undefined);
      this.#waking.push(waking);
    });
  }

  async #states(name: string): Promise<unknown> {
    const watching = this.#watch(name);
    // What other watches have shown it may not have come to yet.
    const { body } = await this.#target.call({ method: 'GET', path: watching.path });
    const { items } = body as { items: Parameters<typeof hasShown>[1] };
    if (!(await watching.until((events) => hasShown(events, items)))) throw new Error(`${name} fell behind`);
    watching.end();
    return statesOf(watching.events);
  }

  #watch(name: string): Watching {
    const watching = this.#watches.get(name);
    if (!watching) throw new Error(`expected a watch that a step before has opened, got ${name}`);
    return watching;
  }

  #path(path: string): string {
    if (path.startsWith('/')) return path;
    const [resource = ''] = path.split(/[/?]/, 1);
    return `/${GROUPS[resource] ?? 'api/v1'}/namespaces/${this.#namespace}/${path}`;
  }

  #filled(text: string): string {
    return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => this.#saved.get(name) ?? whole);
  }

  #filledAll(value: unknown): unknown {
    return typeof value === 'string'
      ? this.#filled(value)
      : (JSON.parse(this.#filled(JSON.stringify(value))) as unknown);
  }
}

const JSON_BODY = { headers: { 'content-type': 'application/json' } };

const acceptOf = (accept: string | undefined): Record<string, string> =>
  accept === undefined ? {} : { accept: FORMS[accept] ?? accept };
