// Which right a call to the API server needs, and which one a refusal says is missing. No IO.
import type { ApiRequest, Method } from '../api-client.ts';
import { StatusError } from '../api-errors.ts';

/** One verb on one resource, as Kubernetes grants it: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export interface Permission {
  /** get, list, watch, create, update, patch, delete or deletecollection. */
  verb: string;
  /** "" for the core group. */
  group: string;
  /** The plural, and the subresource after a slash: "jobs", "pods/log". */
  resource: string;
  /** Left out: in the whole cluster. */
  namespace?: string;
}

/** A right that was missing when it was needed. */
export interface MissingPermission extends Permission {
  /** Who lacks it, by the name that the API server has for us: "system:serviceaccount:NAMESPACE:NAME". */
  user: string;
}

const RESOURCE_PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?<subresource>\/.+)?)?$/;

/**
 * The right that `call` needs, as the API server reads it from a request
 * (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb); undefined for a path
 * that is no resource's, like /version.
 */
export function permissionOf({ method = 'GET', path, query }: ApiRequest): Permission | undefined {
  const parts = RESOURCE_PATH.exec(path)?.groups;
  if (!parts) return undefined;
  const { group = '', namespace, plural = '', name, subresource = '' } = parts;
  return {
    verb: verbOf(method, name !== undefined, query?.['watch'] === true),
    group,
    resource: plural + subresource,
    ...(namespace !== undefined && { namespace: decodeURIComponent(namespace) }),
  };
}

function verbOf(method: Method, isNamed: boolean, isWatch: boolean): string {
  switch (method) {
    case 'GET':
      if (isWatch) return 'watch';
      return isNamed ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection';
  }
}

/** What the API server's authorization says, whichever authorizer refused; admission, quotas and policies speak otherwise. */
const REFUSAL =
  /User "(?<user>(?:[^"\\]|\\.)*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)" (?:in the namespace "(?<namespace>[^"]+)"|at the cluster scope)/;

/** The right whose lack `error` tells of; undefined when it tells of anything else. */
export function missingPermission(error: unknown): MissingPermission | undefined {
  if (!(error instanceof StatusError) || error.code !== 403) return undefined;
  const parts = REFUSAL.exec(error.message)?.groups;
  if (!parts) return undefined;
  const { user = '', verb = '', resource = '', group = '', namespace } = parts;
  return { user, verb, group, resource, ...(namespace !== undefined && { namespace }) };
}

/** `list jobs in namespace demo`, `watch nodes`. The same for no two rights of different groups that we use. */
export const permissionText = ({ verb, resource, namespace }: Permission): string =>
  `${verb} ${resource}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;

/** That it is missing, and the rule to add, as YAML takes it. */
export function missingText(right: Permission): string {
  const { verb, group, resource, namespace } = right;
  const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
  const place = namespace === undefined ? 'a ClusterRole' : 'a Role there';
  return `cannot ${permissionText(right)}: give ${rule} in ${place}`;
}
