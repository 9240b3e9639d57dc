// The fields of every type of the served kinds: their JSON types, protobuf numbers and merge keys. No IO.
// schema.json is made from Kubernetes' Go types and OpenAPI documents: `npm run schema`.
import type { Kind, ResourceType } from '../kind.ts';
import published from './schema.json' with { type: 'json' };

const SCALARS = [
  'string',
  'boolean',
  'int32',
  'int64',
  'number',
  /** RFC 3339, to the second; microTime to the microsecond. */
  'time',
  'microTime',
  'intOrString',
  'quantity',
  /** base64 */
  'bytes',
  /** Whatever JSON there is. */
  'any',
] as const;

export type ScalarType = (typeof SCALARS)[number];

export type Schema =
  | { type: ScalarType }
  | { type: 'array'; items: Schema }
  | { type: 'map'; values: Schema }
  | { type: 'object'; model: string };

/** How a strategic merge patch merges a list; a list without one is replaced as a whole. */
export interface PatchStrategy {
  /** Lists of objects are merged by this key; without one, lists of plain values are joined. */
  mergeKey?: string;
  /** What a $retainKeys directive does not name goes. */
  retainKeys?: true;
}

/** A field of a protobuf message. */
export interface MessageField {
  name: string;
  /** The field is a message whose own fields belong to the type that it is in: the model that has them. */
  inline?: string;
  /** JSON leaves it out when it is zero; protobuf does not. */
  omitZero: boolean;
}

interface PublishedField {
  name?: string;
  type?: string;
  number?: number;
  inline?: string;
  omitZero?: boolean;
  patchStrategy?: string;
  patchMergeKey?: string;
}

interface Published {
  required?: readonly string[];
  fields: readonly PublishedField[];
}

interface Model {
  required: readonly string[];
  /** By their names in JSON. */
  fields: ReadonlyMap<string, Schema>;
  /** By their numbers in protobuf. */
  message: ReadonlyMap<number, MessageField>;
  strategies: ReadonlyMap<string, PatchStrategy>;
}

const isScalar = (type: string): type is ScalarType => (SCALARS as readonly string[]).includes(type);

/** "[]T" is a list, "{}T" a map, anything else a scalar or a model. */
function schemaOf(type: string): Schema {
  if (type.startsWith('[]')) return { type: 'array', items: schemaOf(type.slice(2)) };
  if (type.startsWith('{}')) return { type: 'map', values: schemaOf(type.slice(2)) };
  return isScalar(type) ? { type } : { type: 'object', model: type };
}

/** undefined: the list is atomic. */
function strategyOf({ patchStrategy = '', patchMergeKey }: PublishedField): PatchStrategy | undefined {
  const words = patchStrategy.split(',');
  if (!words.includes('merge')) return undefined;
  return {
    ...(patchMergeKey !== undefined && { mergeKey: patchMergeKey }),
    ...(words.includes('retainKeys') && { retainKeys: true }),
  };
}

function modelOfPublished({ required = [], fields }: Published): Model {
  const message = new Map<number, MessageField>();
  const schemas = new Map<string, Schema>();
  const strategies = new Map<string, PatchStrategy>();
  for (const field of fields) {
    const { name = '', type, number, inline, omitZero = false } = field;
    if (number !== undefined)
      message.set(number, { name, omitZero, ...(inline !== undefined && { inline }) });
    if (type !== undefined) schemas.set(name, schemaOf(type));
    const strategy = strategyOf(field);
    if (strategy) strategies.set(name, strategy);
  }
  return { required, fields: schemas, message, strategies };
}

const MODELS: ReadonlyMap<string, Published> = new Map(Object.entries<Published>(published));
const NOTHING: Published = { fields: [] };
const known = new Map<string, Model>();

function modelNamed(name: string): Model {
  let model = known.get(name);
  if (!model) {
    model = modelOfPublished(MODELS.get(name) ?? NOTHING);
    known.set(name, model);
  }
  return model;
}

/** The fields of a model, by their names in JSON; none of a model that is not known. */
export const fieldsOf = (model: string): ReadonlyMap<string, Schema> => modelNamed(model).fields;

export const requiredFieldsOf = (model: string): readonly string[] => modelNamed(model).required;

/** The fields of a model's protobuf message, by their numbers. */
export const messageOf = (model: string): ReadonlyMap<number, MessageField> => modelNamed(model).message;

/** undefined: the list is atomic. */
export const patchStrategyOf = (model: string, field: string): PatchStrategy | undefined =>
  modelNamed(model).strategies.get(field);

/** The name of a model of Kubernetes' meta group, "DeleteOptions". */
export const metaModel = (name: string): string => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`;

/** The model of a served kind, as Kubernetes' OpenAPI names it: "io.k8s.api.batch.v1.Job". */
export function modelOf({ group, version, kind }: Pick<ResourceType, 'group' | 'version' | 'kind'>): string {
  const [first = ''] = group === '' ? ['core'] : group.split('.');
  return `io.k8s.api.${first}.${version}.${kind}`;
}

export const rootOf = (kind: Kind): Schema => ({ type: 'object', model: modelOf(kind.type) });

/** The name of a model's Go type: "PodSpec". */
export const typeNameOf = (model: string): string => model.slice(model.lastIndexOf('.') + 1);
