// Checks a parsed template against Kubernetes' own models: unknown fields, wrong types, missing names. No IO.
import * as models from '@kubernetes/client-node';
import { isMapping, join, problem } from './problem.ts';

/** One field of a model, as the client's generated code describes it. */
interface Attribute {
  baseName: string;
  /** string, number, boolean, any, Date, IntOrString, Array<TYPE>, { [key: string]: TYPE; }, or a model's name. */
  type: string;
}

/** The models do not say what must be there. These are the lists whose items are useless without. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  V1Volume: ['name'],
  V1VolumeMount: ['name', 'mountPath'],
  V1EnvVar: ['name'],
  V1ContainerPort: ['containerPort'],
  V1PodResourceClaim: ['name'],
};

/** Quantities: the models call them strings, and Kubernetes takes plain numbers, too. */
const QUANTITIES = new Set(['limits', 'requests', 'overhead', 'sizeLimit', 'divisor']);

/**
 * `value` as an object of the named model: all that fits, the rest left out and told in `problems`. A null is an
 * absent field, as it is for the API server.
 */
export function readAs(type: string, value: unknown, at: string, problems: string[]): unknown {
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) return readList(item, value, at, problems);
  const entry = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (entry !== undefined) return readMap(entry, value, at, problems);
  const attributes = attributesOf(type);
  return attributes
    ? readModel(type, attributes, value, at, problems)
    : readScalar(type, value, at, problems);
}

function attributesOf(type: string): readonly Attribute[] | undefined {
  const model: unknown = (models as Record<string, unknown>)[type];
  if (typeof model !== 'function' || !('getAttributeTypeMap' in model)) return undefined;
  return (model.getAttributeTypeMap as () => Attribute[])();
}

function readModel(
  type: string,
  attributes: readonly Attribute[],
  value: unknown,
  at: string,
  problems: string[],
): unknown {
  if (!isMapping(value)) return refuse(at, 'a mapping', value, problems);
  const types = new Map(attributes.map(({ baseName, type: fieldType }) => [baseName, fieldType]));
  const fields = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const fieldType = types.get(name);
    if (fieldType === undefined) {
      problems.push(`${join(at, name)}: expected a field that Kubernetes knows`);
      return [];
    }
    if (field === null) return [];
    const known = QUANTITIES.has(name) ? withTextQuantities(field) : field;
    return [[name, readAs(fieldType, known, join(at, name), problems)]];
  });
  const read = Object.fromEntries(fields.filter(([, field]) => field !== undefined));
  for (const name of REQUIRED[type] ?? [])
    if (value[name] == null) problems.push(problem(join(at, name), 'a value', undefined));
  return read;
}

function readList(type: string, value: unknown, at: string, problems: string[]): unknown {
  if (!Array.isArray(value)) return refuse(at, 'a list', value, problems);
  return value.flatMap((item, index) => readAs(type, item, `${at}[${String(index)}]`, problems) ?? []);
}

function readMap(type: string, value: unknown, at: string, problems: string[]): unknown {
  if (!isMapping(value)) return refuse(at, 'a mapping', value, problems);
  const entries = Object.entries(value).map(([key, entry]): [string, unknown] => [
    key,
    readAs(type, entry, join(at, key), problems),
  ]);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined));
}

const SCALARS: Readonly<Record<string, [string, (value: unknown) => boolean]>> = {
  string: ['a string', (value) => typeof value === 'string'],
  Date: ['a time', (value) => typeof value === 'string'],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  number: ['a whole number', (value) => Number.isSafeInteger(value)],
  IntOrString: [
    'a whole number or a string',
    (value) => typeof value === 'string' || Number.isSafeInteger(value),
  ],
};

function readScalar(type: string, value: unknown, at: string, problems: string[]): unknown {
  const [expected, allows] = SCALARS[type] ?? ['anything', () => true];
  return allows(value) ? value : refuse(at, expected, value, problems);
}

function refuse(at: string, expected: string, value: unknown, problems: string[]): undefined {
  problems.push(problem(at, expected, value));
}

function withTextQuantities(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, amount]) => [key, typeof amount === 'number' ? String(amount) : amount]),
  );
}
