// The defaults of a pod's spec, be it in a Pod or in a Job's template. In place; filling in twice changes nothing. No IO.
// Kubernetes' pkg/apis/core/v1/defaults.go, for the parts that the embedded cluster runs.
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';

export type PodSpec = Wire<V1PodSpec>;
export type Container = Wire<V1Container>;

const GRACE_SECONDS = 30;

export function applyPodSpecDefaults(spec: PodSpec): void {
  spec.restartPolicy ||= 'Always';
  spec.terminationGracePeriodSeconds ??= GRACE_SECONDS;
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
  // The older name of the same field: both are always there.
  spec.serviceAccountName ||= spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else dropServiceAccount(spec);
  for (const container of spec.containers ?? []) applyContainerDefaults(container);
}

function dropServiceAccount(spec: PodSpec): void {
  delete spec.serviceAccountName;
  delete spec.serviceAccount;
}

function applyContainerDefaults(container: Container): void {
  container.resources ??= {};
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.imagePullPolicy ||= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
  }
}

/** An image without tag and digest is its latest. A colon before a slash is a port. */
function isLatest(image: string): boolean {
  if (image === '' || image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** A limit without a request is a request of as much: of Pods alone, not of templates. */
export function applyRequestDefaults(spec: PodSpec): void {
  for (const { resources } of spec.containers ?? []) {
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
  }
}
