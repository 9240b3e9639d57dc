// What the API server says of itself: health, version, discovery, OpenAPI. No IO.
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroups,
  apiResources,
  apiVersions,
  openApiV2,
  openApiV3,
  openApiV3Index,
  versionInfo,
} from '../../kinds/index.ts';
import { json, type Call, type Reply } from './call.ts';
import { clausesOf, negotiate } from './negotiation.ts';

const HEALTH_PATHS: readonly string[] = ['/healthz', '/livez', '/readyz'];
const ROOT_PATHS = [
  '/api',
  '/apis',
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

export const isHealthPath = (path: string): boolean => HEALTH_PATHS.includes(path);

/** Whether what is not found there is a resource: below a group that is served. */
export function isApiPath(path: string): boolean {
  const [, root, group = ''] = path.split('/');
  return root === 'api' || (root === 'apis' && group !== '' && apiGroup(group) !== undefined);
}

/** Undefined where there is no such document. Throws Refusal (406). */
export function documentAt({ path: given, headers }: Call): Reply | undefined {
  const path = given.length > 1 ? given.replace(/\/$/, '') : given;
  if (isHealthPath(path)) return { send: 'text', code: 200, text: 'ok' };
  if ((path === '/api' || path === '/apis') && wantsAggregated(headers.accept)) {
    const body = aggregatedDiscovery(path === '/api' ? 'api' : 'apis');
    return { send: 'json', code: 200, body, headers: { 'content-type': AGGREGATED } };
  }
  const body = bodyAt(path);
  if (!body) return undefined;
  negotiate(headers.accept);
  return json(body);
}

function bodyAt(path: string): object | undefined {
  switch (path) {
    case '/':
      return { paths: ROOT_PATHS };
    case '/version':
      return versionInfo();
    case '/api':
      return apiVersions();
    case '/apis':
      return apiGroups();
    case '/openapi/v2':
      return openApiV2();
    case '/openapi/v3':
      return openApiV3Index();
    default:
      return bodyBelow(path);
  }
}

function bodyBelow(path: string): object | undefined {
  const [, root, group = '', version, ...more] = path.split('/');
  if (root === 'openapi' && path.startsWith('/openapi/v3/'))
    return openApiV3(path.slice('/openapi/v3/'.length));
  if (more.length > 0) return undefined;
  if (root === 'api' && version === undefined) return apiResources('', group);
  if (root !== 'apis') return undefined;
  return version === undefined ? apiGroup(group) : apiResources(group, version);
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** All groups, versions and resources in one answer, for clients that say they know it. */
const wantsAggregated = (accept: string | undefined): boolean =>
  clausesOf(accept).some(
    ({ mediaType, parameters: { as, g, v } }) =>
      mediaType === 'application/json' &&
      as === 'APIGroupDiscoveryList' &&
      g === 'apidiscovery.k8s.io' &&
      v === 'v2',
  );
