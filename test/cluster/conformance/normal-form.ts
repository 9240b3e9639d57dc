// Answers of a scenario without what two clusters cannot agree on. What is left out of the comparison is this list, and nothing
// else. Pure.
//
// Identities are not left out but named: a uid becomes "uid of NAME", a resourceVersion "version N of NAME", a generated name
// "PREFIX<N>". So it is compared which object an answer speaks of, and whether a write was one.

interface Ignored {
  what: string;
  reason: string;
  /** Where a text matches, it is put in its place. */
  text: RegExp;
  is: string | ((match: string, ...groups: string[]) => string);
}

const EVENT_SUFFIX = /\.[0-9a-f]{16}\b/g;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** In this order. */
export const IGNORED_TEXTS: readonly Ignored[] = [
  {
    what: 'certificates',
    reason: 'each cluster makes its own',
    text: /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g,
    is: '<certificate>',
  },
  { what: 'suffixes of event names', reason: 'made of the time', text: EVENT_SUFFIX, is: '.<event>' },
  { what: 'uids of objects not seen', reason: 'random', text: UUID, is: '<uid>' },
  {
    what: 'times',
    reason: 'of the run; that there is one, and in which form, is compared',
    text: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g,
    is: (_, fraction?: string) => (fraction ? '<time.fraction>' : '<time>'),
  },
  {
    what: 'times as kubectl describe writes them',
    reason: 'of the run',
    text: /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g,
    is: '<time>',
  },
  {
    what: 'versions in messages',
    reason: 'counted up by all that goes on in the cluster',
    text: /(resource version: |resourceVersion: "|Version in (?:precondition|record) \()\d+(?: \(\d+\))?(, current: \d+)?/g,
    is: (_, words: string) => `${words}<version>`,
  },
  {
    what: 'ages',
    reason: 'of the run',
    text: /(?<=^|\s)((\d+[smhd]){1,2}|<invalid>)(?=\s|$)/g,
    is: '<age>',
  },
  {
    what: 'addresses',
    reason: 'each cluster has its own network',
    text: /\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g,
    is: '<address>',
  },
];

interface IgnoredField {
  what: string;
  reason: string;
  field: RegExp;
}

/** By the last part of a path. Left out where they are, and where they are not. */
export const IGNORED_FIELDS: readonly IgnoredField[] = [
  {
    what: 'metadata.managedFields',
    reason: 'who set which field is kept for server-side apply, which the embedded cluster does not do',
    field: /^managedFields$/,
  },
];

interface IgnoredValue extends IgnoredField {
  /** In the place of any text. */
  is: string;
}

export const IGNORED_VALUES: readonly IgnoredValue[] = [
  { what: 'continue tokens', reason: 'opaque', field: /^continue$/, is: '<token>' },
  {
    what: 'resourceVersions of lists and deletions',
    reason: 'opaque',
    field: /^resourceVersion$/,
    is: '<version>',
  },
  {
    what: 'ids of containers',
    reason: 'random',
    field: /^containerID$/,
    is: '<container>',
  },
  {
    what: 'hashes of an OpenAPI document',
    reason: 'of its content',
    field: /^serverRelativeURL$/,
    is: '<url>',
  },
];

interface Metadata {
  name?: unknown;
  uid?: unknown;
  resourceVersion?: unknown;
  generateName?: unknown;
}

/** One for all answers of one scenario, in their order. */
export class NormalForm {
  readonly #uids = new Map<string, string>();
  readonly #uidsByName = new Map<string, number>();
  readonly #versions = new Map<string, Map<string, number>>();
  readonly #names = new Map<string, string>();
  readonly #namesByPrefix = new Map<string, number>();

  of(answer: unknown): unknown {
    this.#learn(answer);
    return this.#rewrite(answer, '');
  }

  /** Identities first: an answer may speak of an object before it shows it. */
  #learn(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) this.#learn(item);
      return;
    }
    const { metadata, stdout } = value as { metadata?: unknown; stdout?: unknown };
    if (typeof metadata === 'object' && metadata !== null) this.#meet(metadata);
    for (const item of Object.values(value)) this.#learn(item);
    // kubectl -o json prints what is not parsed yet.
    if (typeof stdout === 'string' && stdout.startsWith('{')) this.#learn(JSON.parse(stdout));
  }

  #meet({ name, uid, resourceVersion, generateName }: Metadata): void {
    if (typeof name !== 'string' || typeof uid !== 'string') return;
    if (typeof generateName === 'string' && name.startsWith(generateName) && !this.#names.has(name)) {
      this.#names.set(name, `${generateName}<${String(countUp(this.#namesByPrefix, generateName))}>`);
    }
    if (!this.#uids.has(uid)) {
      const known = this.#names.get(name) ?? name.replace(EVENT_SUFFIX, '.<event>');
      const count = countUp(this.#uidsByName, known);
      this.#uids.set(uid, count === 1 ? known : `${known}, number ${String(count)}`);
    }
    if (typeof resourceVersion !== 'string') return;
    const versions = this.#versions.get(uid) ?? new Map<string, number>();
    this.#versions.set(uid, versions);
    if (!versions.has(resourceVersion)) versions.set(resourceVersion, versions.size + 1);
  }

  #rewrite(value: unknown, field: string): unknown {
    if (typeof value === 'string') return this.#text(value, field);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#rewrite(item, ''));
    const entries = Object.entries(value)
      .filter(([key]) => !IGNORED_FIELDS.some((each) => each.field.test(key)))
      .map(([key, item]) => [this.#text(key, ''), this.#rewrite(item, key)] as const);
    const { uid, resourceVersion } = value as Metadata;
    const rewritten: Record<string, unknown> = Object.fromEntries(entries);
    // Not of an object that is only referred to: which version that was is chance.
    if (field === 'metadata' && typeof uid === 'string' && typeof resourceVersion === 'string') {
      const version = this.#versions.get(uid)?.get(resourceVersion);
      if (version !== undefined)
        rewritten['resourceVersion'] = `version ${String(version)} of ${this.#uids.get(uid) ?? ''}`;
    }
    return rewritten;
  }

  #text(text: string, field: string): string {
    if (field === 'stdout' && text.startsWith('{')) return this.#printed(text);
    const ignored = IGNORED_VALUES.find((each) => each.field.test(field));
    if (ignored) return text === '' ? '' : ignored.is;
    let result = text.replace(UUID, (uid) =>
      this.#uids.has(uid) ? `<uid of ${this.#uids.get(uid) ?? ''}>` : uid,
    );
    for (const [name, known] of this.#names) result = result.replaceAll(name, known);
    for (const { text: pattern, is } of IGNORED_TEXTS) result = result.replace(pattern, is as string);
    // Columns are as wide as what was in them.
    return field === 'stdout' || field === 'stderr'
      ? result.replace(/ {2,}/g, '  ').replace(/ +$/gm, '')
      : result;
  }

  #printed(text: string): string {
    return JSON.stringify(this.#rewrite(JSON.parse(text), ''), null, 1);
  }
}

function countUp(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
