// While the state folder takes no writes: what is refused, what is not lost, and when all is well again.
import { expect } from 'chai';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import { CONFIG_MAPS, JOBS, PODS } from '../../../src/devcluster/kinds/index.ts';
import { Unwritable } from '../../../src/devcluster/status.ts';
import { silent, type Logger } from '../../../src/base/logger.ts';
import type { ConfigMap, Pod } from '../../../src/kube/wire.ts';
import { fakeClock } from '../../support/clock.ts';
import { FailingDatabase } from '../failing-database.ts';
import { freshFolder, job, pod, removeFolder } from './support.ts';

describe('objects of a folder that takes no writes', () => {
  const clock = fakeClock();
  let folder: string;
  let database: FailingDatabase;
  let objects: ClusterObjects;
  let said: string[];

  const open = (): void => {
    const log: Logger = {
      ...silent,
      error: (_, message) => void said.push(message ?? ''),
      info: (_, message) => void said.push(message ?? ''),
    };
    objects = openObjects({
      directory: folder,
      clock,
      log,
      open: (directory) => (database = new FailingDatabase(directory)),
    });
  };
  beforeEach(() => {
    folder = freshFolder();
    said = [];
    open();
  });
  afterEach(() => {
    objects.close();
    removeFolder(folder);
  });

  const map = (name: string): ConfigMap => ({ metadata: { name }, data: { a: '1' } });
  const edit = (name: string, value: string) =>
    objects.edit<ConfigMap>(CONFIG_MAPS, 'default', name, '', (edited) => (edited.data = { a: value }));

  it('are refused with 507, and stay as they were', () => {
    objects.create(CONFIG_MAPS, 'default', map('x'));
    const events: string[] = [];
    objects.subscribe(CONFIG_MAPS, ({ type }) => events.push(type));
    database.fault = 'disk I/O error';
    expect(() => edit('x', '2')).to.throw(Unwritable, `state folder ${folder}: disk I/O error`);
    expect(() => objects.create(CONFIG_MAPS, 'default', map('y'))).to.throw(Unwritable);
    expect(() => objects.delete(CONFIG_MAPS, 'default', 'x', {})).to.throw(Unwritable);
    expect(objects.get<ConfigMap>(CONFIG_MAPS, 'default', 'x')?.data).to.deep.equal({ a: '1' });
    expect(objects.get(CONFIG_MAPS, 'default', 'y')).to.equal(undefined);
    expect(events).to.deep.equal([]);
    try {
      edit('x', '2');
    } catch (error) {
      expect((error as Unwritable).status).to.include({ code: 507, reason: 'InsufficientStorage' });
    }
  });

  it('take nothing new from then on, and everything again as soon as writes are taken', async () => {
    const restored: string[] = [];
    objects.onRestored(() => restored.push('restored'));
    database.fault = 'no space left on the disk';
    expect(() => objects.create(JOBS, 'default', job('j'))).to.throw(Unwritable);
    database.fault = undefined;
    expect(() => objects.create(JOBS, 'default', job('j'))).to.throw(Unwritable, 'no space left');
    expect(objects.problem()).to.match(/no space left/);
    await clock.advance(1_000);
    expect(objects.problem()).to.equal(undefined);
    expect(restored).to.deep.equal(['restored']);
    objects.create(JOBS, 'default', job('j'));
  });

  it('say so once, and once when it is over', async () => {
    database.fault = 'no space left on the disk';
    for (let time = 0; time < 10; time += 1) {
      expect(() => objects.create(CONFIG_MAPS, 'default', map('x'))).to.throw(Unwritable);
      await clock.advance(1_000);
    }
    database.fault = undefined;
    await clock.advance(10_000);
    expect(said).to.deep.equal([
      'state folder not writable: nothing new is started',
      'state folder writable again',
    ]);
  });

  it('go whole or not at all', () => {
    objects.create<Pod>(PODS, 'default', pod('p', { nodeName: 'n' }));
    const before = objects.get<Pod>(PODS, 'default', 'p');
    database.writesLeft = 1;
    objects.delete(PODS, 'default', 'p', { gracePeriodSeconds: 0 });
    expect(objects.get(PODS, 'default', 'p')).to.equal(undefined);
    expect(before?.metadata.deletionTimestamp).to.equal(undefined);
    objects.close();
    open();
    expect(objects.get(PODS, 'default', 'p')).to.equal(undefined);
  });
});
