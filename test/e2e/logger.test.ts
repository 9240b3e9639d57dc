// The last lines of a log, where nobody reads them any more.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const LOGGER = pathToFileURL(join(import.meta.dirname, '../../src/wiring/logger.ts')).href;

/** Says that it is there, and logs its last line when that has been read and the pipe is closed. */
const program = (format: string) => `
  import { newLogger } from '${LOGGER}';
  const { log, close } = newLogger({ logLevel: 'info', logFormat: '${format}' }, false);
  process.stdout.write('ready');
  process.stdin.once('data', async () => {
    log.info('last words');
    await close();
    process.stdin.destroy();
  });
`;

describe('a log whose reader has gone', () => {
  for (const format of ['json', 'pretty'])
    it(`keeps no process from ending, in ${format}`, async () => {
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program(format)],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      );
      try {
        await once(child.stdout, 'data');
        const exit = once(child, 'exit');
        child.stdout.destroy();
        child.stdin.write('go');
        expect((await exit)[0]).to.equal(0);
      } finally {
        child.kill('SIGKILL');
      }
    });

  it('has its last line while somebody reads', async () => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program('json')],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (chunk) => (said += String(chunk)));
    await once(child.stdout, 'data');
    child.stdin.write('go');
    await once(child, 'close');
    expect(said).to.include('last words');
  });
});
