// The models as OpenAPI v3 schemas, in the shape that the API server gives them and kubectl expects. No IO of its own.
import { descriptionOf } from './schema/descriptions.ts';
import type { JsonObject } from './json.ts';
import {
  fieldsOf,
  metaModel,
  patchStrategyOf,
  requiredFieldsOf,
  type ScalarType,
  type Schema,
} from './schema/schema.ts';

/** Types that have a schema of their own, though no model. */
export const SPECIAL_SCHEMAS = {
  time: {
    name: metaModel('Time'),
    schema: {
      description: 'A point in time, to the second, as RFC 3339.',
      type: 'string',
      format: 'date-time',
    },
  },
  microTime: {
    name: metaModel('MicroTime'),
    schema: { description: 'A point in time, to the microsecond.', type: 'string', format: 'date-time' },
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    schema: {
      description: 'A number with a suffix: 500m, 1.5, 64Mi, 1e3.',
      oneOf: [{ type: 'string' }, { type: 'number' }],
    },
  },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    schema: {
      description: 'A number, or a string.',
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    },
  },
  any: {
    name: metaModel('FieldsV1'),
    schema: { description: 'A set of fields, as a tree.', type: 'object' },
  },
} as const satisfies Partial<Record<ScalarType, { name: string; schema: JsonObject }>>;

const PLAIN: Record<Exclude<ScalarType, keyof typeof SPECIAL_SCHEMAS>, JsonObject> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  number: { type: 'number', format: 'double' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bytes: { type: 'string', format: 'byte' },
};

/** Every model that the given ones are made of, themselves first. */
export function closureOf(models: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (schema: Schema): void => {
    if (schema.type === 'array') visit(schema.items);
    else if (schema.type === 'map') visit(schema.values);
    else if (schema.type === 'object') add(schema.model);
  };
  const add = (model: string): void => {
    if (found.has(model)) return;
    found.add(model);
    for (const field of fieldsOf(model).values()) visit(field);
  };
  models.forEach(add);
  return found;
}

const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

function schemaOf(schema: Schema): JsonObject {
  switch (schema.type) {
    case 'object':
      return { allOf: [reference(schema.model)], default: {} };
    case 'array':
      return { type: 'array', items: schemaOf(schema.items) };
    case 'map':
      return { type: 'object', additionalProperties: bare(schemaOf(schema.values)) };
    case 'time':
    case 'microTime':
    case 'quantity':
    case 'intOrString':
    case 'any':
      return { allOf: [reference(SPECIAL_SCHEMAS[schema.type].name)] };
    default:
      return { ...PLAIN[schema.type] };
  }
}

/** A map's values refer to their schema directly: there is no description beside it. */
const bare = (schema: JsonObject): JsonObject =>
  Array.isArray(schema.allOf) ? (schema.allOf[0] as JsonObject) : schema;

function patchMarks(model: string, field: string): JsonObject {
  const strategy = patchStrategyOf(model, field);
  if (!strategy) return {};
  return {
    'x-kubernetes-patch-strategy': strategy.retainKeys ? 'merge,retainKeys' : 'merge',
    ...(strategy.mergeKey !== undefined && { 'x-kubernetes-patch-merge-key': strategy.mergeKey }),
  };
}

export function modelSchema(model: string): JsonObject {
  const { text, fields = {} } = descriptionOf(model);
  const required = requiredFieldsOf(model);
  const properties = [...fieldsOf(model)].map(([name, schema]) => {
    const description = fields[name];
    const property = {
      ...(description !== undefined && { description }),
      ...schemaOf(schema),
      ...patchMarks(model, name),
    };
    return [name, property] as const;
  });
  return {
    ...(text !== undefined && { description: text }),
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
  };
}
