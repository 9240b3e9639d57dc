// Parts of the Kubernetes API that clients know of and the embedded cluster does not have: they are said to be missing,
// rather than not found. No IO.
import { notImplemented } from '../../status.ts';

/** Who may do what is not decided here: the one token may do everything. */
const GROUPS: readonly string[] = ['authentication.k8s.io', 'authorization.k8s.io'];

/** Throws Refusal (501). */
export function notServedAt(path: string): void {
  const [, root, group = '', , resource] = path.split('/');
  if (root === 'apis' && resource !== undefined && GROUPS.includes(group)) {
    throw notImplemented(`${resource} of the API group "${group}"`);
  }
}
