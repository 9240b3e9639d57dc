// Which resource, object or subresource a path names. No IO.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
import { kindOf, type Kind } from '../../kinds/index.ts';
import { badRequest } from '../../status.ts';

export interface RequestPath {
  kind: Kind;
  /** Undefined: all of them, or none to speak of. */
  namespace: string | undefined;
  /** Undefined for the whole collection. */
  name: string | undefined;
  /** "" for the object itself. */
  subresource: string;
}

/** Undefined where nothing is. Throws Refusal (400). */
export function placeOf(path: string): RequestPath | undefined {
  const segments = path.split('/').slice(1).map(decoded);
  if (segments.at(-1) === '') segments.pop();
  const [root, ...rest] = segments;
  if (root === 'api') return within('', rest);
  if (root === 'apis') return within(rest.shift() ?? '', rest);
  return undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path has a malformed escape: ${segment}`);
  }
}

function within(group: string, [version = '', ...rest]: readonly string[]): RequestPath | undefined {
  const [first, namespace, plural, ...below] = rest;
  // /namespaces/NS/PLURAL; what is no resource is a subresource of the namespace itself.
  if (first === 'namespaces' && namespace && plural) {
    const kind = kindOf(group, version, plural);
    if (kind?.type.namespaced) return placed(kind, namespace, below);
  }
  const kind = kindOf(group, version, first ?? '');
  if (!kind) return undefined;
  // An object of a namespaced resource is found only in its namespace.
  if (kind.type.namespaced && rest.length > 1) return undefined;
  return placed(kind, undefined, rest.slice(1));
}

function placed(
  kind: Kind,
  namespace: string | undefined,
  [name, subresource, ...more]: readonly string[],
): RequestPath | undefined {
  if (more.length > 0 || name === '' || subresource === '') return undefined;
  return { kind, namespace, name, subresource: subresource ?? '' };
}
