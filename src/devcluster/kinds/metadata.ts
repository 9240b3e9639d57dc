// What metadata has to be, whatever the kind. No IO.
// k8s.io/apimachinery's api/validation, ObjectMeta.
import type { KubeObject, ObjectMeta } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import {
  against,
  forbidden,
  immutable,
  invalidField,
  nonNegative,
  required,
  tooLong,
} from './field-error.ts';
import { dnsLabel, labelValue, qualifiedName, type NameRule } from './names.ts';

const ANNOTATIONS_LIMIT = 256 * 1024;
const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
const STANDARD_FINALIZERS = ['kubernetes', ORPHAN, FOREGROUND];

export function labelErrors(labels: Record<string, string> | undefined, field: string): StatusCause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...against(qualifiedName, field, key),
    ...against(labelValue, field, value),
  ]);
}

export function annotationErrors(
  annotations: Record<string, string> | undefined,
  field: string,
): StatusCause[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) =>
    qualifiedName(key.toLowerCase()).map((says) => invalidField(field, key, says)),
  );
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return size > ANNOTATIONS_LIMIT ? [...errors, tooLong(field, ANNOTATIONS_LIMIT)] : errors;
}

function ownerErrors(meta: ObjectMeta): StatusCause[] {
  const field = 'metadata.ownerReferences';
  const owners = meta.ownerReferences ?? [];
  const errors = owners.flatMap((owner) => {
    const wrong = (['kind', 'name', 'uid'] as const)
      .filter((key) => !owner[key])
      .map((key) => invalidField(`${field}.${key}`, '', 'must not be empty'));
    if (!owner.apiVersion) {
      wrong.unshift(invalidField(`${field}.apiVersion`, '', 'version must not be empty'));
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      wrong.push(invalidField(field, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    return wrong;
  });
  const [first, second] = owners.filter((owner) => owner.controller === true);
  if (first && second) {
    const says = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
    errors.push(invalidField(field, owners, says));
  }
  return errors;
}

function finalizerErrors(meta: ObjectMeta): StatusCause[] {
  const field = 'metadata.finalizers';
  const finalizers = meta.finalizers ?? [];
  const errors = [
    ...finalizers.flatMap((finalizer) => against(qualifiedName, field, finalizer)),
    ...finalizers.flatMap((finalizer, index) =>
      finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)
        ? []
        : [
            invalidField(
              `${field}[${String(index)}]`,
              finalizer,
              'name is neither a standard finalizer name nor is it fully qualified',
            ),
          ],
    ),
  ];
  if (finalizers.includes(FOREGROUND) && finalizers.includes(ORPHAN)) {
    const says = `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`;
    errors.push(invalidField(field, finalizers, says));
  }
  return errors;
}

const namespaceErrors = (meta: ObjectMeta, namespaced: boolean): StatusCause[] => {
  const field = 'metadata.namespace';
  if (!namespaced) return meta.namespace ? [forbidden(field, 'not allowed on this type')] : [];
  return meta.namespace ? against(dnsLabel, field, meta.namespace) : [required(field)];
};

/** What a name prefix is checked as: the random part that follows it makes a last hyphen good. */
const asPrefix = (prefix: string): string => (prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix);

/** Of a new object, its name made already. */
export function metadataErrors(object: KubeObject, namespaced: boolean, rule: NameRule): StatusCause[] {
  const meta = object.metadata ?? {};
  const generate = meta.generateName ?? '';
  return [
    ...(generate === ''
      ? []
      : rule(asPrefix(generate)).map((says) => invalidField('metadata.generateName', generate, says))),
    ...(meta.name
      ? against(rule, 'metadata.name', meta.name)
      : [required('metadata.name', 'name or generateName is required')]),
    ...namespaceErrors(meta, namespaced),
    ...nonNegative('metadata.generation', meta.generation),
    ...labelErrors(meta.labels, 'metadata.labels'),
    ...annotationErrors(meta.annotations, 'metadata.annotations'),
    ...ownerErrors(meta),
    ...finalizerErrors(meta),
  ];
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Of a change to an object, beside what is wrong with the object itself. */
export function metadataUpdateErrors(object: KubeObject, old: KubeObject): StatusCause[] {
  const meta = object.metadata ?? {};
  const before = old.metadata ?? {};
  const had = new Set(before.finalizers);
  const added = (meta.finalizers ?? []).filter((finalizer) => !had.has(finalizer));
  const errors = IMMUTABLE.flatMap((key) => immutable(`metadata.${key}`, meta[key], before[key]));
  if (before.deletionTimestamp !== undefined && added.length > 0) {
    const names = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
    const says = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`;
    errors.unshift(forbidden('metadata.finalizers', says));
  }
  return errors;
}

/** Of a name that is good, but not as a host name. `why`: what it is used for. */
export function surprisingName(name: string, why: string): string[] {
  const says = dnsLabel(name);
  if (says.length === 0) return [];
  return [
    `metadata.name: ${why}, which can result in surprising behavior; a DNS label is recommended: [${says.join(' ')}]`,
  ];
}
