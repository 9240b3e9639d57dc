// Namespaces. No IO.
import type { V1Namespace } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import { AGE, NAME, shown } from './columns.ts';
import { defineKind } from './define.ts';
import { invalidField } from './field-error.ts';
import { age } from './human-duration.ts';
import { dnsLabel } from './names.ts';
import { NAMESPACES } from './resource-types.ts';

export type Namespace = Wire<V1Namespace>;

const NAME_LABEL = 'kubernetes.io/metadata.name';
/** Stands until the namespace is empty. */
const FINALIZER = 'kubernetes';

export const namespaceKind = defineKind<Namespace>({
  type: NAMESPACES,
  nameRule: dnsLabel,
  columns: [NAME, shown('Status', 'Active, or Terminating once it is being deleted.'), AGE],
  cells: ({ metadata, status }, now) => [
    metadata?.name,
    status?.phase,
    age(metadata?.creationTimestamp, now),
  ],
  applyDefaults(namespace) {
    const name = namespace.metadata?.name;
    if (name) (namespace.metadata ??= {}).labels = { ...namespace.metadata.labels, [NAME_LABEL]: name };
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: [...new Set([...finalizers, FINALIZER])] };
  },
  prepareForUpdate(namespace, old) {
    // They change through namespaces/finalize alone.
    if (old.spec) namespace.spec = old.spec;
  },
  updateErrors({ metadata, status }) {
    const isActive = metadata?.deletionTimestamp === undefined;
    const phase = isActive ? 'Active' : 'Terminating';
    if (status?.phase === phase) return [];
    const says = `may only be '${phase}' if \`deletionTimestamp\` is ${isActive ? '' : 'not '}empty`;
    return [invalidField('status.Phase', status?.phase ?? '', says)];
  },
  selectableFields: ({ metadata, status }) => ({
    name: metadata?.name,
    'status.phase': status?.phase,
  }),
});
