// A container's environment: what its pod says, on top of a few of the user's own variables. No IO: config maps come
// as an argument.
import type { V1Container, V1EnvVarSource, V1ObjectFieldSelector } from '@kubernetes/client-node';
import type { Pod, Wire } from '../../kube/wire.ts';
import type { Stored } from '../objects.ts';
import { expand } from './expansion.ts';

export type Container = Wire<V1Container>;
export type Variables = Record<string, string>;

/** The container cannot be configured (yet): the kubelet's CreateContainerConfigError, with its message. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

/** `data` of the pod's namespace's config map; undefined when there is none. */
export type ConfigMapData = (name: string) => Readonly<Record<string, string>> | undefined;

const INHERITED = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR)$/;

/**
 * What an image gives its containers, here comes from the user who runs the cluster: where programs are, who they are,
 * which language they speak. Nothing else, so that no secret of theirs gets into a pod by accident.
 */
export function inheritedFrom(environment: Readonly<Record<string, string | undefined>>): Variables {
  const inherited: Variables = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && INHERITED.test(name)) inherited[name] = value;
  }
  return inherited;
}

/** `envFrom`, then `env` in its order, each expanded from those before it. @throws ContainerConfigError */
export function variablesOf(pod: Stored<Pod>, container: Container, configMap: ConfigMapData): Variables {
  const variables = new Map<string, string>();
  for (const from of container.envFrom ?? []) {
    if (from.secretRef) throw missingSecret(from.secretRef.name);
    if (!from.configMapRef) continue;
    const { name = '', optional } = from.configMapRef;
    const data = configMap(name);
    if (!data && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
    for (const [key, value] of Object.entries(data ?? {})) variables.set((from.prefix ?? '') + key, value);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom
      ? valueFromSource(pod, valueFrom, configMap)
      : expand(value ?? '', (other) => variables.get(other));
    if (found !== undefined) variables.set(name, found);
  }
  return Object.fromEntries(variables);
}

const missingSecret = (name = ''): ContainerConfigError =>
  new ContainerConfigError(`secret "${name}" not found`);

function valueFromSource(
  pod: Stored<Pod>,
  source: Wire<V1EnvVarSource>,
  configMap: ConfigMapData,
): string | undefined {
  if (source.fieldRef) return fieldOf(pod, source.fieldRef);
  if (source.secretKeyRef) {
    if (source.secretKeyRef.optional) return undefined;
    throw missingSecret(source.secretKeyRef.name);
  }
  if (!source.configMapKeyRef) {
    throw new ContainerConfigError(
      `valueFrom ${Object.keys(source).join(', ')} is not supported by this node`,
    );
  }
  const { name = '', key, optional } = source.configMapKeyRef;
  const data = configMap(name);
  const value = data?.[key];
  if (value !== undefined || optional) return value;
  throw new ContainerConfigError(
    data
      ? `couldn't find key ${key} in ConfigMap ${pod.metadata.namespace ?? ''}/${name}`
      : `configmap "${name}" not found`,
  );
}

const SUBSCRIPT = /^metadata\.(labels|annotations)\['([^']*)'\]$/;

const FIELDS: Readonly<Record<string, (pod: Stored<Pod>) => string | undefined>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace,
  'metadata.uid': ({ metadata }) => metadata.uid,
  'spec.nodeName': ({ spec }) => spec?.nodeName,
  'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName,
  'status.hostIP': () => POD_IP,
  'status.hostIPs': () => POD_IP,
  'status.podIP': () => POD_IP,
  'status.podIPs': () => POD_IP,
};

function fieldOf(pod: Stored<Pod>, { fieldPath }: Wire<V1ObjectFieldSelector>): string {
  const [, map, key = ''] = SUBSCRIPT.exec(fieldPath) ?? [];
  if (map !== undefined) return pod.metadata[map as 'labels' | 'annotations']?.[key] ?? '';
  const read = Object.hasOwn(FIELDS, fieldPath) ? FIELDS[fieldPath] : undefined;
  if (!read) throw new ContainerConfigError(`unsupported fieldPath: ${fieldPath}`);
  return read(pod) ?? '';
}

/** Every pod shares the machine's network. */
export const POD_IP = '127.0.0.1';

/** argv, expanded; empty when the pod leaves it to the image. */
export function commandOf(container: Container, variables: Variables): string[] {
  if (!container.command?.length) return [];
  return [...container.command, ...(container.args ?? [])].map((word) =>
    expand(word, (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined)),
  );
}
