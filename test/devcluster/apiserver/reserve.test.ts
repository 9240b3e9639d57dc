// On a disk without a byte left: what is known can still be written, for long; what is new has to wait.
import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjects, StateError, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import { CONFIG_MAPS, JOBS } from '../../../src/devcluster/kinds/index.ts';
import { Unwritable } from '../../../src/devcluster/status.ts';
import type { ConfigMap, Job } from '../../../src/kube/wire.ts';
import { fakeClock } from '../../support/clock.ts';
import { freshFolder } from '../../support/portico.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { job } from './support.ts';

const JOB_COUNT = 100;

describe('the database on a disk that is full', () => {
  const clock = fakeClock();
  let disk: SmallDisk;
  let objects: ClusterObjects;
  before(function () {
    disk = SmallDisk.mounted(this, 16);
  });
  after(() => {
    disk.release();
  });

  const open = (): ClusterObjects => openObjects({ directory: join(disk.folder, 'state'), clock });
  const end = (name: string): void => {
    objects.edit<Job>(JOBS, 'default', name, 'all', (edited) => {
      edited.metadata.annotations = { outcome: 'x'.repeat(2_000) };
    });
  };

  it('has room for how jobs end, and none for new ones', () => {
    objects = open();
    for (let n = 0; n < JOB_COUNT; n += 1) objects.create(JOBS, 'default', job(`j${String(n)}`));
    disk.fill();
    expect(() => objects.create(JOBS, 'default', job('new'))).to.throw(Unwritable);
    for (let n = 0; n < JOB_COUNT; n += 1) end(`j${String(n)}`);
    for (let n = 0; n < 2_000; n += 1) {
      objects.edit<Job>(JOBS, 'default', 'j0', 'all', (edited) => {
        edited.metadata.annotations = { renewed: String(n) };
      });
    }
    objects.delete(JOBS, 'default', 'j1', { propagation: 'Background' });
    expect(objects.get(JOBS, 'default', 'j1')).to.equal(undefined);
  });

  it('refuses what does not fit, and changes nothing by it', () => {
    const data = { a: 'x'.repeat(900_000) };
    const tooMuch = () => {
      for (let n = 0; n < 10; n += 1) {
        objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name: `m${String(n)}` }, data });
      }
    };
    expect(tooMuch).to.throw(Unwritable, /no space left on the disk/);
    expect(objects.get(CONFIG_MAPS, 'default', 'm9')).to.equal(undefined);
  });

  it('takes new ones again when there is room, and has its reserve again', async () => {
    disk.empty();
    await clock.advance(2_000);
    expect(objects.problem()).to.equal(undefined);
    objects.create(JOBS, 'default', job('new'));
    disk.fill();
    end('new');
    objects.close();
  });

  it('cannot be opened, and says why in one line', () => {
    expect(() => open()).to.throw(StateError, /^state folder \S+: no space left on the disk$/);
  });

  it('has all that it took', () => {
    disk.empty();
    objects = open();
    expect(objects.list(JOBS, 'default')).to.have.lengthOf(JOB_COUNT);
    expect(objects.get<Job>(JOBS, 'default', 'new')?.metadata.annotations?.['outcome']).to.have.lengthOf(
      2_000,
    );
    objects.close();
  });
});

describe('the database on a disk with room', () => {
  let folder: string;
  before(async () => {
    folder = await freshFolder();
  });
  after(() => rm(folder, { recursive: true }));

  it('takes the largest objects that the API takes, one after the other', () => {
    const objects = openObjects({ directory: join(folder, 'state'), clock: fakeClock() });
    // As JSON six bytes each: 2.4 MB of data that Kubernetes counts as 400 kB.
    const data = { a: '\u0000'.repeat(400_000) };
    try {
      for (let n = 0; n < 4; n += 1)
        objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name: `m${String(n)}` }, data });
      expect(objects.list(CONFIG_MAPS, 'default').length).to.be.at.least(4);
      expect(objects.problem()).to.equal(undefined);
    } finally {
      objects.close();
    }
  });
});
