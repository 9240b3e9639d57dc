// OpenAPI v3, one document a group and version: what kubectl explains from, and asks before it creates, applies and edits.
// Made when first asked for. No IO of its own.
import { createHash } from 'node:crypto';
import type { JsonObject } from './json.ts';
import type { Kind } from './kind.ts';
import { pathsOf } from './openapi-paths.ts';
import { closureOf, modelSchema, SPECIAL_SCHEMAS } from './openapi-schemas.ts';
import { KINDS } from './registry.ts';
import { metaModel, modelOf } from './schema/schema.ts';
import { VERSION_INFO } from './version.ts';

export interface OpenApiV3 {
  openapi: '3.0.0';
  info: { title: string; version: string };
  paths: Record<string, JsonObject>;
  components: { schemas: Record<string, JsonObject> };
}

const EVERYWHERE = ['DeleteOptions', 'Status'].map(metaModel);
const PATCH_SCHEMA = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': {
    description: 'A patch, of whichever kind.',
    type: 'object',
  },
};

const pathOf = ({ type }: Kind): string =>
  type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`;

const kindsByPath = (): Map<string, Kind[]> => Map.groupBy(KINDS, pathOf);

function document(path: string, kinds: readonly Kind[]): OpenApiV3 {
  const models = closureOf([
    ...kinds.flatMap(({ type }) => [modelOf(type), `${modelOf(type)}List`]),
    ...EVERYWHERE,
  ]);
  const schemas: Record<string, JsonObject> = {
    ...Object.fromEntries([...models].map((model) => [model, modelSchema(model)])),
    ...Object.fromEntries(Object.values(SPECIAL_SCHEMAS).map(({ name, schema }) => [name, { ...schema }])),
    ...PATCH_SCHEMA,
  };
  const paths: Record<string, JsonObject> = {};
  for (const kind of kinds) {
    const schema = modelOf(kind.type);
    const listSchema = `${schema}List`;
    mark(schemas[schema], kind.type.kind, kind);
    mark(schemas[listSchema], `${kind.type.kind}List`, kind);
    Object.assign(paths, pathsOf({ root: `/${path}`, kind, schema, listSchema }));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION_INFO.gitVersion },
    paths,
    components: { schemas },
  };
}

/** How a client finds the schema of a kind. */
function mark(schema: JsonObject | undefined, kind: string, { type: { group, version } }: Kind): void {
  if (schema) schema['x-kubernetes-group-version-kind'] = [{ group, kind, version }];
}

const documents = new Map<string, OpenApiV3>();

/** GET /openapi/v3/PATH, PATH being "api/v1" or "apis/batch/v1"; undefined for one that is not served. */
export function openApiV3(path: string): OpenApiV3 | undefined {
  const kinds = kindsByPath().get(path);
  if (!kinds) return undefined;
  let found = documents.get(path);
  if (!found) {
    found = document(path, kinds);
    documents.set(path, found);
  }
  return found;
}

const hashOf = (document: unknown): string =>
  createHash('sha256').update(JSON.stringify(document)).digest('hex').toUpperCase();

let index: { paths: Record<string, { serverRelativeURL: string }> } | undefined;

/** GET /openapi/v3. Clients keep a document for as long as its hash stays. */
export function openApiV3Index(): { paths: Record<string, { serverRelativeURL: string }> } {
  index ??= {
    paths: Object.fromEntries(
      [...kindsByPath().keys()].map((path) => [
        path,
        { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(openApiV3(path))}` },
      ]),
    ),
  };
  return index;
}
