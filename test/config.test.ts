import { expect } from 'chai';
import { UsageError } from '../src/cli/usage-error.ts';
import { ConfigError, settingLines } from '../src/settings/config.ts';
import { parseInvocation } from '../src/cli/invocation.ts';
import { helpText } from '../src/cli/help.ts';

function configOf(args: string[], env: Record<string, string> = {}) {
  const invocation = parseInvocation(args, env);
  if (invocation.run !== 'serve') throw new Error(`expected to serve, got ${invocation.run}`);
  return invocation.config;
}

function refusalOf(args: string[], env: Record<string, string> = {}): string {
  try {
    configOf(args, env);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('expected a ConfigError');
}

describe('the settings', () => {
  it('have defaults that are valid themselves', () => {
    expect(configOf([])).to.include({
      port: 3000,
      address: '127.0.0.1',
      graceSeconds: 5,
      logLevel: 'info',
    });
    expect(configOf([])).to.not.have.any.keys('kubeconfig', 'workers', 'jobTemplate');
  });

  it('come from the environment, and a flag wins', () => {
    expect(configOf([], { PORTICO_PORT: '81' }).port).to.equal(81);
    expect(configOf(['--port', '82'], { PORTICO_PORT: '81' }).port).to.equal(82);
    expect(configOf(['--port=83'], { PORTICO_PORT: 'rubbish' }).port).to.equal(83);
    expect(configOf([], { KUBECONFIG: '/a:/b' }).kubeconfig).to.equal('/a:/b');
  });

  it('an empty variable is an unset one', () => {
    expect(configOf([], { KUBECONFIG: '', PORTICO_PORT: '' })).to.include({ port: 3000 });
    expect(configOf([], { KUBECONFIG: '' })).to.not.have.key('kubeconfig');
  });

  it('lists are separated by commas', () => {
    expect(configOf(['--workers', 'local, gpu-1 ,,A_b']).workers).to.deep.equal(['local', 'gpu-1', 'A_b']);
  });

  it('that are good alone and not together are refused', () => {
    const half = 'expected --tls-cert-file and --tls-key-file, got';
    expect(refusalOf(['--tls-cert-file=a'])).to.equal(`${half} --tls-cert-file alone`);
    expect(refusalOf([], { PORTICO_TLS_KEY_FILE: 'a' })).to.equal(`${half} --tls-key-file alone`);
    expect(refusalOf(['--max-jobs-per-caller=1'])).to.equal(
      'expected --auth-mode token with --max-jobs-per-caller: otherwise nobody knows who calls',
    );
    expect(configOf(['--tls-cert-file=a', '--tls-key-file=b'])).to.include({ tlsKeyFile: 'b' });
    expect(configOf(['--max-jobs-per-caller=1', '--auth-mode=token'])).to.include({
      maxJobsPerCaller: 1,
    });
    expect(configOf(['--max-jobs-per-caller=0', '--auth-mode=none'])).to.include({
      maxJobsPerCaller: 0,
    });
    expect(refusalOf(['--webhook-hosts=hooks.example'])).to.equal(
      'expected --webhook-hosts and --webhook-secret-file, got --webhook-hosts alone',
    );
  });

  it('hosts of webhooks are origins, by https unless it is said', () => {
    expect(
      configOf(['--webhook-hosts=hooks.example, http://10.0.0.7:8080', '--webhook-secret-file=x'])[
        'webhookHosts'
      ],
    ).to.deep.equal(['https://hooks.example', 'http://10.0.0.7:8080']);
  });

  const WRONG: [args: string[], expected: string][] = [
    [['--auth-mode', 'basic'], 'expected --auth-mode to be one of none, token, got "basic"'],
    [['--max-jobs-per-worker', '-1'], 'an integer from 0'],
    [['--max-connections', '0'], 'an integer from 1'],
    [['--header-timeout-seconds', '0'], 'an integer from 1 to 300'],
    [['--port', 'x'], 'expected --port to be an integer from 0 to 65535, got "x"'],
    [['--port', '65536'], 'got "65536"'],
    [['--port', '-1'], 'got "-1"'],
    [['--port', '1e3'], 'got "1e3"'],
    [['--address', 'example.com'], 'an IP address or localhost'],
    [['--workers', 'a b'], 'label values'],
    [['--worker-label', 'a b/c'], 'a label key'],
    [['--namespace', 'Upper'], 'the name of a namespace'],
    [['--log-level', 'loud'], 'one of debug, info, warn, error, silent'],
    [['--retention-seconds', '0'], 'an integer from 1'],
    [['--body-limit', '0'], 'an integer from 1024'],
    [['--webhook-hosts', 'hooks.example,http://x/y'], 'hosts such as hooks.example'],
    [['--prot', '1'], 'got --prot: did you mean --port?'],
    [['--port'], 'a value after --port'],
    [['ps'], 'a command that --help lists, got "ps"'],
    [['strat', 'local', 'true', 'x'], 'a command that --help lists, got "strat": did you mean start?'],
    [['rlease'], 'did you mean release?'],
    [['--port=1', 'start'], 'expected start to be the first word'],
    [['__proto__'], 'a command that --help lists, got "__proto__"'],
    [['--no-such', 'x'], 'expected a setting that --help lists, got --no-such'],
  ];
  for (const [args, words] of WRONG) {
    it(`${args.join(' ')} is refused with what was expected`, () => {
      expect(refusalOf(args)).to.include(words);
    });
  }

  it('that are wrong are all named, each on a line, by the name they were given', () => {
    const lines = refusalOf(['--port=x', '--nope'], {
      PORTICO_GRACE_SECONDS: '-',
      PORTICO_LOG_FORMAT: 'xml',
    });
    expect(lines.split('\n')).to.have.length(4);
    expect(lines).to.include('PORTICO_GRACE_SECONDS').and.include('PORTICO_LOG_FORMAT');
  });

  it('--help and --version come before what is wrong', () => {
    expect(parseInvocation(['--help', '--port=x'], {})).to.deep.equal({ run: 'help' });
    expect(parseInvocation(['-v', 'x'], {})).to.deep.equal({ run: 'version' });
  });

  it('go with release as with serving', () => {
    expect(parseInvocation(['release', '--namespace=jobs'], {})).to.deep.include({ run: 'release' });
    expect(parseInvocation(['release', '--namespace=jobs'], {})).to.have.nested.property(
      'config.namespace',
      'jobs',
    );
    expect(() => parseInvocation(['release', 'release'], {})).to.throw(UsageError, 'got "release"');
    expect(parseInvocation(['--port', '1', 'release'], {})).to.include({ run: 'release' });
    expect(helpText()).to.include('portico release');
  });

  it('are all in the help, with their variable and default', () => {
    const help = helpText();
    for (const { flag, env, byDefault } of settingLines()) {
      expect(help).to.include(flag).and.include(env).and.include(byDefault);
    }
  });
});
