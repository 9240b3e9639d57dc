// What PodSecurity's profile "restricted" forbids. A Job that breaks it is accepted, and then its pods are refused, one by one
// and in silence: so it is found out here. No IO.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/ and k8s.io/pod-security-admission/policy
import type { Job } from '../../kube/wire.ts';
import type { Rule } from './problem.ts';
import { broken, isMapping, problem } from './problem.ts';

type PodTemplate = NonNullable<Job['spec']>['template'];

const WHERE = ' (PodSecurity "restricted")';
const rule = (field: string, expected: string, allows: Rule['allows']): Rule => ({
  field,
  expected: expected + WHERE,
  allows,
});

const oneOf = (field: string, values: readonly string[]): Rule =>
  rule(field, `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`, (value) =>
    values.includes(String(value)),
  );
const not = (field: string, refused: boolean): Rule =>
  rule(field, String(!refused), (value) => value !== refused);
const empty = (field: string): Rule => rule(field, 'to be left out', (value) => value === '');

const PROFILES = ['RuntimeDefault', 'Localhost'];

/** Of a pod's securityContext and of a container's alike. */
const CONTEXT_RULES: Rule[] = [
  not('securityContext.runAsNonRoot', false),
  rule('securityContext.runAsUser', 'a user other than 0', (value) => value !== 0),
  oneOf('securityContext.seccompProfile.type', PROFILES),
  oneOf('securityContext.appArmorProfile.type', PROFILES),
  oneOf('securityContext.seLinuxOptions.type', [
    '',
    'container_t',
    'container_init_t',
    'container_kvm_t',
    'container_engine_t',
  ]),
  empty('securityContext.seLinuxOptions.user'),
  empty('securityContext.seLinuxOptions.role'),
  not('securityContext.windowsOptions.hostProcess', true),
];

const POD_RULES: Rule[] = [
  not('hostNetwork', true),
  not('hostPID', true),
  not('hostIPC', true),
  ...CONTEXT_RULES,
];

const CONTAINER_RULES: Rule[] = [
  not('securityContext.privileged', true),
  not('securityContext.allowPrivilegeEscalation', true),
  rule(
    'securityContext.capabilities.add',
    'NET_BIND_SERVICE alone',
    (value) => Array.isArray(value) && value.every((capability) => capability === 'NET_BIND_SERVICE'),
  ),
  oneOf('securityContext.procMount', ['Default']),
  ...CONTEXT_RULES,
  ...['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'].flatMap(
    (handler) => [empty(`${handler}.httpGet.host`), empty(`${handler}.tcpSocket.host`)],
  ),
];

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

const SYSCTLS = oneOf('name', [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);
const HOST_PORT = rule('hostPort', '0', (value) => value === 0);

const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';

/** Every field that makes the pods of `template` break the profile. Types are right already. */
export function podSecurityProblems(template: PodTemplate | undefined): string[] {
  const spec = template?.spec;
  const at = 'spec.template.spec';
  return [
    ...apparmorProblems(template?.metadata?.annotations ?? {}),
    ...broken(POD_RULES, spec, at),
    ...each(spec?.securityContext?.sysctls, `${at}.securityContext.sysctls`, [SYSCTLS]),
    ...(spec?.volumes ?? []).flatMap((volume, index) =>
      volumeProblems(volume, `${at}.volumes[${String(index)}]`),
    ),
    ...containerProblems(spec?.initContainers, `${at}.initContainers`),
    ...containerProblems(spec?.containers, `${at}.containers`),
  ];
}

const each = (items: readonly unknown[] | undefined, at: string, rules: readonly Rule[]): string[] =>
  (items ?? []).flatMap((item, index) => broken(rules, item, `${at}[${String(index)}]`));

const containerProblems = (
  containers: readonly { ports?: unknown[] }[] | undefined,
  at: string,
): string[] => [
  ...each(containers, at, CONTAINER_RULES),
  ...(containers ?? []).flatMap(({ ports }, index) =>
    each(ports, `${at}[${String(index)}].ports`, [HOST_PORT]),
  ),
];

/** A volume of no kind at all is an emptyDir. */
function volumeProblems(volume: unknown, at: string): string[] {
  const kinds = isMapping(volume) ? Object.keys(volume).filter((key) => key !== 'name') : [];
  return kinds
    .filter((kind) => !VOLUMES.includes(kind))
    .map((kind) => `${at}.${kind}: expected a volume of ${VOLUMES.join(', ')}${WHERE}`);
}

const apparmorProblems = (annotations: Record<string, string>): string[] =>
  Object.entries(annotations)
    .filter(
      ([key, profile]) =>
        key.startsWith(APPARMOR_PREFIX) && !/^(|runtime\/default|localhost\/.*)$/.test(profile),
    )
    .map(([key, profile]) =>
      problem(
        `spec.template.metadata.annotations.${key}`,
        `runtime/default or localhost/...${WHERE}`,
        profile,
      ),
    );
