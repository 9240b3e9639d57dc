// The OpenAPI document: made of what the routes declare and of the schemas that validate. https://spec.openapis.org/oas/v3.1.1 No IO.
import { z } from 'zod';
import {
  type ResponseSpec,
  type Content,
  type Header,
  type Operation,
  type Parameter,
  type Tag,
  TAGS,
} from './operation.ts';
import { SCHEMAS } from './schemas.ts';

type Json = Record<string, unknown>;

export interface OpenApiDocument extends Json {
  openapi: string;
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Json> };
}

export function documentOf(operations: readonly Operation[], version: string): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of operations) {
    const path = templateOf(operation.path);
    paths[path] = { ...paths[path], [operation.method]: operationObject(operation) };
  }
  const used = new Set<Tag>(operations.map(({ tag }) => tag));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Portico',
      summary: 'Commands on the workers of a Kubernetes cluster.',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document came from.' }],
    tags: [...used].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A ServiceAccount token made for Portico, where callers have to say who they are; else 401.',
        },
      },
    },
  };
}

/** `/jobs/:id` of the router is `/jobs/{id}` here. */
export const templateOf = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

const refTo = (name: string): string => `#/components/schemas/${name}`;

function namedSchemas(): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: refTo, io: 'input' });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIds(schema)]));
}

/** The document is their dialect and their place. */
const withoutIds = (schema: Json): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));

const inline = (schema: z.ZodType): Json => withoutIds(z.toJSONSchema(schema, { io: 'input' }));

const operationObject = ({
  id,
  tag,
  open,
  summary,
  description,
  parameters,
  body,
  answers,
}: Operation): Json => ({
  operationId: id,
  tags: [tag],
  summary,
  ...(description && { description }),
  // Without one, too: it depends on the server's settings.
  ...(open ? {} : { security: [{ token: [] }, {}] }),
  ...(parameters && { parameters: parameters.map(parameterObject) }),
  ...(body && { requestBody: { required: true, content: contentObject(body) } }),
  responses: Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, answerObject(answer)]),
  ),
});

const parameterObject = ({ schema, optional = false, ...parameter }: Parameter): Json => ({
  ...parameter,
  required: !optional,
  schema: inline(schema),
});

const answerObject = ({ description, headers, content }: ResponseSpec): Json => ({
  description,
  ...(headers && { headers: Object.fromEntries(headers.map(headerEntry)) }),
  ...(content && { content: Object.assign({}, ...[content].flat().map(contentObject)) as Json }),
});

const headerEntry = ({ name, description, schema, required = false }: Header): [string, Json] => [
  name,
  { description, required, schema: inline(schema) },
];

const contentObject = (content: Content): Json => ({
  [content.type]: {
    schema: content.type === 'application/json' ? { $ref: refTo(content.schema) } : { type: 'string' },
    examples: Object.fromEntries(Object.entries(content.examples).map(([name, value]) => [name, { value }])),
  },
});
