// Watches: where they start, what a selection sees, bookmarks, and every way they end.
import { expect } from 'chai';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { CONFIG_MAPS } from '../../../src/devcluster/kinds/index.ts';
import type { ConfigMap } from '../../../src/kube/wire.ts';
import { fakeClock, type FakeClock } from '../../support/clock.ts';
import { configMap, CONFIG_MAPS_PATH, CREDENTIALS, TestApi, TOKEN } from './support.ts';

const WATCH = `${CONFIG_MAPS_PATH}?watch=1`;
const HISTORY = 10;

describe('a watch', () => {
  let clock: FakeClock;
  let api: TestApi;
  beforeEach(async () => {
    clock = fakeClock();
    api = await TestApi.start({ clock, historySize: HISTORY });
  });
  afterEach(() => api.stop());

  const create = (name: string, labels: Record<string, string> = {}) =>
    api.objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name, labels } });
  const label = (name: string, labels: Record<string, string>) =>
    api.objects.edit<ConfigMap>(CONFIG_MAPS, 'default', name, '', (object) => {
      object.metadata.labels = labels;
    });
  const remove = (name: string) => api.objects.delete(CONFIG_MAPS, 'default', name, {});

  describe('starts', () => {
    it('with what there is, when it names no version or 0', async () => {
      create('a');
      create('b');
      for (const from of ['', '&resourceVersion=0', '&resourceVersion=']) {
        const watch = await api.watch(WATCH + from);
        expect(await watch.take(2)).to.deep.equal(['ADDED a', 'ADDED b']);
      }
      const watch = await api.watch(WATCH);
      await watch.take(2);
      remove('a');
      create('c');
      expect(await watch.take(2)).to.deep.equal(['DELETED a', 'ADDED c']);
    });

    it('after the version it names', async () => {
      create('a');
      const since = create('b').metadata.resourceVersion;
      label('a', { x: 'y' });
      const watch = await api.watch(`${WATCH}&resourceVersion=${since}`);
      expect(await watch.take(1)).to.deep.equal(['MODIFIED a']);
      const deletion = remove('b');
      const event = await watch.next();
      expect(event?.type).to.equal('DELETED');
      expect(event?.object.metadata.resourceVersion).to.equal(deletion.object.metadata.resourceVersion);
    });

    it('and ends with 410 in an event, when the version is forgotten', async () => {
      const since = create('a').metadata.resourceVersion;
      for (let index = 0; index < 2 * HISTORY; index += 1) label('a', { n: String(index) });
      const watch = await api.watch(`${WATCH}&resourceVersion=${since}`);
      const event = await watch.next();
      expect(event?.type).to.equal('ERROR');
      expect(event?.object).to.include({ kind: 'Status', code: 410, reason: 'Expired' });
      expect(event?.object.message).to.match(new RegExp(`^too old resource version: ${since} \\(\\d+\\)$`));
      expect(await watch.next()).to.equal(undefined);
    });

    it('and ends with 410, when the version is of another history', async () => {
      const watch = await api.watch(`${WATCH}&resourceVersion=${String(api.objects.version() + 1_000)}`);
      expect((await watch.next())?.object.code).to.equal(410);
    });

    it('with what there is, and says when that was all, for who streams a list', async () => {
      create('a');
      const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const watch = await api.watch(`${WATCH}&${query}`);
      expect(await watch.take(1)).to.deep.equal(['ADDED a']);
      const end = await watch.next();
      expect(end?.type).to.equal('BOOKMARK');
      expect(end?.object.metadata.annotations).to.deep.equal({ 'k8s.io/initial-events-end': 'true' });
      create('b');
      expect(await watch.take(1)).to.deep.equal(['ADDED b']);
    });

    it('not with options that mean nothing', async () => {
      const without = await api.get(`${WATCH}&sendInitialEvents=true`);
      expect(without.code).to.equal(422);
      expect(without.body.message).to.contain('sendInitialEvents requires setting resourceVersionMatch');
      expect((await api.get(`${WATCH}&resourceVersionMatch=NotOlderThan`)).code).to.equal(422);
      expect((await api.get(`${WATCH}&resourceVersion=abc`)).code).to.equal(400);
    });
  });

  describe('of a selection', () => {
    it('sees objects enter and leave it', async () => {
      const watch = await api.watch(`${WATCH}&labelSelector=in%3Dyes`);
      create('a', { in: 'yes' });
      create('b', { in: 'no' });
      label('a', { in: 'yes', more: '1' });
      const left = label('a', { in: 'no' });
      label('b', { in: 'yes' });
      remove('a');
      remove('b');
      expect(await watch.take(2)).to.deep.equal(['ADDED a', 'MODIFIED a']);
      const gone = await watch.next();
      expect(gone?.type).to.equal('DELETED');
      // As it was when it was in it, at the version of its leaving.
      expect(gone?.object.metadata.labels).to.deep.equal({ in: 'yes', more: '1' });
      expect(gone?.object.metadata.resourceVersion).to.equal(left.metadata.resourceVersion);
      expect(await watch.take(2)).to.deep.equal(['ADDED b', 'DELETED b']);
    });

    it('is told by namespace and by field', async () => {
      const watch = await api.watch(
        `/api/v1/configmaps?watch=true&fieldSelector=metadata.namespace%3Dkube-system`,
      );
      const other = await api.watch('/api/v1/namespaces/kube-system/configmaps?watch=true');
      create('a');
      api.objects.create<ConfigMap>(CONFIG_MAPS, 'kube-system', { metadata: { name: 'b' } });
      expect(await watch.take(1)).to.deep.equal(['ADDED b']);
      expect(await other.take(1)).to.deep.equal(['ADDED b']);
    });
  });

  describe('asked for bookmarks', () => {
    it('tells every minute how far it has come, also when nothing of it changed', async () => {
      const watch = await api.watch(`${WATCH}&allowWatchBookmarks=true&timeoutSeconds=600`);
      await api.ask('POST', '/api/v1/namespaces', { body: { metadata: { name: 'elsewhere' } } });
      await clock.advance(60_000);
      const first = await watch.next();
      expect(first?.type).to.equal('BOOKMARK');
      expect(first?.object).to.deep.include({ kind: 'ConfigMap', apiVersion: 'v1' });
      expect(first?.object.metadata.resourceVersion).to.equal(String(api.objects.version()));
      create('a');
      await clock.advance(60_000);
      expect(await watch.take(1)).to.deep.equal(['ADDED a']);
      expect((await watch.next())?.object.metadata.resourceVersion).to.equal(String(api.objects.version()));
    });

    it('tells it again at its end', async () => {
      const watch = await api.watch(`${WATCH}&allowWatchBookmarks=true&timeoutSeconds=5`);
      await clock.advance(5_000);
      expect((await watch.next())?.type).to.equal('BOOKMARK');
      expect(await watch.next()).to.equal(undefined);
    });
  });

  describe('ends cleanly', () => {
    it('at the timeout it names', async () => {
      const watch = await api.watch(`${WATCH}&timeoutSeconds=5`);
      await clock.advance(4_999);
      create('a');
      expect(await watch.take(1)).to.deep.equal(['ADDED a']);
      await clock.advance(1);
      expect(await watch.next()).to.equal(undefined);
    });

    it('at one that is longer than a timer of Node can be', async () => {
      const seconds = 2_147_484;
      const watch = await api.watch(`${WATCH}&timeoutSeconds=${String(seconds)}`);
      await clock.advance(seconds * 1_000 - 1);
      create('a');
      expect(await watch.take(1)).to.deep.equal(['ADDED a']);
      await clock.advance(1);
      expect(await watch.next()).to.equal(undefined);
    });

    it('within an hour when it names none', async () => {
      const watch = await api.watch(WATCH);
      await clock.advance(60 * 60_000);
      expect(await watch.next()).to.equal(undefined);
    });

    it('when the server stops', async () => {
      const watch = await api.watch(WATCH);
      const closed = api.closeServer();
      expect(await watch.next()).to.equal(undefined);
      await closed;
    });
  });

  it('shows tables and metadata alone, where asked', async () => {
    create('a');
    const table = await api.watch(WATCH, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const event = await table.next();
    expect(event?.object.kind).to.equal('Table');
    expect(event?.object.rows).to.have.length(1);
    const metadata = await api.watch(WATCH, {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    expect((await metadata.next())?.object).to.have.keys('kind', 'apiVersion', 'metadata');
  });

  it('of a client that does not read is cut, once it has fallen out of the history', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect({ port: Number(port), host: hostname, ca: CREDENTIALS.certificate });
    socket.write(`GET ${WATCH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(socket, 'readable');
    const ended = once(socket, 'close');
    socket.on('error', () => undefined);
    // Nobody reads: what the kernel takes is finite, and what the server keeps is its history.
    const data = { filler: 'x'.repeat(500_000) };
    api.objects.create<ConfigMap>(CONFIG_MAPS, 'default', { metadata: { name: 'big' }, data });
    for (let round = 0; round < 80; round += 1) {
      api.objects.edit<ConfigMap>(CONFIG_MAPS, 'default', 'big', '', (object) => {
        object.data = { ...data, round: String(round) };
      });
      await new Promise(setImmediate);
    }
    socket.resume();
    await ended;
  });

  it('delivers a burst whole and in order', async () => {
    const watch = await api.watch(WATCH);
    const expected: string[] = [];
    for (let index = 0; index < HISTORY - 1; index += 1) {
      create(`n${String(index)}`);
      expected.push(`ADDED n${String(index)}`);
    }
    expect(await watch.take(expected.length)).to.deep.equal(expected);
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('last') });
    expect(await watch.take(1)).to.deep.equal(['ADDED last']);
  });
});
