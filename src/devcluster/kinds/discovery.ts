// What the API server says of itself: groups, versions, resources. No IO.
import { VERSION_INFO } from './version.ts';
import { KINDS } from './registry.ts';
import type { Kind } from './kind.ts';

interface GroupVersion {
  groupVersion: string;
  version: string;
}

export interface APIGroup {
  kind?: 'APIGroup';
  apiVersion?: 'v1';
  name: string;
  versions: GroupVersion[];
  preferredVersion: GroupVersion;
}

export interface APIResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
}

/** A subresource's own type and verbs, where they are not those of its resource with get, patch and update. */
const SUBRESOURCES: Record<
  string,
  { group?: string; version?: string; kind?: string; verbs: readonly string[] }
> = {
  'pods/log': { verbs: ['get'] },
  'pods/eviction': { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
};
const STATUS_VERBS = ['get', 'patch', 'update'];

const groupNames = (): string[] => [...new Set(KINDS.map((kind) => kind.type.group))];
const kindsOf = (group: string, version?: string): Kind[] =>
  KINDS.filter(({ type }) => type.group === group && (version === undefined || type.version === version));
const versionsOf = (group: string): string[] => [...new Set(kindsOf(group).map((kind) => kind.type.version))];

/** GET /api */
export const apiVersions = () => ({
  kind: 'APIVersions',
  versions: versionsOf(''),
  serverAddressByClientCIDRs: [],
});

const groupOf = (name: string): APIGroup | undefined => {
  const versions = versionsOf(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  const [preferredVersion] = versions;
  return preferredVersion && { name, versions, preferredVersion };
};

/** GET /apis */
export const apiGroups = () => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groupNames()
    .filter((name) => name !== '')
    .flatMap((name) => groupOf(name) ?? []),
});

/** GET /apis/GROUP; undefined for a group that is not served. */
export function apiGroup(name: string): APIGroup | undefined {
  const group = name === '' ? undefined : groupOf(name);
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...group };
}

function resourcesOf({ type }: Kind): APIResource[] {
  const resource: APIResource = {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 && { shortNames: type.shortNames }),
    ...(type.categories.length > 0 && { categories: type.categories }),
  };
  const subresources = type.subresources.map((subresource): APIResource => {
    const name = `${type.plural}/${subresource}`;
    const own = SUBRESOURCES[name] ?? { verbs: STATUS_VERBS };
    return { name, singularName: '', namespaced: type.namespaced, kind: type.kind, ...own };
  });
  return [resource, ...subresources];
}

/** GET /api/VERSION, GET /apis/GROUP/VERSION; undefined for a version that is not served. */
export function apiResources(group: string, version: string) {
  const kinds = kindsOf(group, version);
  if (kinds.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group !== '' && { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: kinds.flatMap(resourcesOf).sort((left, right) => (left.name < right.name ? -1 : 1)),
  };
}

function aggregatedResource({ type }: Kind) {
  return {
    resource: type.plural,
    // Group and version are said where they are others than those of the list.
    responseKind: { group: '', version: '', kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 && { shortNames: type.shortNames }),
    ...(type.categories.length > 0 && { categories: type.categories }),
    ...(type.subresources.length > 0 && {
      subresources: type.subresources.map((subresource) => {
        const own = SUBRESOURCES[`${type.plural}/${subresource}`];
        return {
          subresource,
          responseKind: {
            group: own?.group ?? '',
            version: own?.version ?? '',
            kind: own?.kind ?? type.kind,
          },
          verbs: own?.verbs ?? STATUS_VERBS,
        };
      }),
    }),
  };
}

/** GET /api or /apis, when the client accepts apidiscovery.k8s.io/v2: everything in one answer. */
export function aggregatedDiscovery(root: 'api' | 'apis') {
  const groups = groupNames().filter((name) => (root === 'api') === (name === ''));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((name) => ({
      metadata: { ...(name !== '' && { name }) },
      versions: versionsOf(name).map((version) => ({
        version,
        resources: kindsOf(name, version).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}

/** GET /version */
export const versionInfo = () => VERSION_INFO;
