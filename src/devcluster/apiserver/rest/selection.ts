// Which objects of a resource a list, a watch or a deletecollection means. No IO.
import type { KubeObject } from '../../../kube/wire.ts';
import { parseFieldSelector, parseLabelSelector, type Kind } from '../../kinds/index.ts';

export interface Selection {
  namespace: string | undefined;
  matches(object: KubeObject): boolean;
  /** Whether it is the whole resource, or the whole namespace of it. */
  whole: boolean;
}

/** Throws Refusal (400). */
export function selectionOf(kind: Kind, namespace: string | undefined, query: URLSearchParams): Selection {
  const labels = query.get('labelSelector') || undefined;
  const fields = query.get('fieldSelector') || undefined;
  const labelsMatch = labels === undefined ? undefined : parseLabelSelector(labels);
  const fieldsMatch = fields === undefined ? undefined : parseFieldSelector(fields, kind);
  return {
    namespace,
    whole: !labelsMatch && !fieldsMatch,
    matches: (object) =>
      (namespace === undefined || object.metadata?.namespace === namespace) &&
      (labelsMatch?.(object.metadata?.labels) ?? true) &&
      (fieldsMatch?.(object) ?? true),
  };
}
