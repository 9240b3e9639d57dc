// Paths of the API server's resources, and what a call on one asks for. No IO.
import type { ApiRequest, Method } from './api-client.ts';
import type { SentRequest } from './api-observer.ts';

export interface Resource {
  /** "batch/v1", or "v1" for the core group. */
  apiVersion: string;
  plural: string;
}

export const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs' };
export const PODS: Resource = { apiVersion: 'v1', plural: 'pods' };
export const EVENTS: Resource = { apiVersion: 'v1', plural: 'events' };
export const CONFIG_MAPS: Resource = { apiVersion: 'v1', plural: 'configmaps' };
export const NODES: Resource = { apiVersion: 'v1', plural: 'nodes' };
export const LEASES: Resource = { apiVersion: 'coordination.k8s.io/v1', plural: 'leases' };
export const TOKEN_REVIEWS: Resource = { apiVersion: 'authentication.k8s.io/v1', plural: 'tokenreviews' };
export const SUBJECT_ACCESS_REVIEWS: Resource = {
  apiVersion: 'authorization.k8s.io/v1',
  plural: 'subjectaccessreviews',
};

export const MERGE_PATCH = 'application/merge-patch+json';
/** Answers carry metadata alone: nodes are large, their labels are not. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface ObjectPath {
  /** Left out for cluster-scoped resources, and for a list over all namespaces. */
  namespace?: string;
  name?: string;
}

/** `/apis/batch/v1/namespaces/NS/jobs/NAME`. Every part is escaped: a name from a caller cannot leave its place. */
export function pathOf(resource: Resource, { namespace, name }: ObjectPath = {}): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const leaf = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}/${resource.apiVersion}${scope}/${resource.plural}${leaf}`;
}

/** What comes after the group, the version and, if there is one, the namespace. */
const RESOURCE_PATH =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+)?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>[^/]+))?)?$/;
const VERBS: Record<Method, string> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** In the words of https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb */
export function requestOf({ method = 'GET', path, query }: ApiRequest): SentRequest {
  const { plural = 'none', name, sub } = RESOURCE_PATH.exec(path)?.groups ?? {};
  const many = query?.['watch'] === true ? 'watch' : 'list';
  const verb = method === 'GET' && plural !== 'none' && name === undefined ? many : VERBS[method];
  return { verb, resource: sub === undefined ? plural : `${plural}/${sub}`, method, path };
}
