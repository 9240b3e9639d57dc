// The paths of the API as OpenAPI v3: which verbs there are, which parameters they take, what goes in and comes out. No IO.
// kubectl reads from them what the server can validate, try out and patch.
import type { JsonObject } from './json.ts';
import type { Kind, Verb } from './kind.ts';

interface Place {
  /** /api/v1 or /apis/GROUP/VERSION */
  root: string;
  kind: Kind;
  /** Names of the schemas of the kind and of its list. */
  schema: string;
  listSchema: string;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const query = (name: string, type: string): JsonObject => ({
  in: 'query',
  name,
  schema: { type, uniqueItems: true },
});
const inPath = (name: string): JsonObject => ({
  in: 'path',
  name,
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

const WRITE = [
  query('dryRun', 'string'),
  query('fieldManager', 'string'),
  query('fieldValidation', 'string'),
];
const DELETE = [
  query('dryRun', 'string'),
  query('gracePeriodSeconds', 'integer'),
  query('propagationPolicy', 'string'),
];
const LIST = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue', 'string'),
  query('fieldSelector', 'string'),
  query('labelSelector', 'string'),
  query('limit', 'integer'),
  query('resourceVersion', 'string'),
  query('resourceVersionMatch', 'string'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

const content = (types: readonly string[], schema: string): JsonObject =>
  Object.fromEntries(types.map((type) => [type, { schema: { $ref: `#/components/schemas/${schema}` } }]));

interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  action: string;
  parameters: JsonObject[];
  takes?: { types: readonly string[]; schema: string };
  gives: string;
}

function operation({ kind }: Place, { action, parameters, takes, gives }: Operation): JsonObject {
  const { group, version, kind: name } = kind.type;
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(takes && { requestBody: { content: content(takes.types, takes.schema), required: true } }),
    responses: { '200': { description: 'OK', content: content(['application/json'], gives) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind: name },
  };
}

const ANY_TYPE = ['*/*'];

const collectionVerbs = ({ schema, listSchema }: Place): Partial<Record<Verb, Operation>> => ({
  list: { method: 'get', action: 'list', parameters: LIST, gives: listSchema },
  create: {
    method: 'post',
    action: 'post',
    parameters: WRITE,
    takes: { types: ANY_TYPE, schema },
    gives: schema,
  },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    parameters: [...DELETE, ...LIST.slice(1, -1)],
    takes: { types: ANY_TYPE, schema: `${META}.DeleteOptions` },
    gives: `${META}.Status`,
  },
});

const objectVerbs = ({ schema }: Place): Partial<Record<Verb, Operation>> => ({
  get: { method: 'get', action: 'get', parameters: [], gives: schema },
  update: {
    method: 'put',
    action: 'put',
    parameters: WRITE,
    takes: { types: ANY_TYPE, schema },
    gives: schema,
  },
  patch: {
    method: 'patch',
    action: 'patch',
    parameters: [...WRITE, query('force', 'boolean')],
    takes: { types: PATCH_TYPES, schema: `${META}.Patch` },
    gives: schema,
  },
  delete: {
    method: 'delete',
    action: 'delete',
    parameters: DELETE,
    takes: { types: ANY_TYPE, schema: `${META}.DeleteOptions` },
    gives: `${META}.Status`,
  },
});

function item(
  place: Place,
  verbs: Partial<Record<Verb, Operation>>,
  parameters: JsonObject[],
  only?: readonly Verb[],
) {
  const served = Object.entries(verbs).filter(([verb]) => {
    const name = verb as Verb;
    return place.kind.type.verbs.includes(name) && (only?.includes(name) ?? true);
  });
  return {
    ...Object.fromEntries(served.map(([, each]) => [each.method, operation(place, each)])),
    parameters: [...parameters, query('pretty', 'string')],
  };
}

/** The paths of one kind. */
export function pathsOf(place: Place): Record<string, JsonObject> {
  const { root, kind } = place;
  const { plural, namespaced, subresources } = kind.type;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const scope = namespaced ? [inPath('namespace')] : [];
  const object = `${collection}/{name}`;
  const named = [inPath('name'), ...scope];
  return {
    [collection]: item(place, collectionVerbs(place), scope),
    [object]: item(place, objectVerbs(place), named),
    ...(namespaced && { [`${root}/${plural}`]: item(place, collectionVerbs(place), [], ['list']) }),
    ...(subresources.includes('status') && {
      [`${object}/status`]: item(place, objectVerbs(place), named, ['get', 'update', 'patch']),
    }),
  };
}
