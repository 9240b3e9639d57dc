// Which fields every kind has and what may stand in them, read from the models that @kubernetes/client-node was generated
// with from Kubernetes' own OpenAPI. No IO, no tables by hand but what that OpenAPI has and the models lost.
import * as client from '@kubernetes/client-node';
import type { Kind, ResourceType } from './kind.ts';

export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'number'
  /** RFC 3339, to the second; microTime to the microsecond. */
  | 'time'
  | 'microTime'
  | 'intOrString'
  | 'quantity'
  /** base64 */
  | 'bytes'
  /** Whatever JSON there is. */
  | 'any';

export type Schema =
  | { type: ScalarType }
  | { type: 'array'; items: Schema }
  | { type: 'map'; values: Schema }
  | { type: 'object'; model: string };

interface Attribute {
  baseName: string;
  type: string;
  format: string;
}
interface Model {
  getAttributeTypeMap(): Attribute[];
}

/** Quantities are plain strings in the models: these say which. */
const QUANTITIES = new Set([
  'V1ContainerStatus.allocatedResources',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1NodeStatus.allocatable',
  'V1NodeStatus.capacity',
  'V1PodSpec.overhead',
  'V1PodStatus.allocatedResources',
  'V1ResourceFieldSelector.divisor',
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
]);

const SCALARS: Record<string, ScalarType> = {
  string: 'string',
  boolean: 'boolean',
  number: 'number',
  Date: 'time',
  V1MicroTime: 'microTime',
  IntOrString: 'intOrString',
};
const FORMATS: Record<string, ScalarType> = { int32: 'int32', int64: 'int64', byte: 'bytes' };

const models = client as unknown as Readonly<Record<string, Partial<Model> | undefined>>;

const isModel = (name: string): boolean => typeof models[name]?.getAttributeTypeMap === 'function';

function parse(type: string, leaf: ScalarType | undefined): Schema {
  const array = /^Array<(.+)>$/.exec(type)?.[1];
  if (array !== undefined) return { type: 'array', items: parse(array, leaf) };
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) return { type: 'map', values: parse(map, leaf) };
  if (leaf !== undefined) return { type: leaf };
  const scalar = SCALARS[type];
  if (scalar !== undefined) return { type: scalar };
  return isModel(type) ? { type: 'object', model: type } : { type: 'any' };
}

const known = new Map<string, ReadonlyMap<string, Schema>>();

/** The fields of a model, by their names in JSON. */
export function fieldsOf(model: string): ReadonlyMap<string, Schema> {
  let fields = known.get(model);
  if (!fields) {
    const attributes = models[model]?.getAttributeTypeMap?.() ?? [];
    fields = new Map(
      attributes.map(({ baseName, type, format }) => {
        const leaf = QUANTITIES.has(`${model}.${baseName}`) ? 'quantity' : FORMATS[format];
        return [baseName, parse(type, leaf)];
      }),
    );
    known.set(model, fields);
  }
  return fields;
}

/** The model of a served kind: V1Job, and CoreV1Event where two groups have a kind of one name. */
export function modelOf({ group, version, kind }: ResourceType): string {
  const versioned = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
  if (isModel(versioned)) return versioned;
  const [first = ''] = group === '' ? ['core'] : group.split('.');
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}${versioned}`;
}

export const rootOf = (kind: Kind): Schema => ({ type: 'object', model: modelOf(kind.type) });

/** Kubernetes' own name of a model's type: PodSpec for V1PodSpec. */
export const typeNameOf = (model: string): string => model.replace(/^[A-Za-z]*?V\d+((alpha|beta)\d+)?/, '');
