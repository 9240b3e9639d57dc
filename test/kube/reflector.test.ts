// What a reflector does while nothing goes wrong.
import { expect } from 'chai';
import { METADATA_ONLY } from '../../src/kube/resource-paths.ts';
import { Reflecting } from './support/reflecting.ts';

describe('a reflector', () => {
  let test: Reflecting;
  beforeEach(() => {
    test = new Reflecting();
  });
  afterEach(async () => {
    await test.stop();
  });

  it('fills the sink once, however many pages the list has', async () => {
    test = new Reflecting({ timing: { pageSize: 2 } });
    for (const name of ['a', 'b', 'c', 'd', 'e']) test.server.put(name);
    await test.start();
    expect(test.sink.state()).to.deep.equal(test.server.state());
    expect(test.sink.told).to.deep.equal(['replace']);
    expect(test.server.calls.map(({ query }) => query?.limit)).to.deep.equal([2, 2, 2, undefined]);
  });

  it('is synced when the sink has been filled and not before', async () => {
    const page = Promise.withResolvers<void>();
    test.server.beforePage = () => page.promise;
    let synced = false;
    void test.reflector.synced.then(() => (synced = true));
    await test.start();
    expect([synced, test.reflector.status().synced]).to.deep.equal([false, false]);
    page.resolve();
    await test.settle();
    expect([synced, test.reflector.status().synced]).to.deep.equal([true, true]);
  });

  it('lists without a version, and watches from the version of the list', async () => {
    test.server.put('a');
    test.server.put('a');
    await test.start();
    const [list, watch] = test.server.calls;
    expect(list?.query).to.not.have.property('resourceVersion');
    expect(watch?.query).to.deep.include({
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: '2',
      timeoutSeconds: 270,
    });
  });

  it('asks list and watch for what it was told to select and accept', async () => {
    test = new Reflecting({ labelSelector: 'a=b', fieldSelector: 'metadata.name=x', accept: METADATA_ONLY });
    await test.start();
    const [list, watch] = test.server.calls;
    for (const call of [list, watch]) {
      expect(call?.query).to.deep.include({ labelSelector: 'a=b', fieldSelector: 'metadata.name=x' });
    }
    expect(list?.accept).to.equal('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
    expect(watch?.accept).to.equal('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });

  it('applies every change in its order', async () => {
    await test.start();
    test.server.put('a');
    test.server.put('a');
    test.server.put('b');
    test.server.delete('a');
    await test.settle();
    expect(test.sink.told).to.deep.equal([
      'replace',
      'ADDED a uid-1',
      'MODIFIED a uid-1',
      'ADDED b uid-2',
      'DELETED a uid-1',
    ]);
    expect(test.reflector.status().events).to.equal(4);
  });

  it('goes on from the last bookmark, which is no change', async () => {
    await test.start();
    test.server.bookmark();
    test.server.bookmark();
    await test.settle();
    test.server.endWatches();
    await test.clock.advance(1_000);
    expect(test.server.watchedFrom()).to.deep.equal(['0', '2']);
    expect(test.sink.told).to.deep.equal(['replace']);
  });

  it('tells a new object of an old name apart: DELETED of the old, ADDED of the new', async () => {
    test.server.put('a');
    await test.start();
    test.server.send(
      '{"type":"MODIFIED","object":{"metadata":{"name":"a","uid":"other","resourceVersion":"7"}}}',
    );
    await test.settle();
    expect(test.sink.told).to.deep.equal(['replace', 'DELETED a uid-1', 'ADDED a other']);
  });

  it('does not let the late end of an old object take away the new one of that name', async () => {
    test.server.put('a');
    await test.start();
    test.server.send(
      '{"type":"DELETED","object":{"metadata":{"name":"a","uid":"older","resourceVersion":"7"}}}',
    );
    await test.settle();
    expect(test.sink.told).to.deep.equal(['replace']);
  });

  it('survives objects that cannot be slimmed and changes that the sink refuses, and counts them', async () => {
    test.server.put('poison');
    test.server.put('a');
    await test.start();
    for (const name of ['poison', 'refused', 'b']) test.server.put(name);
    await test.settle();
    expect([...test.sink.items.keys()]).to.deep.equal(['a', 'b']);
    expect(test.reflector.status()).to.deep.include({ rejected: 3, relists: 1, restarts: 0 });
  });

  it('says when it last heard from the server', async () => {
    expect(test.reflector.status().lastContactMs).to.equal(-Infinity);
    await test.start();
    const atStart = test.clock.elapsedMs();
    await test.clock.advance(5_000);
    expect(test.reflector.status().lastContactMs).to.equal(atStart);
    test.server.bookmark();
    await test.settle();
    expect(test.reflector.status().lastContactMs).to.equal(atStart + 5_000);
  });

  it('lists anew from time to time without interrupting the watch', async () => {
    test.server.put('a');
    await test.start();
    for (let minute = 0; minute < 20; minute += 1) {
      await test.clock.advance(60_000);
      test.server.bookmark();
    }
    await test.settle();
    expect(test.sink.told).to.deep.equal(['replace', 'replace']);
    expect(test.server.watchedFrom()).to.have.length(1);
    expect(test.reflector.status().relists).to.equal(2);
  });

  it('loses no change that comes while it lists anew', async () => {
    test = new Reflecting({ timing: { pageSize: 1, relistMs: [1_000, 1_000] } });
    for (const name of ['a', 'b', 'c']) test.server.put(name);
    await test.start();
    const listing = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    test.server.beforePage = async ({ query }) => {
      if (query?.continue === undefined) return;
      listing.resolve();
      await second.promise;
    };
    await test.clock.advance(1_000);
    await listing.promise;
    test.server.delete('a');
    test.server.put('b');
    test.server.put('d');
    await test.settle();
    expect(test.sink.state()).to.deep.equal(test.server.state());
    second.resolve();
    await test.settle();
    expect(test.reflector.status().relists).to.equal(2);
    expect(test.sink.state()).to.deep.equal(test.server.state());
  });

  it('does not let a safety relist undo the list that overtook it', async () => {
    test = new Reflecting({ timing: { pageSize: 1, relistMs: [1_000, 1_000] } });
    for (const name of ['a', 'b']) test.server.put(name);
    await test.start();
    const second = Promise.withResolvers<void>();
    let safety = true;
    test.server.beforePage = async ({ query }) => {
      if (!safety || query?.continue === undefined) return;
      safety = false;
      await second.promise;
    };
    await test.clock.advance(1_000);
    test.server.delete('a');
    test.server.send('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}');
    await test.settle();
    test.server.delete('b');
    test.server.put('c');
    await test.settle();
    second.resolve();
    await test.settle();
    expect(test.sink.state()).to.deep.equal(test.server.state());
    expect(test.reflector.status().relists).to.equal(2);
  });

  it('does not let a safety relist undo a list that it began in the middle of', async () => {
    test = new Reflecting({ timing: { pageSize: 1, relistMs: [1_000, 1_000] } });
    for (const name of ['a', 'b']) test.server.put(name);
    await test.start();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // The list after 410 waits before its first page; then the safety relist before its second.
    const waits = [gates[0], undefined, gates[1]];
    test.server.beforePage = () => waits.shift()?.promise;
    test.server.send('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}');
    await test.clock.advance(1_000);
    expect(waits).to.be.empty;
    test.server.delete('b');
    gates[0]?.resolve();
    await test.settle();
    gates[1]?.resolve();
    await test.settle();
    expect(test.sink.state()).to.deep.equal(test.server.state());
  });

  it('ends when it is told to, also in the middle of a list', async () => {
    const page = Promise.withResolvers<void>();
    test.server.beforePage = () => page.promise;
    await test.start();
    const stopped = test.stop();
    page.resolve();
    await stopped;
    expect(test.server.openWatches()).to.equal(0);
    expect(test.reflector.status()).to.deep.include({ synced: false, listFailures: 0 });
  });

  it('leaves no watch behind when it ends', async () => {
    await test.start();
    expect(test.server.openWatches()).to.equal(1);
    await test.stop();
    expect(test.server.openWatches()).to.equal(0);
  });
});
