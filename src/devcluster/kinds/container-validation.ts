// What a container has to be, and what of it the embedded cluster does not do. No IO.
// Kubernetes' pkg/apis/core/validation, for the parts that the embedded cluster runs.
import type { V1ContainerPort, V1EnvFromSource, V1EnvVar } from '@kubernetes/client-node';
import type { Wire } from '../../kube/wire.ts';
import type { StatusCause } from '../status.ts';
import {
  against,
  duplicate,
  invalidField,
  notFoundField,
  notSupported,
  oneOf,
  required,
} from './field-error.ts';
import { configMapKey, dnsLabel, dnsSubdomain, envName, portName, qualifiedName } from './names.ts';
import type { Container, PodSpec } from './pod-spec-defaults.ts';
import { isMore } from './quantity.ts';

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const HIGHEST_PORT = 65_535;

const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** A pod has them, an environment not. */
const OTHER_FIELD_PATHS = [
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
];

export function containerErrors(container: Container, field: string, spec: PodSpec): StatusCause[] {
  return [
    ...(container.name ? against(dnsLabel, `${field}.name`, container.name) : [required(`${field}.name`)]),
    ...(container.image ? [] : [required(`${field}.image`)]),
    ...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES),
    ...portErrors(container.ports ?? [], `${field}.ports`),
    ...envErrors(container.env ?? [], `${field}.env`),
    ...envFromErrors(container.envFrom ?? [], `${field}.envFrom`),
    ...mountErrors(container, `${field}.volumeMounts`, spec),
    ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES),
    ...resourceErrors(container, `${field}.resources`),
  ];
}

const portNumber = (field: string, port: number): StatusCause[] =>
  port < 1 || port > HIGHEST_PORT
    ? [invalidField(field, port, 'must be between 1 and 65535, inclusive')]
    : [];

function portErrors(ports: readonly Wire<V1ContainerPort>[], field: string): StatusCause[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `${field}[${String(index)}]`;
    const wrongName = port.name ? against(portName, `${at}.name`, port.name) : [];
    if (port.name && wrongName.length === 0) {
      if (names.has(port.name)) wrongName.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    return [
      ...wrongName,
      ...(port.containerPort
        ? portNumber(`${at}.containerPort`, port.containerPort)
        : [required(`${at}.containerPort`)]),
      ...(port.hostPort ? portNumber(`${at}.hostPort`, port.hostPort) : []),
      ...oneOf(`${at}.protocol`, port.protocol, PROTOCOLS),
    ];
  });
}

const envErrors = (env: readonly Wire<V1EnvVar>[], field: string): StatusCause[] =>
  env.flatMap((variable, index) => {
    const at = `${field}[${String(index)}]`;
    return [
      ...(variable.name ? against(envName, `${at}.name`, variable.name) : [required(`${at}.name`)]),
      ...valueFromErrors(variable, `${at}.valueFrom`),
    ];
  });

function valueFromErrors({ value, valueFrom }: Wire<V1EnvVar>, field: string): StatusCause[] {
  if (!valueFrom) return [];
  const sources = Object.values(valueFrom).filter((source) => source !== undefined);
  const found = [
    ...fieldRefErrors(valueFrom.fieldRef?.fieldPath, `${field}.fieldRef`),
    ...keyRefErrors(valueFrom.configMapKeyRef, `${field}.configMapKeyRef`),
    ...keyRefErrors(valueFrom.secretKeyRef, `${field}.secretKeyRef`),
  ];
  if (sources.length === 0) {
    const says =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    found.push(invalidField(field, '', says));
  } else if (value) {
    found.push(invalidField(field, '', 'may not be specified when `value` is not empty'));
  } else if (sources.length > 1) {
    found.push(invalidField(field, '', 'may not have more than one field specified at a time'));
  }
  return found;
}

function fieldRefErrors(path: string | undefined, field: string): StatusCause[] {
  if (path === undefined) return [];
  if (path === '') return [required(`${field}.fieldPath`)];
  const [, map, key = ''] = /^(.+)\['([^']*)'\]$/.exec(path) ?? [];
  if (map === 'metadata.annotations') return against(qualifiedName, field, key.toLowerCase());
  if (map === 'metadata.labels') return against(qualifiedName, field, key);
  if (map !== undefined) return [invalidField(field, map, 'does not support subscript')];
  if (FIELD_PATHS.includes(path)) return [];
  if (OTHER_FIELD_PATHS.includes(path)) return [notSupported(`${field}.fieldPath`, path, FIELD_PATHS)];
  const says = `error converting fieldPath: field label not supported: ${path}`;
  return [invalidField(`${field}.fieldPath`, path, says)];
}

function keyRefErrors(ref: { name?: string; key: string } | undefined, field: string): StatusCause[] {
  if (!ref) return [];
  return [
    ...against(dnsSubdomain, `${field}.name`, ref.name ?? ''),
    ...(ref.key ? against(configMapKey, `${field}.key`, ref.key) : [required(`${field}.key`)]),
  ];
}

const envFromErrors = (sources: readonly Wire<V1EnvFromSource>[], field: string): StatusCause[] =>
  sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${field}[${String(index)}]`;
    const found = [
      ...(prefix ? against(envName, `${at}.prefix`, prefix) : []),
      ...(configMapRef && !configMapRef.name ? [required(`${at}.configMapRef.name`)] : []),
      ...(secretRef && !secretRef.name ? [required(`${at}.secretRef.name`)] : []),
    ];
    if (!configMapRef && !secretRef) {
      found.push(invalidField(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef && secretRef) {
      found.push(invalidField(field, '', 'may not have more than one field specified at a time'));
    }
    return found;
  });

function mountErrors(
  { volumeMounts = [] }: Container,
  field: string,
  { volumes = [] }: PodSpec,
): StatusCause[] {
  const paths = new Set<string>();
  return volumeMounts.flatMap(({ name, mountPath }, index) => {
    const at = `${field}[${String(index)}]`;
    const found: StatusCause[] = name ? [] : [required(`${at}.name`)];
    if (!volumes.some((volume) => volume.name === name)) found.push(notFoundField(`${at}.name`, name));
    if (!mountPath) found.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) found.push(invalidField(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    return found;
  });
}

function resourceErrors({ resources }: Container, field: string): StatusCause[] {
  const limits = resources?.limits ?? {};
  const negative = (['limits', 'requests'] as const).flatMap((list) =>
    Object.entries(resources?.[list] ?? {})
      .filter(([, quantity]) => isMore('0', quantity))
      .map(([name, quantity]) =>
        invalidField(`${field}.${list}[${name}]`, quantity, 'must be greater than or equal to 0'),
      ),
  );
  const excessive = Object.entries(resources?.requests ?? {}).flatMap(([name, quantity]) => {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (limit === undefined || !isMore(quantity, limit)) return [];
    const says = `must be less than or equal to ${name} limit of ${limit}`;
    return [invalidField(`${field}.requests`, quantity, says)];
  });
  return [...negative, ...excessive];
}

const UNSUPPORTED = [
  'lifecycle',
  'livenessProbe',
  'readinessProbe',
  'restartPolicy',
  'restartPolicyRules',
  'startupProbe',
  'stdin',
  'tty',
  'volumeDevices',
  'volumeMounts',
] as const satisfies readonly (keyof Container)[];

/** The first part of it that nothing here would heed; undefined when there is none. */
export function unsupportedInContainer(container: Container): string | undefined {
  const part = UNSUPPORTED.find((key) => {
    const value: unknown = container[key];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
  if (part !== undefined) return part;
  const index = (container.env ?? []).findIndex(
    ({ valueFrom }) => valueFrom?.resourceFieldRef !== undefined || valueFrom?.fileKeyRef !== undefined,
  );
  return index === -1 ? undefined : `env[${String(index)}].valueFrom other than fieldRef and configMapKeyRef`;
}
