// Reading the operator's Job template: what it brings, and every way in which it can be wrong.
import { expect } from 'chai';
import { stringify } from 'yaml';
import { defaultTemplate, parseTemplate, TemplateError } from '../../src/jobs/template/job-template.ts';

const POOL = 'example.com/pool';
const HEAD = 'apiVersion: batch/v1\nkind: Job\n';
const read = (rest: string) => parseTemplate(HEAD + rest, POOL, 'worker:1');
const problemsOf = (text: string, image: string | undefined = 'worker:1'): readonly string[] => {
  try {
    parseTemplate(text, POOL, image);
  } catch (error) {
    if (error instanceof TemplateError) return error.problems;
    throw error;
  }
  return [];
};
const podYaml = (spec: object) => HEAD + stringify({ spec: { template: { spec } } });

describe('a template', () => {
  for (const [what, text] of [
    ['an empty file', ''],
    ['nothing but comments', '# nothing\n---\n# yet\n'],
    ['a Job that says nothing', HEAD],
    ['what kubectl adds to a manifest', `${HEAD}metadata: { creationTimestamp: null }\nstatus: {}\n`],
  ] as const)
    it(`brings the default: ${what}`, () => {
      expect(parseTemplate(text, POOL, 'worker:1')).to.deep.equal(defaultTemplate('worker:1'));
    });

  it('brings its marks, its pod and its container, and the image that it names', () => {
    const template = read(`
metadata: { labels: { team: a }, annotations: { note: b } }
spec:
  template:
    metadata: { labels: { cost: c }, annotations: { mesh: d } }
    spec:
      priorityClassName: low
      containers: [{ image: own:2, imagePullPolicy: Always }]
`);
    expect(template).to.deep.equal({
      job: { labels: { team: 'a' }, annotations: { note: 'b' } },
      pod: { labels: { cost: 'c' }, annotations: { mesh: 'd' }, spec: { priorityClassName: 'low' } },
      container: { image: 'own:2', imagePullPolicy: 'Always' },
    });
  });

  it('has the image of the settings when it names none', () => {
    expect(read('spec: { template: { spec: { containers: [{ tty: true }] } } }').container).to.deep.equal({
      image: 'worker:1',
      tty: true,
    });
  });

  it('may use anchors, merge keys and plain numbers as quantities', () => {
    const { container } = read(`
spec:
  template:
    spec:
      containers:
        - resources:
            requests: &small { cpu: 0.5, memory: 1Gi }
            limits: { <<: *small, cpu: 1 }
`);
    expect(container.resources).to.deep.equal({
      requests: { cpu: '0.5', memory: '1Gi' },
      limits: { memory: '1Gi', cpu: '1' },
    });
  });

  it("may repeat what is Portico's own", () => {
    expect(
      problemsOf(
        `${HEAD}${stringify({
          metadata: { labels: { 'app.kubernetes.io/managed-by': 'portico' } },
          spec: {
            backoffLimit: 0,
            completions: 1,
            parallelism: 1,
            suspend: false,
            completionMode: 'NonIndexed',
            podReplacementPolicy: 'Failed',
            podFailurePolicy: {
              rules: [
                { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
                { action: 'FailJob', onExitCodes: { containerName: 'job', operator: 'NotIn', values: [0] } },
              ],
            },
            template: {
              spec: {
                restartPolicy: 'Never',
                shareProcessNamespace: true,
                enableServiceLinks: false,
                automountServiceAccountToken: false,
                containers: [{ name: 'job', terminationMessagePolicy: 'FallbackToLogsOnError' }],
              },
            },
          },
        })}`,
      ),
    ).to.deep.equal([]);
  });
});

describe('a template that is no Job', () => {
  const cases: [string, string, string[]][] = [
    ['a list', '- a', ['the file: expected a Job as a mapping, got a list']],
    ['a word', 'worker', ['the file: expected a Job as a mapping, got "worker"']],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod\nspec: { containers: [] }',
      ['apiVersion: expected "batch/v1", got "v1"', 'kind: expected "Job", got "Pod"'],
    ],
    ['no kind', 'apiVersion: batch/v1', ['kind: expected "Job", got nothing']],
    ['two documents', `${HEAD}---\n${HEAD}`, ['expected one YAML document, got 2']],
  ];
  for (const [what, text, problems] of cases)
    it(`is refused: ${what}`, () => {
      expect(problemsOf(text)).to.deep.equal(problems);
    });

  it('is refused with the line of a syntax error', () => {
    const [problem, ...more] = problemsOf(`${HEAD}metadata:\n  labels: { a: b\n`);
    expect(problem).to.match(/^line [56], column \d+: /);
    expect(more).to.deep.equal([]);
  });

  it('is refused with the line of a key that is there twice', () => {
    expect(problemsOf(`${HEAD}kind: Job\n`)[0]).to.match(/^line 3, column 1: .*unique/);
  });

  it('is refused with an alias that has no anchor, or that grows without end', () => {
    expect(problemsOf(`${HEAD}metadata: *none\n`)[0]).to.match(/alias.*: none$/);
    const laughs = [
      'a: &a0 [x, x]',
      ...Array.from(
        { length: 12 },
        (_, n) => `a${String(n)}: &a${String(n + 1)} [${`*a${String(n)}, `.repeat(9)}x]`,
      ),
    ];
    expect(problemsOf(laughs.join('\n'))[0]).to.match(/alias/);
  });

  it('is refused without any image', () => {
    const expected = [
      'spec.template.spec.containers[0].image: expected the image that jobs run in, got nothing',
    ];
    for (const text of ['', HEAD, podYaml({ containers: [{ image: '' }] })]) {
      let problems: readonly string[] = [];
      try {
        parseTemplate(text, POOL);
      } catch (error) {
        if (error instanceof TemplateError) problems = error.problems;
      }
      expect(problems).to.deep.equal(expected);
    }
  });
});

describe('a template of a wrong shape', () => {
  const at = 'spec.template.spec';
  const cases: [string, object, string[]][] = [
    [
      'an unknown field',
      { imagePullSecret: 'x' },
      [`${at}.imagePullSecret: expected a field that Kubernetes knows`],
    ],
    ['a mapping for a list', { volumes: {} }, [`${at}.volumes: expected a list, got a mapping`]],
    [
      'a list for a mapping',
      { nodeSelector: [] },
      [`${at}.nodeSelector: expected a mapping, got an empty list`],
    ],
    [
      'a number for a label',
      { nodeSelector: { disk: 3 } },
      [`${at}.nodeSelector.disk: expected a string, got 3`],
    ],
    ['a word for an item', { tolerations: ['gpu'] }, [`${at}.tolerations[0]: expected a mapping, got "gpu"`]],
    ['a word for a number', { priority: 'high' }, [`${at}.priority: expected a whole number, got "high"`]],
    ['a fraction', { priority: 1.5 }, [`${at}.priority: expected a whole number, got 1.5`]],
    [
      'a word for a switch',
      { setHostnameAsFQDN: 'yes' },
      [`${at}.setHostnameAsFQDN: expected true or false, got "yes"`],
    ],
    [
      'a name that is missing',
      { volumes: [{ emptyDir: {} }] },
      [`${at}.volumes[0].name: expected a value, got nothing`],
    ],
    [
      'a list for a port',
      { initContainers: [{ name: 'i', image: 'i', livenessProbe: { httpGet: { port: [] } } }] },
      [
        `${at}.initContainers[0].livenessProbe.httpGet.port: expected a whole number or a string, got an empty list`,
      ],
    ],
  ];
  for (const [what, spec, problems] of cases)
    it(`is refused: ${what}`, () => {
      expect(problemsOf(podYaml(spec))).to.deep.equal(problems);
    });
});

describe('a template that contradicts Portico', () => {
  const cases: [string, string, RegExp][] = [
    ['a name', 'metadata: { name: x }', /^metadata\.name: expected to be left out: .*, got "x"$/],
    ['a namespace', 'metadata: { namespace: x }', /^metadata\.namespace: /],
    ['finalizers', 'metadata: { finalizers: [a/b] }', /^metadata\.finalizers: /],
    [
      'a label of ours',
      'metadata: { labels: { portico.dev/worker-id: x } }',
      /^metadata\.labels\.portico\.dev\/worker-id: /,
    ],
    [
      'another manager',
      'metadata: { labels: { app.kubernetes.io/managed-by: helm } }',
      /^metadata\.labels\.app/,
    ],
    [
      'an annotation of ours',
      'metadata: { annotations: { portico.dev/outcome: x } }',
      /^metadata\.annotations\.portico/,
    ],
    [
      'what has become of a callback',
      'metadata: { annotations: { portico.dev/callback-result: x } }',
      /^metadata\.annotations\.portico/,
    ],
    [
      'a callback on the pods',
      'spec: { template: { metadata: { annotations: { portico.dev/callback-url: "https://hooks.example/" } } } }',
      /^spec\.template\.metadata\.annotations\.portico/,
    ],
    [
      'a label that Kubernetes refuses',
      'metadata: { labels: { a: "b c" } }',
      /^metadata\.labels\.a: expected 63 .*, got "b c"$/,
    ],
    [
      'a key that Kubernetes refuses',
      'metadata: { annotations: { "a b": c } }',
      /^metadata\.annotations: expected keys .*, got "a b"$/,
    ],
    [
      'more annotations than there is room for',
      `metadata: { annotations: { a: ${'x'.repeat(65_536)} } }`,
      /^metadata\.annotations: expected 65536 bytes at most, got 65537$/,
    ],
    ['a status', 'status: { active: 1 }', /^status: /],
    ['more tries', 'spec: { backoffLimit: 3 }', /^spec\.backoffLimit: expected 0, or to be left out, got 3$/],
    ['more completions', 'spec: { completions: 2 }', /^spec\.completions: /],
    ['more pods', 'spec: { parallelism: 2 }', /^spec\.parallelism: /],
    ['a suspended Job', 'spec: { suspend: true }', /^spec\.suspend: /],
    ['an indexed Job', 'spec: { completionMode: Indexed }', /^spec\.completionMode: /],
    ['failure rules', 'spec: { podFailurePolicy: { rules: [] } }', /^spec\.podFailurePolicy: /],
    [
      'another replacement',
      'spec: { podReplacementPolicy: TerminatingOrFailed }',
      /^spec\.podReplacementPolicy: /,
    ],
    ['a selector', 'spec: { selector: { matchLabels: { a: b } } }', /^spec\.selector: /],
    ['a manual selector', 'spec: { manualSelector: true }', /^spec\.manualSelector: /],
    ['another controller', 'spec: { managedBy: a/b }', /^spec\.managedBy: /],
    ['a success policy', 'spec: { successPolicy: { rules: [] } }', /^spec\.successPolicy: /],
    ['a retention', 'spec: { ttlSecondsAfterFinished: 1 }', /^spec\.ttlSecondsAfterFinished: /],
    ['a deadline', 'spec: { activeDeadlineSeconds: 1 }', /^spec\.activeDeadlineSeconds: /],
    ['a name for pods', 'spec: { template: { metadata: { name: x } } }', /^spec\.template\.metadata\.name: /],
    [
      "a label of Kubernetes' own",
      'spec: { template: { metadata: { labels: { job-name: x } } } }',
      /^spec\.template\.metadata\.labels\.job-name: /,
    ],
  ];
  for (const [what, yaml, problem] of cases)
    it(`is refused: ${what}`, () => {
      const problems = problemsOf(HEAD + yaml);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(problem);
    });

  const podCases: [string, object, string][] = [
    ['restarts', { restartPolicy: 'OnFailure' }, 'restartPolicy'],
    ['a command that is PID 1', { shareProcessNamespace: false }, 'shareProcessNamespace'],
    ['service links', { enableServiceLinks: true }, 'enableServiceLinks'],
    ['a token', { automountServiceAccountToken: true }, 'automountServiceAccountToken'],
    ['a grace period', { terminationGracePeriodSeconds: 30 }, 'terminationGracePeriodSeconds'],
    ['a deadline of the pod', { activeDeadlineSeconds: 30 }, 'activeDeadlineSeconds'],
    ['a node', { nodeName: 'n' }, 'nodeName'],
    ['a worker', { nodeSelector: { [POOL]: 'x' } }, `nodeSelector.${POOL}`],
    ['Windows', { os: { name: 'windows' } }, 'os'],
    ['two containers', { containers: [{}, { name: 'b' }] }, 'containers'],
    ['another container', { containers: [{ name: 'main' }] }, 'containers[0].name'],
    ['a command', { containers: [{ command: ['x'] }] }, 'containers[0].command'],
    ['arguments', { containers: [{ args: ['x'] }] }, 'containers[0].args'],
    [
      'another message',
      { containers: [{ terminationMessagePolicy: 'File' }] },
      'containers[0].terminationMessagePolicy',
    ],
    [
      'restarts of the container',
      { containers: [{ restartPolicy: 'Always' }] },
      'containers[0].restartPolicy',
    ],
    ['our name for another', { initContainers: [{ name: 'job', image: 'i' }] }, 'initContainers[0].name'],
    ['an init container without a name', { initContainers: [{ image: 'i' }] }, 'initContainers[0].name'],
    ['an init container without an image', { initContainers: [{ name: 'i' }] }, 'initContainers[0].image'],
  ];
  for (const [what, spec, field] of podCases)
    it(`is refused: ${what}`, () => {
      const problems = problemsOf(podYaml(spec));
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(/: expected .*, got /);
      expect(problems[0]?.split(': ')[0]).to.equal(`spec.template.spec.${field}`);
    });

  it('is refused with all that is wrong at once', () => {
    const text = `${HEAD}${stringify({
      metadata: { name: 'x' },
      spec: { backoffLimit: 'many', completions: 2, template: { spec: { hostNetwork: true, unknown: 1 } } },
    })}`;
    expect(problemsOf(text).map((problem) => problem.split(': ')[0])).to.have.members([
      'metadata.name',
      'spec.backoffLimit',
      'spec.completions',
      'spec.template.spec.hostNetwork',
      'spec.template.spec.unknown',
    ]);
    expect(() => parseTemplate(text, POOL, 'i')).to.throw(
      TemplateError,
      /^the job template is not usable: .*; .*; /,
    );
  });
});
