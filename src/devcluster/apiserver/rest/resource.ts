// Serves the verbs of every resource: a table from method and place to handler.
import type { Kind, Verb } from '../../kinds/index.ts';
import type { Stored } from '../../objects.ts';
import { notFound, notImplemented } from '../../status.ts';
import { mediaTypeOf } from './body.ts';
import { flag, json, type Api, type Call, type Reply } from './call.ts';
import { deleteCollection, deleteObject } from './delete.ts';
import { evict } from './eviction.ts';
import { includeObjectOf, listIn, objectIn, type ListMeta } from './forms.ts';
import { listPage } from './list.ts';
import { negotiate } from './negotiation.ts';
import type { RequestPath } from './place.ts';
import { podLog } from './pod-log.ts';
import { MethodNotAllowed, noSuchResource } from './refusals.ts';
import { selectionOf } from './selection.ts';
import { versionIn } from './versions.ts';
import { WatchConnection } from './watch.ts';
import { create, patch, update, type Written } from './write.ts';

type ObjectPlace = RequestPath & { name: string };

/** What Kubernetes serves below these resources and this cluster does not. */
const NOT_SERVED: Readonly<Record<string, readonly string[]>> = {
  namespaces: ['finalize'],
  nodes: ['proxy'],
  pods: ['attach', 'binding', 'ephemeralcontainers', 'exec', 'portforward', 'proxy', 'resize'],
  serviceaccounts: ['token'],
};

type Methods<V extends Verb> = Readonly<Record<string, V>>;

const COLLECTION_METHODS: Methods<'list' | 'create' | 'deletecollection'> = {
  GET: 'list',
  POST: 'create',
  DELETE: 'deletecollection',
};
/** Of all namespaces at once. */
const EVERYWHERE_METHODS: typeof COLLECTION_METHODS = { GET: 'list' };
const OBJECT_METHODS: Methods<'get' | 'update' | 'patch' | 'delete'> = {
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const STATUS_METHODS: typeof OBJECT_METHODS = { GET: 'get', PUT: 'update', PATCH: 'patch' };

const SUBRESOURCES: Readonly<
  Record<string, { method: string; serve(api: Api, place: ObjectPlace, call: Call): Reply }>
> = {
  'pods/log': { method: 'GET', serve: podLog },
  'pods/eviction': { method: 'POST', serve: evict },
};

/** Throws Refusal. */
export function serveResource(api: Api, place: RequestPath, call: Call): Reply {
  if (place.name === undefined) return serveCollection(api, place, call);
  const named: ObjectPlace = { ...place, name: place.name };
  switch (place.subresource) {
    case '':
      return serveObject(api, named, call, OBJECT_METHODS);
    case 'status':
      if (!place.kind.type.subresources.includes('status')) throw noSuchResource();
      return serveObject(api, named, call, STATUS_METHODS);
    default:
      return serveSubresource(api, named, call);
  }
}

/** Throws MethodNotAllowed. */
function verbOf<V extends Verb>({ type }: Kind, method: string, methods: Methods<V>): V {
  const served = Object.entries(methods).filter(([, verb]) => type.verbs.includes(verb));
  const [, verb] = served.find(([one]) => one === method) ?? [];
  if (verb === undefined) throw new MethodNotAllowed(served.map(([one]) => one));
  return verb;
}

function serveCollection(api: Api, place: RequestPath, call: Call): Reply {
  const { kind, namespace } = place;
  const everywhere = kind.type.namespaced && namespace === undefined;
  switch (verbOf(kind, call.method, everywhere ? EVERYWHERE_METHODS : COLLECTION_METHODS)) {
    case 'list':
      return flag(call.query, 'watch') ? watch(api, place, call) : list(api, place, call);
    case 'create':
      return written(api, kind, call, create(api, place, call), 201);
    case 'deletecollection':
      return listed(api, kind, call, deleteCollection(api, place, call), {
        resourceVersion: String(api.objects.version()),
      });
  }
}

function serveObject(api: Api, place: ObjectPlace, call: Call, methods: typeof OBJECT_METHODS): Reply {
  switch (verbOf(place.kind, call.method, methods)) {
    case 'get':
      return get(api, place, call);
    case 'update':
      return written(api, place.kind, call, update(api, place, call), 200);
    case 'patch':
      return written(api, place.kind, call, patch(api, place, call, mediaTypeOf(call)), 200);
    case 'delete':
      return remove(api, place, call);
  }
}

function serveSubresource(api: Api, place: ObjectPlace, call: Call): Reply {
  const { plural } = place.kind.type;
  if (NOT_SERVED[plural]?.includes(place.subresource)) throw notImplemented(`${plural}/${place.subresource}`);
  const subresource = SUBRESOURCES[`${plural}/${place.subresource}`];
  if (!subresource) throw noSuchResource();
  if (call.method !== subresource.method) throw new MethodNotAllowed([subresource.method]);
  return subresource.serve(api, place, call);
}

function get(api: Api, { kind, namespace, name }: ObjectPlace, call: Call): Reply {
  // What there is now is as new as any.
  versionIn(call.query);
  const object = api.objects.get(kind.type, namespace, name);
  if (!object) throw notFound({ group: kind.type.group, plural: kind.type.plural, name });
  return written(api, kind, call, { object, warnings: [] }, 200);
}

function list(api: Api, { kind, namespace }: RequestPath, call: Call): Reply {
  const selection = selectionOf(kind, namespace, call.query);
  const { items, metadata } = listPage(api, kind, selection, call.query);
  return listed(api, kind, call, items, metadata);
}

function watch(api: Api, { kind, namespace }: RequestPath, call: Call): Reply {
  const { form } = negotiate(call.headers.accept);
  const selection = selectionOf(kind, namespace, call.query);
  const stream = new WatchConnection(api, kind, selection, form, call.query);
  return {
    send: 'stream',
    start(response, ended) {
      stream.start(response, ended);
    },
  };
}

function remove(api: Api, place: ObjectPlace, call: Call): Reply {
  const { code, object, status, warnings } = deleteObject(api, place, call);
  return object ? written(api, place.kind, call, { object, warnings }, code) : json(status, code, warnings);
}

function written(api: Api, kind: Kind, call: Call, { object, warnings }: Written, code: number): Reply {
  const { form } = negotiate(call.headers.accept);
  const options = { now: api.clock.dateMs(), includeObject: includeObjectOf(call.query) };
  return json(objectIn(form, kind, object, options), code, warnings);
}

function listed(api: Api, kind: Kind, call: Call, items: Stored[], metadata: ListMeta): Reply {
  const { form } = negotiate(call.headers.accept);
  const options = { now: api.clock.dateMs(), includeObject: includeObjectOf(call.query) };
  return json(listIn(form, kind, items, metadata, options));
}
