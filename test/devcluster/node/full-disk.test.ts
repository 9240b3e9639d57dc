// A node whose cluster takes no writes for a while: nothing that ran is lost, nothing new runs, nothing ends the node.
import { expect } from 'chai';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOBS } from '../../../src/devcluster/kinds/index.ts';
import type { Job } from '../../../src/kube/wire.ts';
import { FailingDatabase } from '../failing-database.ts';
import { jobRunning, terminatedOf, TestNode, until } from './support.ts';

describe('a node whose cluster takes no writes', () => {
  let node: TestNode;
  let database: FailingDatabase;
  beforeEach(() => {
    node = new TestNode({
      controllers: true,
      database: (directory) => (database = new FailingDatabase(directory)),
    });
  });
  afterEach(() => node.close());

  const endOf = (name: string) =>
    until<Job>(node.objects, JOBS, name, (job) =>
      (job?.status?.conditions ?? []).some(({ type }) => type === 'Complete' || type === 'Failed'),
    );
  const conditionsOf = (job: Job | undefined) => (job?.status?.conditions ?? []).map(({ type }) => type);

  /** Resolves with the name of the Job's pod when that has ended, and its end was refused. */
  async function endUnwritten(name: string, script: string): Promise<string> {
    const file = join(node.folder, `${name}.go`);
    const waiting = `until [ -e ${file} ]; do sleep 0.02; done; ${script}`;
    node.objects.create(JOBS, 'default', jobRunning(name, waiting));
    const pod = await node.podOf(name);
    await node.until(pod, (now) => now?.status?.phase === 'Running');
    database.fault = 'no space left on the disk';
    const refused = new Promise<void>((resolve) => {
      database.onRefused = (resource) => {
        if (resource === '/pods') resolve();
      };
    });
    writeFileSync(file, '');
    await refused;
    return pod;
  }

  it('writes the end of a pod that exited 0 when it can', async () => {
    await endUnwritten('good', 'exit 0');
    expect(node.objects.get<Job>(JOBS, 'default', 'good')?.status?.conditions ?? []).to.deep.equal([]);
    database.fault = undefined;
    expect(conditionsOf(await endOf('good'))).to.include('Complete');
  });

  it('writes the end of one that failed, with what it said', async () => {
    const name = await endUnwritten('bad', 'echo why; exit 3');
    database.fault = undefined;
    expect(conditionsOf(await endOf('bad'))).to.include('Failed');
    const pod = await node.ended(name);
    expect(terminatedOf(pod)).to.include({ exitCode: 3 });
    expect(await node.log(name)).to.equal('why\n');
  });

  it('stops all the same', async () => {
    await endUnwritten('stopped', 'exit 0');
    await node.stop();
  });

  it('starts nothing meanwhile, and what waits afterwards', async () => {
    await endUnwritten('first', 'exit 0');
    const ran = join(node.folder, 'ran');
    expect(() => node.objects.create(JOBS, 'default', jobRunning('second', `touch ${ran}`))).to.throw(
      /no space left/,
    );
    database.fault = undefined;
    await endOf('first');
    expect(existsSync(ran)).to.equal(false);
    node.objects.create(JOBS, 'default', jobRunning('second', `touch ${ran}`));
    await endOf('second');
    expect(existsSync(ran)).to.equal(true);
  });
});
