// Makes a Kind from what is its own: the rest is the same for every kind. No IO.
import type { KubeObject } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import type { Kind, ResourceType, TableColumn, TableRowCondition } from './kind.ts';
import { metadataErrors, metadataUpdateErrors } from './metadata.ts';
import type { NameRule } from './names.ts';

interface KindParts<T extends KubeObject> {
  type: ResourceType;
  nameRule: NameRule;
  columns: readonly TableColumn[];
  /** What is undefined is shown as "". */
  cells(object: T, now: number): (string | number | undefined)[];
  rowConditions?(object: T): TableRowCondition[] | undefined;
  applyDefaults?(object: T): void;
  prepareForCreate?(object: T): void;
  /** What a write of the object itself (not of its status) may not change is taken from `old`, in place. */
  prepareForUpdate?(object: T, old: T): void;
  /** What a write of the status may not leave out is taken from `old`, in place. */
  prepareForStatusUpdate?(object: T, old: T): void;
  /** What may surprise whoever creates it. */
  warnings?(object: T): string[];
  /** What is wrong with all but the metadata, be it new or changed. */
  errors?(object: T): StatusCause[];
  /** What is wrong with a change that leaves a good object. */
  updateErrors?(object: T, old: T): StatusCause[];
  /** @throws Refusal (501) for a good object that asks for what the embedded cluster does not do. */
  refuseUnsupported?(object: T): void;
  /** What is undefined is selected by "". */
  selectableFields?(object: T): Record<string, string | undefined>;
}

export function defineKind<T extends KubeObject>(parts: KindParts<T>): Kind<T> {
  const { type, nameRule, columns } = parts;
  const hasStatus = type.subresources.includes('status');
  const judge = (object: T, errors: StatusCause[]): StatusCause[] => {
    if (errors.length === 0) parts.refuseUnsupported?.(object);
    return errors;
  };
  return {
    type,
    columns,
    cells: (object, now) => parts.cells(object, now).map((cell) => cell ?? ''),
    rowConditions: (object) => parts.rowConditions?.(object),
    applyDefaults: (object) => parts.applyDefaults?.(object),
    prepareForCreate: (object) => parts.prepareForCreate?.(object),
    prepareForUpdate(object, old, subresource) {
      if (subresource === 'status') {
        keepAllButStatus(object, old);
        parts.prepareForStatusUpdate?.(object, old);
        return;
      }
      if (hasStatus) keep(object, old, 'status');
      parts.prepareForUpdate?.(object, old);
    },
    validateCreate: (object) =>
      judge(object, [
        ...metadataErrors(object, type.namespaced, nameRule),
        ...(parts.errors?.(object) ?? []),
      ]),
    validateUpdate: (object, old) =>
      judge(object, [
        ...metadataErrors(object, type.namespaced, nameRule),
        ...(parts.errors?.(object) ?? []),
        ...metadataUpdateErrors(object, old),
        ...(parts.updateErrors?.(object, old) ?? []),
      ]),
    warnings: (object) => parts.warnings?.(object) ?? [],
    selectableFields: (object) =>
      Object.fromEntries(
        Object.entries(parts.selectableFields?.(object) ?? {}).map(([field, value]) => [field, value ?? '']),
      ),
  };
}

function keep(object: object, old: object, key: string): void {
  const value: unknown = Reflect.get(old, key);
  if (value === undefined) Reflect.deleteProperty(object, key);
  else Reflect.set(object, key, value);
}

/** Of metadata, a status write changes labels, annotations and finalizers. */
function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const key of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (key !== 'status' && key !== 'metadata') keep(object, old, key);
  }
  if (object.metadata) keep(object.metadata, old.metadata ?? {}, 'ownerReferences');
}

/** metadata.generation counts the changes of the spec. */
export function countGeneration<T extends KubeObject & { spec?: unknown }>(
  object: T,
  old: T,
  changed: (left: unknown, right: unknown) => boolean,
): void {
  const before = old.metadata?.generation ?? 0;
  (object.metadata ??= {}).generation = changed(object.spec, old.spec) ? before + 1 : before;
}
