// Which folder of src may import which: npm run lint fails on anything else, and on circles. docs/architecture.md draws the same.

/** Beside itself, and beginnings of paths below src. */
const MAY_IMPORT = {
  base: [],
  client: [],
  net: ['base/'],
  kube: ['base/', 'net/'],
  jobs: ['kube/wire', 'kube/taints', 'kube/watching/sink'],
  webhooks: ['base/', 'net/', 'kube/transport/'],
  settings: ['jobs/labels', 'webhooks/origins', 'kube/election/lease-step'],
  cli: ['client/', 'settings/', 'jobs/outcome/'],
  callers: ['base/', 'net/', 'kube/', 'jobs/labels'],
  controller: ['base/', 'kube/', 'jobs/', 'webhooks/origins'],
  // The page knows the client's types.
  http: ['base/', 'net/', 'kube/', 'jobs/', 'callers/', 'controller/', 'webhooks/origins', 'client/'],
  metrics: ['kube/api-observer', 'controller/observer', 'http/'],
  tracing: ['net/', 'kube/api-observer', 'http/'],
  // Nobody but the wiring imports devcluster: it is on no other list.
  devcluster: ['base/', 'net/', 'kube/'],
};

const IO =
  '^(node:)?(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|readline)(/|$)';

const room = ([name, others]) => ({
  name: `${name}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: [`^src/${name}/`, ...others.map((other) => `^src/${other}`)] },
});

const forbidden = (name, from, to) => ({ name, severity: 'error', from, to });

export default {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(room),
    forbidden('no-circles', {}, { circular: true }),
    forbidden('jobs-do-no-io', { path: '^src/jobs/' }, { path: IO }),
    forbidden('client-needs-no-package', { path: '^src/client/' }, { dependencyTypesNot: ['local'] }),
    forbidden(
      'the-api-server-knows-no-controller',
      { path: '^src/devcluster/(apiserver|kinds)/' },
      { path: '^src/devcluster/(controllers|node)/' },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
