// The wall clock of a process, set by another one.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freshFolder } from '../../support/portico.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const SCRIPT = `process.on('SIGUSR2', () => console.log(new Date().toISOString(), Date.now()));
  console.log(new Date().toISOString(), Date.now(), new Date(0).toISOString(), Date.parse('1970-01-02'));
  setInterval(() => {}, 1e6);`;

describe('a clock that is stepped', () => {
  it('leaps when it is told to, for everybody who asks it, and leaves other times alone', async () => {
    const folder = await freshFolder();
    const file = join(folder, 'clock');
    await writeFile(file, String(YEAR_MS));
    const args = [
      '--disable-warning=ExperimentalWarning',
      `--import=${import.meta.dirname}/stepped-clock.ts`,
    ];
    const child = spawn(process.execPath, [...args, '-e', SCRIPT], {
      env: { ...process.env, PORTICO_TEST_CLOCK: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => String((await lines.next()).value).split(' ');
    const year = new Date().getUTCFullYear();
    try {
      const [date = '', now, epoch, parsed] = await next();
      expect(Date.parse(date)).to.be.within(Number(now) - 1_000, Number(now));
      expect(new Date(date).getUTCFullYear()).to.equal(year + 1);
      expect([epoch, parsed]).to.deep.equal(['1970-01-01T00:00:00.000Z', '86400000']);
      await writeFile(file, String(-YEAR_MS));
      child.kill('SIGUSR2');
      expect(new Date((await next())[0] ?? '').getUTCFullYear()).to.equal(year - 1);
    } finally {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
      await rm(folder, { recursive: true });
    }
  });
});
