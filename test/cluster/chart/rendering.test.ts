// What helm makes of the chart, and of values that are wrong. No pods run.
import { expect } from 'chai';
import { readFile, rm } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { freshFolder } from '../../support/portico.ts';
import { theCluster } from '../current.ts';
import { run } from '../inside/processes.ts';
import { CHART, type Helm, helmIn, MANIFEST, RENDER } from './helm.ts';

/** What is wrong, and what is said of it. */
const WRONG: [flags: string[], said: RegExp][] = [
  [['--set=replica=3'], /additional properties 'replica' not allowed/],
  [['--set=replicas=many'], /'\/replicas': got string, want integer/],
  [['--set=replicas=-1'], /'\/replicas': minimum: got -1, want 0/],
  [['--set=address=example.com'], /'\/address'.*'example.com' is not valid ipv4/s],
  [['--set=image.repository=registry.example/portico:1'], /'\/image\/repository'.*does not match pattern/],
  [['--set=image.digest=latest'], /'\/image\/digest'.*does not match pattern.*sha256/],
  [
    ['--set=image.pullPolicy=Sometimes'],
    /'\/image\/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'/,
  ],
  [['--set=resources.limits.memory=plenty'], /'\/resources\/limits\/memory'.*does not match pattern/],
  [['--set=service.port=0'], /'\/service\/port': minimum: got 0, want 1/],
  [
    ['--set=service.type=ExternalName'],
    /'\/service\/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'/,
  ],
  [['--set=workers.declared=gpu'], /'\/workers\/declared': got string, want array/],
  [['--set=workers.declared={a b}'], /'\/workers\/declared\/0'.*does not match pattern/],
  [['--set=workers.label=not a label'], /'\/workers\/label'.*does not match pattern/],
  [['--set=jobs.namespace.name=Jobs'], /'\/jobs\/namespace\/name'.*does not match pattern/],
  [
    ['--set=jobs.namespace.name=there'],
    /jobs.namespace.name: expected a namespace that has nothing but jobs in it, got "there"/,
  ],
  [
    [`--set=fullnameOverride=${'x'.repeat(50)}`, `--namespace=${'y'.repeat(20)}`],
    /jobs.namespace.name: expected a name, since the one made of the release's is longer than 63/,
  ],
  [['--set=jobs.retentionSeconds=0'], /'\/jobs\/retentionSeconds': minimum: got 0, want 1/],
  [['--set=jobs.template.kind=Job'], /'\/jobs\/template': additional properties 'kind' not allowed/],
  [['--set=jobs.quota.pods=some'], /'\/jobs\/quota\/pods'.*does not match pattern/],
  [['--set=limits.maxJobsPerCaller=5'], /limits.maxJobsPerCaller: expected auth.mode to be token with it/],
  [
    ['--set=webhooks.hosts={a.example}'],
    /webhooks.secretName: expected the Secret that callbacks are signed with/,
  ],
  [['--set=webhooks.hosts={https://a.example/path}'], /'\/webhooks\/hosts\/0'.*does not match pattern/],
  [['--set=tracing.endpoint=collector:4318'], /'\/tracing\/endpoint'.*does not match pattern/],
  [['--set=auth.mode=basic'], /'\/auth\/mode': value must be one of 'none', 'token'/],
  [['--set=limits.bodyBytes=2000000'], /'\/limits\/bodyBytes': maximum: got 2/],
  [['--set-json=lease.seconds=1.5'], /'\/lease\/seconds': got number, want integer/],
  [
    ['--set=log.level=loud'],
    /'\/log\/level': value must be one of 'debug', 'info', 'warn', 'error', 'silent'/,
  ],
  [
    ['--set=metrics.serviceMonitor.interval=often'],
    /'\/metrics\/serviceMonitor\/interval'.*does not match pattern/,
  ],
  [
    ['--kube-version=1.27.0'],
    /chart requires kubeVersion: >=1.28.0-0 which is incompatible with Kubernetes v1.27.0/,
  ],
];

/** Every switch turned. */
const ALL = [
  '--set=auth.mode=token,tls.secretName=tls,jobs.image.digest=sha256:' + '0'.repeat(64),
  '--set=metrics.annotations=true,metrics.serviceMonitor.enabled=true,metrics.rules.enabled=true,metrics.dashboard.enabled=true',
  '--set=jobs.quota.pods=10,jobs.limitRange[0].type=Container,jobs.resources.limits.memory=1Gi,jobs.imagePullSecrets={a}',
  '--set=workers.declared={a,b},limits.maxJobsPerCaller=10,webhooks.hosts={a.example},webhooks.secretName=a,tracing.endpoint=http://a:4318,scheduling.priorityClassName=high',
  '--set=image.pullSecrets={a},podAnnotations.a=b,podLabels.a=b,service.annotations.a=b,serviceAccount.annotations.a=b',
  '--set=scheduling.nodeSelector.a=b,scheduling.tolerations[0].operator=Exists,networkPolicy.jobEgress[0].ports[0].port=53',
];

interface Rendered {
  kind: string;
  metadata: { name: string; namespace?: string };
}

const parseAll = (yaml: string): Rendered[] =>
  parseAllDocuments(yaml)
    .map((document) => document.toJS() as Rendered | null)
    .filter((resource) => resource !== null);

describe('the chart', () => {
  let helm: Helm;
  let program: string;
  let home: string;
  before(async function () {
    ({ helm: program } = theCluster(this).programs);
    home = await freshFolder();
    helm = helmIn(program, home);
  });
  after(() => rm(home, { recursive: true, force: true }));

  it('passes helm lint, with no values and with all', async () => {
    await helm('lint', '--strict', CHART);
    await helm('lint', '--strict', CHART, ...ALL);
  });

  it('is what deploy/portico.yaml was rendered from', async () => {
    const now = await run('env', `HOME=${home}`, `HELM=${program}`, RENDER);
    expect(parseAll(await readFile(MANIFEST, 'utf8'))).to.deep.equal(parseAll(now));
  });

  it('is YAML of known kinds with every value set', async () => {
    const resources = parseAll(await helm('template', 'portico', CHART, '--namespace=here', ...ALL));
    expect(resources.map(({ kind }) => kind)).to.include.members([
      'ServiceMonitor',
      'PrometheusRule',
      'ResourceQuota',
      'LimitRange',
    ]);
  });

  it('names nothing alike for two releases in one namespace, or for one release in two', async () => {
    const namesOf = async (release: string, namespace: string) =>
      parseAll(await helm('template', release, CHART, `--namespace=${namespace}`, ...ALL)).map(
        ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
      );
    const all = [
      ...(await namesOf('portico', 'here')),
      ...(await namesOf('portico', 'there')),
      ...(await namesOf('other', 'here')),
    ];
    // What is made at the end of an uninstallation replaces what was made at its beginning.
    const once = all.filter((name) => !name.endsWith('-uninstalled'));
    expect(once).to.have.length(new Set(once).size);
  });

  for (const [flags, said] of WRONG) {
    it(`refuses ${flags.join(' ').slice(0, 60)}`, async () => {
      const refusal = await helm('template', 'portico', CHART, '--namespace=there', ...flags).then(
        () => 'it is taken',
        (error: unknown) => (error as Error).message,
      );
      expect(refusal).to.match(said);
    });
  }
});
