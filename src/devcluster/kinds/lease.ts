// Leases: who leads, and since when. No IO.
import type { V1Lease } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import { AGE, NAME, shown } from './columns.ts';
import { defineKind } from './define.ts';
import { invalidField, nonNegative } from './field-error.ts';
import { age } from './human-duration.ts';
import { dnsSubdomain } from './names.ts';
import { LEASES } from './resource-types.ts';

type Lease = Wire<V1Lease>;

function errors({ spec = {} }: Lease): StatusCause[] {
  const found = nonNegative('spec.leaseTransitions', spec.leaseTransitions);
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) {
    found.unshift(
      invalidField('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'),
    );
  }
  return found;
}

export const leaseKind = defineKind<Lease>({
  type: LEASES,
  nameRule: dnsSubdomain,
  columns: [NAME, shown('Holder', 'Who holds the lease.'), AGE],
  cells: ({ metadata, spec }, now) => [
    metadata?.name,
    spec?.holderIdentity,
    age(metadata?.creationTimestamp, now),
  ],
  applyDefaults(lease) {
    lease.spec ??= {};
    // Coordinated leader election is off, as it is in Kubernetes by default: its fields are not kept.
    delete lease.spec.strategy;
    delete lease.spec.preferredHolder;
  },
  errors,
});
