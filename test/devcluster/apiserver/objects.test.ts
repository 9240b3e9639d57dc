// The objects as controllers use them: immutable, atomic, told of in order.
import { expect } from 'chai';
import { openObjects, type ClusterObjects } from '../../../src/devcluster/apiserver/index.ts';
import { CONFIG_MAPS, JOBS, NAMESPACES, PODS } from '../../../src/devcluster/kinds/index.ts';
import { Refusal } from '../../../src/devcluster/status.ts';
import type { ConfigMap, Job, Pod } from '../../../src/kube/wire.ts';
import { fakeClock } from '../../support/clock.ts';
import { freshFolder, job, pod, removeFolder } from './support.ts';

describe('the objects', () => {
  let folder: string;
  let objects: ClusterObjects;
  beforeEach(() => {
    folder = freshFolder();
    objects = openObjects({ directory: folder, clock: fakeClock() });
  });
  afterEach(() => {
    objects.close();
    removeFolder(folder);
  });

  const create = (name: string) => objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name } });
  const setData = (name: string, value: string) =>
    objects.edit<ConfigMap>(CONFIG_MAPS, 'default', name, '', (object) => {
      object.data = { value };
    });

  it('begin with the namespaces of Kubernetes', () => {
    const names = objects.list(NAMESPACES).map(({ metadata }) => metadata.name);
    expect(names).to.deep.equal(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  });

  it('never change in place', () => {
    const input: ConfigMap = { metadata: { name: 'a' }, data: { value: '1' } };
    const created = objects.create<ConfigMap>(CONFIG_MAPS, 'default', input);
    input.data = { value: '2' };
    expect(objects.get<ConfigMap>(CONFIG_MAPS, 'default', 'a')?.data).to.deep.equal({ value: '1' });
    expect(() => {
      created.data = { value: '3' };
    }).to.throw(TypeError);
    setData('a', '4');
    expect(created.data).to.deep.equal({ value: '1' });
  });

  it('are listed by namespace and name', () => {
    for (const name of ['team', 'team-b']) {
      objects.create(NAMESPACES, undefined, { metadata: { name } });
      for (const each of ['b', 'a']) objects.create(CONFIG_MAPS, name, { metadata: { name: each } });
    }
    const keys = (namespace?: string) =>
      objects
        .list(CONFIG_MAPS, namespace)
        .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
    expect(keys('team')).to.deep.equal(['team/a', 'team/b']);
    expect(keys()).to.have.members(['team/a', 'team/b', 'team-b/a', 'team-b/b']);
  });

  it('have one version counter for all kinds', () => {
    const one = create('a').metadata.resourceVersion;
    const two = objects.create<Job>(JOBS, 'default', job('a')).metadata.resourceVersion;
    expect(Number(two)).to.equal(Number(one) + 1);
    expect(objects.version()).to.equal(Number(two));
  });

  it('are told of in order, also to a listener that writes', () => {
    const told: string[] = [];
    const tell = (listener: string) => (event: { type: string; object: { metadata: { name: string } } }) => {
      told.push(`${listener} ${event.type} ${event.object.metadata.name}`);
      if (listener === 'first' && event.type === 'ADDED') setData(event.object.metadata.name, 'x');
    };
    objects.subscribe(CONFIG_MAPS, tell('first'));
    const end = objects.subscribe(CONFIG_MAPS, tell('second'));
    create('a');
    expect(told).to.deep.equal(['first ADDED a', 'second ADDED a', 'first MODIFIED a', 'second MODIFIED a']);
    end();
    objects.delete(CONFIG_MAPS, 'default', 'a', {});
    expect(told.slice(4)).to.deep.equal(['first DELETED a']);
  });

  it('tell a listener that comes while others are told only of what follows', () => {
    const told: string[] = [];
    const end = objects.subscribe(CONFIG_MAPS, ({ object }) => {
      end();
      objects.subscribe(CONFIG_MAPS, (event) => told.push(event.object.metadata.name));
      create('b');
      told.push(`after ${object.metadata.name}`);
    });
    create('a');
    expect(told).to.deep.equal(['after a', 'b']);
  });

  it('tell what was before, and say nothing when nothing changed', () => {
    const events: unknown[] = [];
    create('a');
    const before = setData('a', '1');
    objects.subscribe<ConfigMap>(CONFIG_MAPS, ({ type, object, previous }) => {
      events.push([type, object.data, previous?.data]);
    });
    expect(setData('a', '1')).to.equal(before);
    setData('a', '2');
    objects.delete(CONFIG_MAPS, 'default', 'a', {});
    expect(events).to.deep.equal([
      ['MODIFIED', { value: '2' }, { value: '1' }],
      ['DELETED', { value: '2' }, { value: '2' }],
    ]);
  });

  it('stay as they were when an edit throws or is refused', () => {
    const before = create('a');
    expect(() =>
      objects.edit(CONFIG_MAPS, 'default', 'a', '', () => {
        throw new Error('no');
      }),
    ).to.throw('no');
    expect(() =>
      objects.edit(CONFIG_MAPS, 'default', 'a', '', ({ metadata }) => {
        metadata.labels = { '!': 'x' };
      }),
    )
      .to.throw(Refusal)
      .with.nested.property('status.reason', 'Invalid');
    expect(objects.get(CONFIG_MAPS, 'default', 'a')).to.equal(before);
  });

  it('know who depends on whom', () => {
    const owner = objects.create<Job>(JOBS, 'default', job('owner'));
    const { uid } = owner.metadata;
    const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'owner', uid };
    const owned = objects.create<Pod>(PODS, 'default', {
      ...pod('p'),
      metadata: { name: 'p', ownerReferences: [reference] },
    });
    expect(objects.dependentsOf(uid)).to.deep.equal([{ type: PODS, object: owned }]);
    const labelled = objects.edit<Pod>(PODS, 'default', 'p', '', ({ metadata }) => {
      metadata.labels = { x: 'y' };
    });
    expect(objects.dependentsOf(uid).map(({ object }) => object)).to.deep.equal([labelled]);
    objects.edit<Pod>(PODS, 'default', 'p', '', ({ metadata }) => {
      delete metadata.ownerReferences;
    });
    expect(objects.dependentsOf(uid)).to.deep.equal([]);
  });

  it('of a deleted owner are still found by its uid', () => {
    const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'owner', uid: 'gone' };
    objects.create(CONFIG_MAPS, 'default', { metadata: { name: 'a', ownerReferences: [reference] } });
    expect(objects.dependentsOf('gone')).to.have.length(1);
    objects.delete(CONFIG_MAPS, 'default', 'a', {});
    expect(objects.dependentsOf('gone')).to.deep.equal([]);
  });
});
