// What a namespace must be for an object to be created in it (k8s.io/apiserver's namespace lifecycle admission). No IO.
import type { KubeObject } from '../../../kube/wire.ts';
import { NAMESPACES } from '../../kinds/resource-types.ts';
import type { Stored } from '../../objects.ts';
import { notFound, Refusal, type Target } from '../../status.ts';

/** What Kubernetes' API server creates when it starts. */
export const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Throws Refusal: NotFound of the namespace, or Forbidden when it is going. */
export function checkNamespace(
  target: Target,
  name: string,
  namespace: Stored<KubeObject> | undefined,
): void {
  if (!namespace) throw notFound({ group: '', plural: NAMESPACES.plural, name });
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const resource = target.group === '' ? target.plural : `${target.plural}.${target.group}`;
  throw new Refusal(
    403,
    'Forbidden',
    `${resource} "${target.name}" is forbidden: unable to create new content in namespace ${name} because it is ` +
      'being terminated',
    {
      name: target.name,
      ...(target.group !== '' && { group: target.group }),
      kind: target.plural,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${name} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );
}

/** What Kubernetes' own parts live in. */
const IMMORTAL = ['default', 'kube-public', 'kube-system'];

/** Throws Refusal (403). */
export function checkMayGo({ metadata: { name } }: Stored): void {
  if (!IMMORTAL.includes(name)) return;
  const { plural } = NAMESPACES;
  const why = `${plural} ${JSON.stringify(name)} is forbidden: this namespace may not be deleted`;
  throw new Refusal(403, 'Forbidden', why, { name, kind: plural });
}
