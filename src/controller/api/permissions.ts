// Every right that Portico needs, and what for: docs/reference/permissions.md, the chart's Roles and the tests are compared with this list.
import {
  CONFIG_MAPS,
  EVENTS,
  JOBS,
  LEASES,
  NODES,
  PODS,
  type Resource,
  SUBJECT_ACCESS_REVIEWS,
  TOKEN_REVIEWS,
} from '../../kube/resource-paths.ts';
import type { Permission } from '../../kube/permissions/permission.ts';

/** Where it is needed: the namespace of the Jobs, that of the records, or the whole cluster. */
export type Scope = 'jobs' | 'records' | 'cluster';

export interface NeededRight extends Omit<Permission, 'namespace'> {
  in: Scope;
  /** What could not be done without it. */
  for: string;
}

export const RIGHTS: readonly NeededRight[] = [
  ...on('jobs', JOBS, {
    create: '/start',
    get: 'looking live for a job that is not in memory, before "job not found" is said',
    list: 'reading the jobs into memory; `portico release`',
    watch: 'keeping them up to date, so that /query costs the API server nothing',
    patch: 'writing the outcome on the Job and taking the finalizer off',
    delete: '/stop, and taking back a Job whose create stayed in doubt',
  }),
  ...on('jobs', PODS, {
    get: 'why a job failed: the reason, and the tail of its log',
    list: 'the proof that no process of a deleted job is left',
    delete: 'ending the pods that an Orphan delete has cut off from their Job',
  }),
  ...on('jobs', { ...PODS, plural: 'pods/log' }, { get: '`GET /jobs/ID/logs`' }),
  ...on('jobs', EVENTS, { list: '`GET /jobs/ID`: why a job waits' }),
  ...on('records', CONFIG_MAPS, {
    create: 'beginning a pack of outcomes of deleted Jobs',
    get: 'reading a pack that another replica has written a moment ago',
    list: 'reading the outcomes of deleted Jobs into memory; which packs there are',
    watch: 'keeping them up to date',
    patch: 'adding an outcome to a pack',
    delete: 'letting a pack go when the retention is over',
  }),
  ...on('records', LEASES, {
    create: 'the first of all replicas to settle jobs',
    get: 'seeing which replica settles jobs, and whether it still does',
    update: 'taking over, renewing and giving up the settling of jobs',
  }),
  ...on('cluster', NODES, {
    list: 'which workers exist: the labels of nodes',
    watch: 'keeping that up to date',
  }),
];

/** With `--auth-mode token` alone, beyond those. */
export const CALLER_RIGHTS: readonly NeededRight[] = [
  ...on('cluster', TOKEN_REVIEWS, { create: 'who calls' }),
  ...on('cluster', SUBJECT_ACCESS_REVIEWS, { create: 'what who calls may do' }),
];

function on(where: Scope, { apiVersion, plural }: Resource, verbs: Record<string, string>): NeededRight[] {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return Object.entries(verbs).map(([verb, reason]) => ({
    in: where,
    group,
    resource: plural,
    verb,
    for: reason,
  }));
}

/** What `right` is needed for; undefined for one that is not on the list. */
export const purposeOf = ({ verb, group, resource }: Permission): string | undefined =>
  [...RIGHTS, ...CALLER_RIGHTS].find(
    (right) => right.verb === verb && right.group === group && right.resource === resource,
  )?.for;
