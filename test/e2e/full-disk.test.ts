// One job fills the disk of the embedded cluster: the others end as they end, nothing new begins, and all is well afterwards.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Portico, type LogEntry } from '../support/portico.ts';
import { SmallDisk } from '../support/small-disk.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

describe('a Portico whose disk is full', function () {
  this.timeout(90_000);
  let disk: SmallDisk;
  let portico: Portico;
  const log: LogEntry[] = [];
  before(async function () {
    disk = SmallDisk.mounted(this, 20);
    portico = await Portico.start({ stateDir: join(disk.folder, 'state'), log: (entry) => log.push(entry) });
  });
  after(async () => {
    await portico.stop();
    disk.release();
  });

  const file = (name: string): string => join(disk.folder, name);
  const waitingFor = (name: string): string => `until [ -e ${file(name)} ]; do sleep 0.05; done`;
  const readiness = async () => {
    const answer = await fetch(`${portico.url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as { reasons: string[] } };
  };
  const endOf = async (id: string) =>
    (await portico.post('/query', { worker_id: 'local', job_id: id }, { prefer: 'wait=60' })).body;

  it('answers every end as it was, refuses starts, and says why', async () => {
    const good = await portico.startJob('sh', '-c', { args: [`${waitingFor('go')}; exit 0`] });
    const bad = await portico.startJob('sh', '-c', { args: [`${waitingFor('go')}; exit 3`] });
    const stopped = await portico.startJob('sleep', '600');
    const filler = await portico.startJob('sh', '-c', {
      args: ['head -c 60000000 /dev/zero | tr "\\0" x | fold -w 100; exit 0'],
    });
    expect(await endOf(filler)).to.deep.equal({ done: true, error: false, error_text: '' });
    // Something else takes what the log has left. The jobs' files are made before: they need a place, too.
    writeFileSync(file('go'), '');
    disk.fill();
    const { status, body } = await readiness();
    expect([status, body.reasons]).to.deep.equal([
      503,
      [`state folder ${portico.stateDir}: hardly any space left on the disk`],
    ]);
    const refused = await portico.post('/start', { worker_id: 'local', command: 'true', path: 'x' });
    expect(refused.status).to.equal(503);
    expect(refused.headers.get('retry-after')).to.equal('5');
    await portico.post('/stop', { worker_id: 'local', job_id: stopped });
    expect(await endOf(good)).to.deep.equal({ done: true, error: false, error_text: '' });
    expect(await endOf(bad)).to.deep.equal({ done: true, error: true, error_text: 'exit status 3' });
    expect(await endOf(stopped)).to.deep.equal({ done: true, error: true, error_text: 'signal: killed' });
    const printed = await (await fetch(`${portico.url}/jobs/${filler}/logs`)).text();
    expect(printed).to.contain('[portico: output is missing here, the disk was full]');
  });

  it('is well again when there is room, without a restart', async () => {
    const restored = new Promise<void>((resolve) => {
      const push = log.push.bind(log);
      log.push = (entry) => {
        if (entry['msg'] === 'state folder writable again') resolve();
        return push(entry);
      };
    });
    disk.empty();
    for (const pod of readdirSync(join(portico.stateDir, 'logs'))) {
      rmSync(join(portico.stateDir, 'logs', pod), { recursive: true });
    }
    await restored;
    expect((await readiness()).status).to.equal(200);
    const job = await portico.startJob('sh', '-c', { args: ['exit 5'] });
    expect(await endOf(job)).to.deep.equal({ done: true, error: true, error_text: 'exit status 5' });
    const complaints = log.filter(({ msg }) => String(msg).startsWith('state folder'));
    expect(complaints).to.have.lengthOf(2);
  });

  it('cannot start, and says why in one line', async () => {
    disk.fill();
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', MAIN, '--port=0', `--state-dir=${file('other')}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let text = '';
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).to.equal(1);
    expect(text).to.match(/^portico: state folder \S+: no space left on the disk\n$/);
    disk.empty();
  });
});
