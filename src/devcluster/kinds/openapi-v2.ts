// OpenAPI v2 (Swagger), all groups in one document: made from v3's, for clients that know no other. JSON alone: kubectl asks
// for it as protobuf, and only where it finds no v3. No IO.
import { isObject, type JsonObject } from './json.ts';
import { openApiV3, openApiV3Index, type OpenApiV3 } from './openapi-v3.ts';

const METHODS: readonly string[] = ['get', 'post', 'put', 'patch', 'delete'];

export interface OpenApiV2 {
  swagger: '2.0';
  info: OpenApiV3['info'];
  paths: Record<string, JsonObject>;
  definitions: Record<string, JsonObject>;
}

const objectIn = (value: unknown): JsonObject => (isObject(value) ? value : {});
const entriesOf = (value: unknown): [string, unknown][] => Object.entries(objectIn(value));

/** References move, and are no longer wrapped; a choice of types becomes a string. */
function definition(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(definition);
  if (!isObject(value)) return value;
  if (Array.isArray(value.allOf)) {
    const { description } = value;
    return { ...(description !== undefined && { description }), ...objectIn(definition(value.allOf[0])) };
  }
  const kept = Object.entries(value).filter(([key]) => key !== 'oneOf');
  const entries = kept.map(([key, item]): [string, unknown] =>
    key === '$ref' && typeof item === 'string'
      ? [key, item.replace('#/components/schemas/', '#/definitions/')]
      : [key, definition(item)],
  );
  return { ...Object.fromEntries(entries), ...('oneOf' in value && { type: 'string' }) };
}

/** The first schema among the content types of a body. */
const schemaIn = (body: unknown): unknown => {
  const [first] = Object.values(objectIn(objectIn(body).content));
  return definition(objectIn(first).schema);
};

const parametersOf = (parameters: unknown): JsonObject[] =>
  (Array.isArray(parameters) ? (parameters as JsonObject[]) : []).map(({ schema, ...rest }) => ({
    ...rest,
    ...objectIn(schema),
  }));

function operation(value: unknown): JsonObject {
  const { parameters, requestBody, responses, ...rest } = objectIn(value);
  const body = requestBody === undefined ? [] : [{ in: 'body', name: 'body', schema: schemaIn(requestBody) }];
  return {
    ...rest,
    consumes: Object.keys(objectIn(objectIn(requestBody).content)),
    produces: ['application/json'],
    parameters: [...body, ...parametersOf(parameters)],
    responses: Object.fromEntries(
      entriesOf(responses).map(([code, response]) => [
        code,
        { description: 'OK', schema: schemaIn(response) },
      ]),
    ),
  };
}

const pathItem = (item: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      METHODS.includes(key) ? operation(value) : parametersOf(value),
    ]),
  );

let made: OpenApiV2 | undefined;

/** GET /openapi/v2 */
export function openApiV2(): OpenApiV2 {
  made ??= make();
  return made;
}

function make(): OpenApiV2 {
  const documents = Object.keys(openApiV3Index().paths).flatMap((path) => openApiV3(path) ?? []);
  const info = documents[0]?.info ?? { title: 'Kubernetes', version: '' };
  return {
    swagger: '2.0',
    info,
    paths: Object.fromEntries(
      documents.flatMap(({ paths }) => Object.entries(paths).map(([path, item]) => [path, pathItem(item)])),
    ),
    definitions: Object.fromEntries(
      documents.flatMap(({ components }) =>
        Object.entries(components.schemas).map(([name, schema]) => [name, objectIn(definition(schema))]),
      ),
    ),
  };
}
