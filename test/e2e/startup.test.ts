// What keeps Portico from starting: one clear line, and an exit code that is not 0.
import { expect } from 'chai';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { freshFolder, Portico, runToEnd } from '../support/portico.ts';

describe('starting with something wrong', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await freshFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const refused = async (args: string[], words: RegExp, env: Record<string, string> = {}) => {
    const { code, stderr } = await runToEnd(['--port=0', `--state-dir=${join(folder, 'state')}`, ...args], {
      env,
    });
    expect(stderr).to.match(words);
    expect(code).to.be.greaterThan(0);
    for (const line of stderr.trim().split('\n')) expect(line).to.match(/^portico: /);
    return stderr;
  };

  it('every bad setting is listed at once', async () => {
    const stderr = await refused(['--port=x', '--retention-seconds=-1', '--nope=1'], /--port/, {
      PORTICO_LOG_LEVEL: 'loud',
    });
    expect(stderr).to.include('--retention-seconds');
    expect(stderr).to.include('--nope');
    expect(stderr).to.include('PORTICO_LOG_LEVEL');
  });

  it('a proxy that is none, whose credentials are not shown', async () => {
    const stderr = await refused([], /^portico: HTTPS_PROXY: expected an http, https or socks5 URL/, {
      https_proxy: 'gopher://me:secret@proxy.example',
    });
    expect(stderr.trim().split('\n')).to.have.length(1);
    expect(stderr).to.not.include('secret');
  });

  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      for (const flag of ['--port', '--cluster-port']) {
        const stderr = await refused([`${flag}=${String(port)}`], /in use/);
        expect(stderr.trim().split('\n')).to.have.length(1);
      }
    } finally {
      other.close();
    }
  });

  it('a kubeconfig that is not there, or is none', async () => {
    const file = join(folder, 'kubeconfig');
    await refused([`--kubeconfig=${file}`], /kubeconfig/);
    await writeFile(file, ': : not yaml');
    await refused([`--kubeconfig=${file}`], /kubeconfig/);
  });

  it('an API server that does not answer', async () => {
    const file = join(folder, 'kubeconfig');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await writeFile(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${String(port)}` } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    await refused([`--kubeconfig=${file}`], /127\.0\.0\.1/);
  });

  it('a template that contradicts Portico', async () => {
    const file = join(folder, 'template.yaml');
    await writeFile(
      file,
      'apiVersion: batch/v1\nkind: Job\nspec:\n  backoffLimit: 3\n  template:\n    spec:\n      restartPolicy: OnFailure\n',
    );
    const stderr = await refused([`--job-template=${file}`], /spec\.backoffLimit/);
    expect(stderr).to.include('spec.template.spec.restartPolicy');
  });

  it('a state folder that another Portico uses', async () => {
    const portico = await Portico.start();
    try {
      await refused([`--state-dir=${portico.stateDir}`], /in use/);
    } finally {
      await portico.stop();
    }
  });

  it('a state folder that is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await refused([`--state-dir=${file}`], /not a (directory|folder)/);
  });

  it('a state folder that cannot be written', async function () {
    // Root may write anywhere.
    if (process.getuid?.() === 0) this.skip();
    const closed = join(folder, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o500);
    await refused([`--state-dir=${closed}`], /not writable/);
  });

  it('a certificate that is missing, or is none, or comes without its key', async () => {
    const file = join(folder, 'tls.crt');
    await refused([`--tls-cert-file=${file}`], /--tls-key-file/);
    await refused([`--tls-cert-file=${file}`, `--tls-key-file=${file}`], /cannot read .*tls\.crt/);
    await writeFile(file, 'rubbish');
    const stderr = await refused(
      [`--tls-cert-file=${file}`, `--tls-key-file=${file}`],
      /cannot use .*tls\.crt as a certificate/,
    );
    expect(stderr.trim().split('\n')).to.have.length(1);
  });

  it('callers with tokens on the embedded cluster, which has none', async () => {
    await refused(['--auth-mode=token'], /expected --kubeconfig FILE with --auth-mode token/);
  });

  it('webhooks that cannot be signed', async () => {
    await refused(['--webhook-hosts=hooks.example'], /--webhook-secret-file/);
    const file = join(folder, 'secret');
    await writeFile(file, 'password');
    await refused(['--webhook-hosts=hooks.example', `--webhook-secret-file=${file}`], /whsec_/);
  });

  it('a template that wants jobs told where nothing may go', async () => {
    const file = join(folder, 'callback.yaml');
    const annotation = 'portico.dev/callback-url: https://hooks.example/';
    await writeFile(file, `apiVersion: batch/v1\nkind: Job\nmetadata: { annotations: { ${annotation} } }\n`);
    await refused([`--job-template=${file}`], /--webhook-hosts/);
  });

  it('the embedded cluster on an address that others reach', async () => {
    await refused(['--address=0.0.0.0'], /loopback/);
  });
});

describe('asking what there is', () => {
  it('--help lists every setting and --version is that of the package', async () => {
    expect((await runToEnd(['--help'])).stdout)
      .to.include('--retention-seconds')
      .and.include('PORTICO_PORT');
    expect((await runToEnd(['--version'])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
