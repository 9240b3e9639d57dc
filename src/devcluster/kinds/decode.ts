// A request's body as an object of a kind. No IO.
// Words are those of k8s.io/apiserver's create and patch handlers.
import type { KubeObject } from '../../kube/wire.ts';
import { badRequest, invalid, type Refusal } from '../status.ts';
import { invalidField } from './field-error.ts';
import { isObject } from './json.ts';
import type { Kind } from './kind.ts';
import { dropUnknown } from './prune.ts';
import { KINDS } from './registry.ts';
import { jsonType, typeError } from './type-errors.ts';
import { unknownFields } from './unknown-fields.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

const groupVersionOf = ({ type }: Kind): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`;

/** Kubernetes fills in what a body leaves out of apiVersion and kind, and refuses what contradicts the path. */
function checkType(kind: Kind, apiVersion: string, name: string, refuse: (why: string) => Refusal): void {
  const expected = groupVersionOf(kind);
  if (apiVersion === expected && name === kind.type.kind) return;
  const other = KINDS.find((each) => groupVersionOf(each) === apiVersion && each.type.kind === name);
  if (!other) throw refuse(`no kind "${name}" is registered for version "${apiVersion}"`);
  if (name === kind.type.kind) {
    const says = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`;
    throw badRequest(says);
  }
  throw refuse(
    `converting (v1.${name}) to (${kind.type.group.split('.')[0] || 'core'}.${kind.type.kind}): unknown conversion`,
  );
}

/**
 * A request's body as an object of `kind`: types checked, unknown fields refused (Strict), warned of (Warn) or ignored, and
 * left out; apiVersion and kind filled in. Always a new object.
 * @throws Refusal (400) in Kubernetes' words.
 */
export function decode<T extends KubeObject = KubeObject>(
  kind: Kind<T>,
  body: unknown,
  validation: FieldValidation,
): { object: T; warnings: string[] } {
  const wanted = kind.type.kind;
  // JSON's null leaves everything out.
  const given = body ?? {};
  if (!isObject(given)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${wanted}): couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(given)} into Go value of type struct`,
    );
  }
  const apiVersion =
    typeof given.apiVersion === 'string' && given.apiVersion !== '' ? given.apiVersion : groupVersionOf(kind);
  const name = typeof given.kind === 'string' && given.kind !== '' ? given.kind : wanted;
  const version = apiVersion.split('/').at(-1) ?? '';
  const refuse = (why: string) =>
    badRequest(`${name} in version "${version}" cannot be handled as a ${wanted}: ${why}`);
  checkType(kind, apiVersion, name, refuse);
  const misfit = typeError(kind, given);
  if (misfit !== undefined) throw refuse(misfit);
  const warnings = validation === 'Ignore' ? [] : unknownFields(kind, given);
  if (validation === 'Strict' && warnings.length > 0)
    throw refuse(`strict decoding error: ${warnings.join(', ')}`);
  return { object: { ...dropUnknown(kind, given as T), apiVersion, kind: name }, warnings };
}

/**
 * The result of a patch, as decode() takes a body. What is wrong is the patch's fault.
 * @throws Refusal (422) that shows what came of the patch.
 */
export function decodePatched<T extends KubeObject = KubeObject>(
  kind: Kind<T>,
  patched: unknown,
  validation: FieldValidation,
): { object: T; warnings: string[] } {
  const refuse = (why: string) => invalid('', '', '', [invalidField('patch', JSON.stringify(patched), why)]);
  if (!isObject(patched))
    throw refuse(`json: cannot unmarshal ${jsonType(patched)} into Go value of type v1.${kind.type.kind}`);
  const { apiVersion = groupVersionOf(kind), kind: name = kind.type.kind } = patched;
  checkType(kind, String(apiVersion), String(name), refuse);
  const misfit = typeError(kind, patched);
  if (misfit !== undefined) throw refuse(misfit);
  const warnings = validation === 'Ignore' ? [] : unknownFields(kind, patched);
  if (validation === 'Strict' && warnings.length > 0)
    throw refuse(`strict decoding error: ${warnings.join(', ')}`);
  return { object: dropUnknown(kind, patched as T), warnings };
}
