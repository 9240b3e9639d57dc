// PodSecurity "restricted": what would make a template's pods be refused one by one is refused at the start.
import { expect } from 'chai';
import { stringify } from 'yaml';
import { parseTemplate, TemplateError } from '../../src/jobs/template/job-template.ts';

const problemsOf = (spec: object, annotations: object = {}): readonly string[] => {
  const text = stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: { template: { metadata: { annotations }, spec } },
  });
  try {
    parseTemplate(text, 'pool', 'worker:1');
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
  return [];
};

const POD: [string, object, object][] = [
  ['hostNetwork', { hostNetwork: true }, { hostNetwork: false }],
  ['hostPID', { hostPID: true }, { hostPID: false }],
  ['hostIPC', { hostIPC: true }, { hostIPC: false }],
  [
    'volumes[0].hostPath',
    { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    { volumes: [{ name: 'v', emptyDir: {} }] },
  ],
  [
    'volumes[0].nfs',
    { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] },
    { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
  ],
  [
    'securityContext.sysctls[0].name',
    { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } },
  ],
];

/** The same for a pod and for a container. */
const CONTEXT: [string, object, object][] = [
  ['runAsNonRoot', { runAsNonRoot: false }, { runAsNonRoot: true }],
  ['runAsUser', { runAsUser: 0 }, { runAsUser: 1 }],
  [
    'seccompProfile.type',
    { seccompProfile: { type: 'Unconfined' } },
    { seccompProfile: { type: 'Localhost' } },
  ],
  [
    'appArmorProfile.type',
    { appArmorProfile: { type: 'Unconfined' } },
    { appArmorProfile: { type: 'RuntimeDefault' } },
  ],
  ['seLinuxOptions.type', { seLinuxOptions: { type: 'spc_t' } }, { seLinuxOptions: { type: 'container_t' } }],
  ['seLinuxOptions.user', { seLinuxOptions: { user: 'u' } }, { seLinuxOptions: { user: '' } }],
  ['seLinuxOptions.role', { seLinuxOptions: { role: 'r' } }, { seLinuxOptions: { level: 's0' } }],
  [
    'windowsOptions.hostProcess',
    { windowsOptions: { hostProcess: true } },
    { windowsOptions: { hostProcess: false } },
  ],
];

const CONTAINER: [string, object, object][] = [
  ...CONTEXT.map(([field, bad, good]): [string, object, object] => [
    `securityContext.${field}`,
    { securityContext: bad },
    { securityContext: good },
  ]),
  [
    'securityContext.privileged',
    { securityContext: { privileged: true } },
    { securityContext: { privileged: false } },
  ],
  [
    'securityContext.allowPrivilegeEscalation',
    { securityContext: { allowPrivilegeEscalation: true } },
    { securityContext: { allowPrivilegeEscalation: false } },
  ],
  [
    'securityContext.capabilities.add',
    { securityContext: { capabilities: { add: ['NET_BIND_SERVICE', 'SYS_ADMIN'] } } },
    { securityContext: { capabilities: { add: ['NET_BIND_SERVICE'], drop: ['NET_RAW'] } } },
  ],
  [
    'securityContext.procMount',
    { securityContext: { procMount: 'Unmasked' } },
    { securityContext: { procMount: 'Default' } },
  ],
  [
    'ports[0].hostPort',
    { ports: [{ containerPort: 80, hostPort: 80 }] },
    { ports: [{ containerPort: 80, hostPort: 0 }] },
  ],
  [
    'livenessProbe.httpGet.host',
    { livenessProbe: { httpGet: { port: 1, host: 'h' } } },
    { livenessProbe: { httpGet: { port: 1 } } },
  ],
  [
    'lifecycle.preStop.tcpSocket.host',
    { lifecycle: { preStop: { tcpSocket: { port: 1, host: 'h' } } } },
    { lifecycle: { preStop: { tcpSocket: { port: 1 } } } },
  ],
];

const cases: [string, object, object][] = [
  ...POD,
  ...CONTEXT.map(([field, bad, good]): [string, object, object] => [
    `securityContext.${field}`,
    { securityContext: bad },
    { securityContext: good },
  ]),
  ...CONTAINER.map(([field, bad, good]): [string, object, object] => [
    `containers[0].${field}`,
    { containers: [bad] },
    { containers: [good] },
  ]),
  ...CONTAINER.map(([field, bad, good]): [string, object, object] => [
    `initContainers[1].${field}`,
    {
      initContainers: [
        { name: 'a', image: 'i' },
        { name: 'b', image: 'i', ...bad },
      ],
    },
    {
      initContainers: [
        { name: 'a', image: 'i' },
        { name: 'b', image: 'i', ...good },
      ],
    },
  ]),
];

describe('a template that PodSecurity "restricted" would refuse', () => {
  for (const [field, bad, good] of cases)
    it(`is refused for ${field}, and only for what is forbidden there`, () => {
      const problems = problemsOf(bad);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.contain('(PodSecurity "restricted")');
      expect(problems[0]?.split(': ')[0]).to.equal(`spec.template.spec.${field}`);
      expect(problemsOf(good)).to.deep.equal([]);
    });

  it('is refused for an AppArmor annotation that turns the profile off', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/job';
    expect(problemsOf({}, { [key]: 'unconfined' })).to.have.length(1);
    expect(problemsOf({}, { [key]: 'localhost/mine' })).to.deep.equal([]);
  });
});
