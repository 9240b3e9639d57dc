// What is in the way of a start: it is said in a line, nothing is left of it, and the next start works.
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_PORT } from '../settings.ts';
import { end, failedStart, startProgram, withLittleSpaceIn } from './program.ts';

/** Of etcd and the kubelet. */
const OTHER_PORTS = [2379, 2380, 10250];

/** Undefined where it is taken already. */
async function takePort(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

describe('a cluster that starts', () => {
  it('does not mind which ports of the machine are taken', async () => {
    const taken = await Promise.all([API_PORT, ...OTHER_PORTS].map(takePort));
    try {
      expect(await end(await startProgram(), 'SIGINT')).to.equal(0);
    } finally {
      for (const server of taken) server?.close();
    }
  });

  it('says how much space it needs where there is too little', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
    try {
      const { code, stderr } = await failedStart({ TMPDIR: folder }, withLittleSpaceIn(folder));
      expect(stderr)
        .to.match(/^expected \d+ MiB of space in \S+, found 1\d\n$/)
        .and.include(folder);
      expect(code).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says which versions it knows when it is asked for another one', async () => {
    const { code, stderr } = await failedStart({ K8S_VERSION: '1.2.3' });
    expect(stderr).to.match(
      /^expected K8S_VERSION to be one that test\/cluster\/go pins \(.*\), got 1\.2\.3\n$/,
    );
    expect(code).to.equal(1);
  });
});
