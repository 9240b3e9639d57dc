// What jobs leave behind, with real processes.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freshFolder } from '../../support/portico.ts';
import { PREAMBLE, Traces } from './traces.ts';

describe('the traces of a job', () => {
  let folder: string;
  let traces: Traces;
  beforeEach(async () => {
    folder = await freshFolder();
    traces = new Traces(folder, folder);
    await traces.prepare(['a']);
  });
  afterEach(async () => {
    traces.close();
    await rm(folder, { recursive: true });
  });

  const run = (script: string) =>
    spawn('bash', ['-c', PREAMBLE + script], {
      env: { ...process.env, ...traces.envOf('a') },
      stdio: 'ignore',
    });

  it('tell when it begins, how often, and its last words', async () => {
    expect(await traces.read('a')).to.deep.equal({ begun: 0 });
    const begun = traces.begun('a', new AbortController().signal);
    await once(run('echo "last words: exit 3" >>"$TRACE"'), 'exit');
    await begun;
    expect(await traces.read('a')).to.deep.equal({ begun: 1, lastWords: 'exit 3' });
    await once(run(':'), 'exit');
    expect(await traces.read('a')).to.deep.equal({ begun: 2, lastWords: 'exit 3' });
  });

  it('tell whether a process of it is left, also one that it has started itself', async () => {
    expect(await traces.isAlive('a')).to.equal(false);
    await traces.prepare(['gate']);
    const gate = join(folder, 'gate.alive');
    await once(run(`(read line <${gate}) &`), 'exit');
    expect(await traces.isAlive('a')).to.equal(true);
    // It reads until nobody can write any more.
    await (await open(gate, 'w')).close();
    while (await traces.isAlive('a'));
  });

  it('are waited for until somebody has had enough', async () => {
    const enough = new AbortController();
    const begun = traces.begun('a', enough.signal);
    enough.abort();
    await begun;
  });
});
