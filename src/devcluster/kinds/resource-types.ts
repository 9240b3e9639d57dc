// The kinds that the embedded cluster serves, as discovery lists them. Constants only.
import type { ResourceType, Verb } from './kind.ts';

const EVERY_VERB: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

const BASE = {
  group: '',
  version: 'v1',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: EVERY_VERB,
  subresources: [],
} as const;

export const NAMESPACES: ResourceType = {
  ...BASE,
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  namespaced: false,
  shortNames: ['ns'],
  // Kubernetes has no deletecollection here: a slip would empty the cluster.
  verbs: EVERY_VERB.filter((verb) => verb !== 'deletecollection'),
  subresources: ['status'],
};

export const NODES: ResourceType = {
  ...BASE,
  plural: 'nodes',
  singular: 'node',
  kind: 'Node',
  namespaced: false,
  shortNames: ['no'],
  subresources: ['status'],
};

export const PODS: ResourceType = {
  ...BASE,
  plural: 'pods',
  singular: 'pod',
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  subresources: ['eviction', 'log', 'status'],
};

export const EVENTS: ResourceType = {
  ...BASE,
  plural: 'events',
  singular: 'event',
  kind: 'Event',
  shortNames: ['ev'],
};

export const CONFIG_MAPS: ResourceType = {
  ...BASE,
  plural: 'configmaps',
  singular: 'configmap',
  kind: 'ConfigMap',
  shortNames: ['cm'],
};

export const SERVICE_ACCOUNTS: ResourceType = {
  ...BASE,
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  kind: 'ServiceAccount',
  shortNames: ['sa'],
};

export const JOBS: ResourceType = {
  ...BASE,
  group: 'batch',
  plural: 'jobs',
  singular: 'job',
  kind: 'Job',
  categories: ['all'],
  subresources: ['status'],
};

export const LEASES: ResourceType = {
  ...BASE,
  group: 'coordination.k8s.io',
  plural: 'leases',
  singular: 'lease',
  kind: 'Lease',
};
