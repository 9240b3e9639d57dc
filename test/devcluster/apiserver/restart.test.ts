// What a restart keeps: everything, whether the process ended well or was killed; and no version comes twice.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import { CONFIG_MAPS, JOBS } from '../../../src/devcluster/kinds/index.ts';
import type { ConfigMap, Job } from '../../../src/kube/wire.ts';
import { CONFIG_MAPS_PATH, freshFolder, job, removeFolder, TestApi } from './support.ts';

const WRITER = join(import.meta.dirname, 'writer.ts');

describe('after a restart', () => {
  let folder: string;
  let objects: ClusterObjects;
  beforeEach(() => {
    folder = freshFolder();
    objects = openObjects({ directory: folder });
  });
  afterEach(() => {
    objects.close();
    removeFolder(folder);
  });

  const restart = (): void => {
    objects.close();
    objects = openObjects({ directory: folder });
  };

  it('every object is there as it was, and what was deleted is not', () => {
    objects.create<Job>(JOBS, 'default', job('a'));
    objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'gone' } });
    objects.delete(CONFIG_MAPS, 'default', 'gone', {});
    const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'a', uid: 'owner' };
    objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'b', ownerReferences: [reference] } });
    const before = [...objects.list(JOBS), ...objects.list(CONFIG_MAPS)];
    restart();
    expect([...objects.list(JOBS), ...objects.list(CONFIG_MAPS)]).to.deep.equal(before);
    expect(objects.dependentsOf('owner')).to.have.length(1);
    expect(Object.isFrozen(objects.list(JOBS)[0]?.metadata)).to.equal(true);
  });

  it('versions go on from above all before', () => {
    const before = objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'a' } }).metadata
      .resourceVersion;
    objects.delete(CONFIG_MAPS, 'default', 'a', {});
    const last = objects.version();
    restart();
    const after = objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'a' } }).metadata
      .resourceVersion;
    expect(Number(after)).to.be.greaterThan(last);
    expect(Number(after)).to.be.greaterThan(Number(before));
  });

  it('a watch from before it ends with 410', async () => {
    const { metadata } = objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'a' } });
    restart();
    const api = await TestApi.start({ objects, directory: folder });
    try {
      const watch = await api.watch(
        `${CONFIG_MAPS_PATH}?watch=1&resourceVersion=${metadata.resourceVersion}`,
      );
      expect((await watch.next())?.object.code).to.equal(410);
      const { body } = await api.get(CONFIG_MAPS_PATH);
      const version = body.metadata.resourceVersion ?? '';
      const again = await api.watch(`${CONFIG_MAPS_PATH}?watch=1&resourceVersion=${version}`);
      objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'b' } });
      expect(await again.take(1)).to.deep.equal(['ADDED b']);
    } finally {
      await api.stop();
      objects = openObjects({ directory: folder });
    }
  });

  it('by kill -9, every write that was answered is there', async () => {
    objects.close();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', WRITER, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const answered: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      answered.push(line);
      // What was printed until the kernel ends it is read to its end.
      if (answered.length === 200) child.kill('SIGKILL');
    }
    await exited;
    objects = openObjects({ directory: folder });
    const stored = new Set(
      objects
        .list<ConfigMap>(CONFIG_MAPS)
        .map(({ metadata }) => `${metadata.resourceVersion} ${metadata.name}`),
    );
    // The last line may be torn.
    for (const line of answered.slice(0, -1)) expect(stored.has(line), line).to.equal(true);
    const { metadata } = objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'next' } });
    for (const line of stored) {
      expect(Number(metadata.resourceVersion)).to.be.greaterThan(Number(line.split(' ', 1)[0]));
    }
  });
});
