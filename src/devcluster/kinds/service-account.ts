// ServiceAccounts: names alone, since nothing here needs a token. No IO.
import type { V1ServiceAccount } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import { AGE, NAME } from './columns.ts';
import { defineKind } from './define.ts';
import { age } from './human-duration.ts';
import { dnsSubdomain } from './names.ts';
import { SERVICE_ACCOUNTS } from './resource-types.ts';

export const serviceAccountKind = defineKind<Wire<V1ServiceAccount>>({
  type: SERVICE_ACCOUNTS,
  nameRule: dnsSubdomain,
  columns: [NAME, AGE],
  cells: ({ metadata }, now) => [metadata?.name, age(metadata?.creationTimestamp, now)],
});
