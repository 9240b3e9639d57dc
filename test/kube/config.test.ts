// Loading the cluster's configuration, good and bad.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { ClusterConfig, KubeConfigError } from '../../src/kube/config/cluster-config.ts';
import { kubeconfig } from './support/mocked-api.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const SERVER = 'https://cluster.test:6443';
const FIXTURES = path.join(import.meta.dirname, 'fixtures');

describe('a kubeconfig', () => {
  const folder = temporaryFolder();
  const load = (content: string, context?: string) =>
    ClusterConfig.fromFile(folder.write('kubeconfig', content), context);

  it('says server, context and namespace', () => {
    const { server, context, namespace } = load(kubeconfig(SERVER));
    expect({ server, context, namespace }).to.deep.equal({
      server: SERVER,
      context: 'here',
      namespace: 'jobs',
    });
  });

  it('may be asked for another context than its current one', () => {
    const content = `
current-context: one
clusters: [{name: a, cluster: {server: 'https://a'}}, {name: b, cluster: {server: 'https://b'}}]
users: null
contexts: [{name: one, context: {cluster: a}}, {name: two, context: {cluster: b, namespace: n}}]
`;
    const { server, context, namespace } = load(content, 'two');
    expect({ server, context, namespace }).to.deep.equal({
      server: 'https://b',
      context: 'two',
      namespace: 'n',
    });
  });

  it('may be several files: the first to name an entry wins, one may be missing', () => {
    const first = folder.write(
      'one',
      JSON.stringify({ clusters: [{ name: 'c', cluster: { server: 'https://one' } }] }),
    );
    const second = folder.write('two', kubeconfig('https://two'));
    const files = [first, folder.path('missing'), second].join(path.delimiter);
    expect(ClusterConfig.fromFile(files).server).to.equal('https://one');
  });

  it('has its paths counted from its own folder', () => {
    const file = path.join(FIXTURES, 'kubeconfig.yaml');
    const config = new KubeConfig();
    ClusterConfig.fromFile(path.relative(process.cwd(), file)).loadInto(config);
    expect(config.getCurrentCluster()?.caFile).to.equal(path.join(FIXTURES, 'one.crt'));
    expect(config.getCurrentUser()?.certFile).to.equal(path.join(FIXTURES, 'two.crt'));
    expect(config.getCurrentUser()?.keyFile).to.equal(path.join(FIXTURES, 'two.key'));
  });

  it('may lead over plain http on loopback, and elsewhere when TLS is waived', () => {
    expect(load(kubeconfig('http://127.0.0.1:8001')).server).to.equal('http://127.0.0.1:8001');
    const waived = kubeconfig('http://far.test', {}, { 'insecure-skip-tls-verify': true });
    expect(load(waived).server).to.equal('http://far.test');
  });

  describe('that is unusable is refused in one line that says why', () => {
    const pem = path.join(FIXTURES, 'two.crt');
    const cases: [what: string, content: string, expected: RegExp][] = [
      ['nothing in it', '', /kubeconfig is no kubeconfig: .*expected object, received null/],
      ['no mapping', 'just words', /is no kubeconfig: .*expected object, received string/],
      ['bad YAML', 'clusters: [', /kubeconfig is not valid YAML: .* at line 1/],
      ['a wrong type', 'clusters: 5', /is no kubeconfig: clusters: .*expected array, received number/],
      [
        'no server',
        '{clusters: [{name: c, cluster: {}}]}',
        /clusters\.0\.cluster\.server: .*expected string/,
      ],
      ['no context', '{clusters: []}', /expected a current-context, got none; there are no contexts/],
      [
        'no current context',
        '{contexts: [{name: a, context: {cluster: c}}, {name: b, context: {cluster: c}}]}',
        /expected a current-context, got none; there are a, b/,
      ],
      [
        'a context of an unknown cluster',
        '{current-context: a, contexts: [{name: a, context: {cluster: c}}]}',
        /context "a" names cluster "c", which is not there/,
      ],
      [
        'a context of an unknown user',
        `{current-context: a, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: '${SERVER}'}}]}`,
        /context "a" names user "u", which is not there/,
      ],
      [
        'a server that is no URL',
        kubeconfig('cluster'),
        /expected server to be an http or https URL, got "cluster"/,
      ],
      [
        'a server in the clear',
        kubeconfig('http://far.test'),
        /http:\/\/far.test would carry credentials in the clear/,
      ],
      [
        'an unknown kind of proxy',
        kubeconfig(SERVER, {}, { 'proxy-url': 'socks4://proxy' }),
        /expected proxy-url to be http, https or socks5, got "socks4:\/\/proxy"/,
      ],
      [
        'a CA that is missing',
        kubeconfig(SERVER, {}, { 'certificate-authority': 'ca.crt' }),
        /cannot use the certificate-authority of cluster "c": ENOENT.*ca\.crt/,
      ],
      [
        'a CA that is none',
        kubeconfig(SERVER, {}, { 'certificate-authority-data': Buffer.from('x').toString('base64') }),
        /cannot use the certificate-authority of cluster "c": /,
      ],
      [
        'a client key that is none',
        kubeconfig(SERVER, { 'client-certificate': pem, 'client-key': pem }),
        /cannot use the client certificate of user "u": /,
      ],
    ];
    for (const [what, content, expected] of cases) {
      it(what, () => {
        expect(() => load(content)).to.throw(KubeConfigError, expected);
        expect(() => load(content)).to.throw(KubeConfigError, /^.+$/);
      });
    }

    it('an unknown context', () => {
      expect(() => load(kubeconfig(SERVER), 'there')).to.throw(
        KubeConfigError,
        'no context "there"; there are here',
      );
    });

    it('a file that is missing', () => {
      const file = folder.path('missing');
      expect(() => ClusterConfig.fromFile(file)).to.throw(KubeConfigError, `cannot read ${file}: ENOENT`);
    });

    it('no path at all', () => {
      expect(() => ClusterConfig.fromFile('')).to.throw(KubeConfigError, 'expected the path of a kubeconfig');
    });
  });
});

describe('the configuration inside a pod', () => {
  const folder = temporaryFolder();
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  it('is that of its ServiceAccount', () => {
    folder.write('token', 'secret');
    folder.write('namespace', 'portico\n');
    folder.write('ca.crt', readFileSync(path.join(FIXTURES, 'one.crt'), 'utf8'));
    const config = ClusterConfig.inCluster(env, folder.path(''));
    expect({ server: config.server, namespace: config.namespace }).to.deep.equal({
      server: 'https://[fd00::1]:443',
      namespace: 'portico',
    });
  });

  it('is refused where there is no pod', () => {
    expect(() => ClusterConfig.inCluster({}, folder.path(''))).to.throw(
      KubeConfigError,
      'expected KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, as in a pod, got none',
    );
  });

  it('is refused where no token is mounted', () => {
    folder.write('namespace', 'portico');
    expect(() => ClusterConfig.inCluster(env, folder.path(''))).to.throw(
      KubeConfigError,
      /cannot read .*token: ENOENT/,
    );
  });
});
