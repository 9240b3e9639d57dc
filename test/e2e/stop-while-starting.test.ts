// SIGTERM ends Portico also while it starts: on a file that is read for ever, a named pipe that nobody writes to.
import { expect } from 'chai';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

describe('a Portico that is still starting', () => {
  it('ends by SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-starting-'));
    const pipe = join(folder, 'template');
    execFileSync('mkfifo', [pipe]);
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        MAIN,
        '--port=0',
        '--shutdown-seconds=1',
        `--state-dir=${join(folder, 'state')}`,
        `--job-template=${pipe}`,
      ],
      { stdio: 'ignore' },
    );
    const exited = once(child, 'exit');
    // Opens when the other end has been opened to be read.
    const writer = await open(pipe, constants.O_WRONLY);
    child.kill('SIGTERM');
    const [code, signal] = (await exited) as [number | null, string | null];
    await writer.close();
    expect([code, signal]).to.deep.equal([null, 'SIGTERM']);
    rmSync(folder, { recursive: true });
  });
});
