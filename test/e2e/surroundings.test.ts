// What stands around the process: proxies of the environment, outputs that take nothing, a clock that somebody sets.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { freshFolder, Portico, runToEnd } from '../support/portico.ts';
import { StubPortico } from '../support/stub-portico.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
/** As if the disk were full. */
const FULL = '/dev/full';
const NO_ROOM = 'portico: cannot write: no space left on device\n';

describe('with the proxy variables of a company', () => {
  let proxy: ForwardProxy;
  beforeEach(async () => {
    proxy = await ForwardProxy.start();
  });
  afterEach(() => proxy.stop());

  it('the embedded cluster is reached without one', async () => {
    const env = {
      HTTPS_PROXY: proxy.url,
      HTTP_PROXY: proxy.url,
      https_proxy: proxy.url,
      ALL_PROXY: proxy.url,
    };
    const portico = await Portico.start({ env });
    try {
      expect((await portico.outcome(await portico.bash('exit 3')))['error_text']).to.equal('exit status 3');
      expect(proxy.seen).to.deep.equal([]);
    } finally {
      await portico.stop();
    }
  });

  it('a command goes to a Portico elsewhere by it', async () => {
    const stub = await StubPortico.start();
    const server = stub.url.replace('127.0.0.1', 'portico.test');
    const query = ['query', '--worker', 'w', '--server', server, 'x'];
    try {
      const { code, stdout } = await runToEnd(query, { env: { http_proxy: proxy.url } });
      expect([code, stdout]).to.deep.equal([0, 'succeeded\n']);
      expect(proxy.hosts()).to.deep.equal([new URL(server).host]);
      const bad = await runToEnd(query, { env: { HTTP_PROXY: 'gopher://me:secret@x' } });
      expect(bad.code).to.equal(1);
      expect(bad.stderr)
        .to.match(/^portico: HTTP_PROXY: expected .*\n$/)
        .and.not.include('secret');
    } finally {
      stub.stop();
    }
  });
});

describe('an output that takes nothing', function () {
  before(function () {
    if (!existsSync(FULL)) this.skip();
  });

  /** What it says beside, and its exit status. */
  async function writingTo(file: 'stdout' | 'stderr', args: string[], env = {}) {
    const full = openSync(FULL, 'w');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
      env: { ...process.env, KUBECONFIG: '', ...env },
      stdio: ['ignore', file === 'stdout' ? full : 'pipe', file === 'stderr' ? full : 'pipe'],
    });
    closeSync(full);
    const beside = file === 'stdout' ? child.stderr : child.stdout;
    const said = beside ? text(beside) : Promise.resolve('');
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said: await said };
  }

  for (const args of [['--help'], ['--version'], ['start', '--help']]) {
    it(`is said by ${args.join(' ')}, in one line`, async () => {
      expect(await writingTo('stdout', args)).to.deep.equal({ code: 1, said: NO_ROOM });
    });
  }

  it('is said by a command that calls, in one line', async () => {
    const stub = await StubPortico.start();
    try {
      for (const args of [
        ['jobs'],
        ['workers'],
        ['query', '--worker', 'w', 'x'],
        ['wait', '--json', '--worker', 'w', 'x'],
      ])
        expect(await writingTo('stdout', args, { PORTICO_SERVER: stub.url })).to.deep.equal({
          code: 1,
          said: NO_ROOM,
        });
    } finally {
      stub.stop();
    }
  });

  it('for errors leaves the exit status', async () => {
    expect(await writingTo('stderr', ['ps'])).to.deep.equal({ code: 2, said: '' });
    expect(await writingTo('stderr', ['release'])).to.deep.equal({ code: 1, said: '' });
  });

  for (const format of ['json', 'pretty']) {
    it(`for the log, in ${format}, ends neither Portico nor a job`, async () => {
      const stateDir = await freshFolder();
      const full = openSync(FULL, 'w');
      const child = spawn(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          MAIN,
          '--port=0',
          `--state-dir=${stateDir}`,
          `--log-format=${format}`,
        ],
        {
          env: { ...process.env, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' },
          stdio: ['ignore', full, 'pipe'],
        },
      );
      closeSync(full);
      try {
        let said = '';
        for await (const chunk of child.stderr ?? []) {
          said += String(chunk);
          if (said.includes('kubectl')) break;
        }
        const [url = ''] = /http:\/\/\S+:\d+/.exec(said) ?? [];
        const start = {
          method: 'POST',
          body: JSON.stringify({ worker_id: 'local', command: 'true', path: 'x' }),
        };
        const { job_id } = (await (await fetch(`${url}/start`, start)).json()) as { job_id: string };
        const query = {
          method: 'POST',
          headers: { prefer: 'wait=60' },
          body: JSON.stringify({ worker_id: 'local', job_id }),
        };
        expect(await (await fetch(`${url}/query`, query)).json()).to.include({ done: true, error: false });
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        expect((await exit)[0]).to.equal(0);
      } finally {
        child.kill('SIGKILL');
        await rm(stateDir, { recursive: true, force: true });
      }
    });
  }
});

describe('a clock that is set', () => {
  it('by hours, in either direction, leaves Portico ready and jobs as they are', async () => {
    const stateDir = await freshFolder();
    const file = join(stateDir, 'clock');
    await writeFile(file, '0');
    const portico = await Portico.start({
      stateDir,
      env: { PORTICO_TEST_CLOCK: file },
      nodeArgs: [`--import=${join(import.meta.dirname, '../faults/replicas/stepped-clock.ts')}`],
    });
    try {
      const running = await portico.bash('sleep 600');
      for (const hours of [2, -2]) {
        await writeFile(file, String(hours * 3_600_000));
        process.kill(portico.pid, 'SIGUSR2');
        expect((await fetch(`${portico.url}/readyz`)).status).to.equal(200);
        const asked = await portico.post('/query', { worker_id: 'local', job_id: running });
        expect([asked.body['done'], asked.headers.get('age')]).to.deep.equal([false, null]);
        expect((await portico.outcome(await portico.bash('exit 3')))['error_text']).to.equal('exit status 3');
      }
    } finally {
      await portico.stop();
      await rm(stateDir, { recursive: true, force: true });
    }
  });
});
