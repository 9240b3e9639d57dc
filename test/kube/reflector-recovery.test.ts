// How a reflector comes back from whatever goes wrong. The clock's random half is always the middle: the first wait after a
// failure is 600 ms (half to all of 800), then it doubles.
import { expect } from 'chai';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { expired } from './support/collection.ts';
import { Reflecting } from './support/reflecting.ts';

const STEADY_MS = 1_000;
const refused = (code: number, retryAfterSeconds?: number) => new StatusError(code, {}, retryAfterSeconds);
const errorEvent = (code: number) =>
  JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason: 'x' } });

describe('a reflector comes back', () => {
  let test: Reflecting;
  beforeEach(async () => {
    test = new Reflecting();
    test.server.put('a');
    await test.start();
    await test.clock.advance(STEADY_MS);
  });
  afterEach(async () => {
    await test.stop();
  });
  const inStep = () => {
    expect(test.sink.state()).to.deep.equal(test.server.state());
  };

  it('at once and from the last version when the server ended the watch', async () => {
    test.server.put('b');
    await test.settle();
    test.server.endWatches();
    test.server.put('c');
    await test.settle();
    expect(test.server.watchedFrom()).to.deep.equal(['1', '2']);
    expect(test.reflector.status()).to.deep.include({ relists: 1, restarts: 0 });
    inStep();
  });

  it('with growing pauses when watches end as soon as they began', async () => {
    test.server.endWatches();
    await test.settle();
    const opened: number[] = [];
    for (const waits of [
      [599, 1],
      [1_199, 1],
    ]) {
      test.server.endWatches();
      for (const wait of waits) {
        await test.clock.advance(wait);
        opened.push(test.server.watchedFrom().length);
      }
    }
    expect(opened).to.deep.equal([2, 3, 3, 4]);
  });

  it('after a pause and from the last version when the watch broke', async () => {
    test.server.endWatches(new UnreachableError('reset'));
    test.server.put('b');
    await test.clock.advance(599);
    expect(test.server.openWatches()).to.equal(0);
    await test.clock.advance(1);
    expect(test.server.watchedFrom()).to.deep.equal(['1', '1']);
    expect(test.reflector.status()).to.deep.include({ relists: 1, restarts: 1 });
    inStep();
  });

  it('with a list, at once, after 410 as an event', async () => {
    test.server.send(errorEvent(410));
    await test.settle();
    expect(test.server.lists()).to.equal(2);
    expect(test.server.openWatches()).to.equal(1);
    inStep();
  });

  it('with a list, at once, after 410 as the answer to a watch', async () => {
    test.server.endWatches();
    test.server.put('b');
    test.server.delete('a');
    test.server.forget();
    await test.settle();
    expect(test.reflector.status()).to.deep.include({ relists: 2, restarts: 1 });
    expect(test.server.openWatches()).to.equal(1);
    inStep();
  });

  it('without hammering a server that answers 410 to every watch', async () => {
    for (let time = 0; time < 3; time += 1) test.server.watchErrors.push(expired());
    test.server.endWatches();
    await test.settle();
    expect(test.server.lists()).to.equal(2);
    await test.clock.advance(60_000);
    expect(test.server.lists()).to.equal(4);
    inStep();
  });

  it('from the last version after any other ERROR event', async () => {
    test.server.send(errorEvent(500));
    await test.clock.advance(600);
    expect(test.server.watchedFrom()).to.deep.equal(['1', '1']);
    expect(test.server.lists()).to.equal(1);
  });

  it('after a line that is no event, which it counts', async () => {
    for (const line of ['{"type":"ADDED","obj', '"text"', '{"type":"NEW","object":{}}', '{"type":"ADDED"}']) {
      test.server.send(line);
      await test.clock.advance(STEADY_MS * 20);
    }
    test.server.put('b');
    await test.settle();
    expect(test.reflector.status()).to.deep.include({ garbledLines: 4, restarts: 4, relists: 1 });
    inStep();
  });

  it('after silence, which it takes for a dead connection', async () => {
    await test.clock.advance(103_000);
    expect(test.reflector.status().restarts).to.equal(0);
    await test.clock.advance(2_000);
    expect(test.reflector.status().restarts).to.equal(1);
    expect(test.server.watchedFrom()).to.deep.equal(['1', '1']);
    expect(test.server.openWatches()).to.equal(1);
  });

  it('and does not call it silence while bookmarks come', async () => {
    for (let minute = 0; minute < 5; minute += 1) {
      await test.clock.advance(60_000);
      test.server.bookmark();
    }
    expect(test.server.watchedFrom()).to.have.length(1);
  });

  it('no sooner than Retry-After says', async () => {
    test.server.watchErrors.push(refused(429, 10));
    test.server.endWatches();
    await test.clock.advance(9_999);
    expect(test.server.watchedFrom()).to.have.length(2);
    await test.clock.advance(2_501);
    expect(test.server.watchedFrom()).to.have.length(3);
    expect(test.server.lists()).to.equal(1);
  });

  for (const code of [400, 401, 403, 404]) {
    it(`with a list when the watch is refused with ${String(code)}`, async () => {
      test.server.watchErrors.push(refused(code));
      test.server.endWatches();
      await test.clock.advance(600);
      expect(test.server.lists()).to.equal(2);
      inStep();
    });
  }

  it('with a list when a version is refused again and again, as after a restored backup', async () => {
    for (let time = 0; time < 3; time += 1) test.server.watchErrors.push(refused(504));
    test.server.endWatches();
    await test.clock.advance(60_000);
    expect(test.server.lists()).to.equal(2);
    inStep();
  });

  it('without a list when the server was away for long', async () => {
    for (let time = 0; time < 20; time += 1) test.server.watchErrors.push(new UnreachableError('refused'));
    test.server.endWatches();
    for (let minute = 0; minute < 9; minute += 1) {
      await test.clock.advance(60_000);
      test.server.bookmark();
    }
    test.server.put('b');
    await test.settle();
    expect(test.server.lists()).to.equal(1);
    expect(test.reflector.status()).to.deep.include({ restarts: 20, failuresInARow: 0 });
    inStep();
  });

  it('when a safety relist failed: the watch goes on, and the next one mends', async () => {
    await test.stop();
    test = new Reflecting({ timing: { relistMs: [5_000, 5_000] } });
    await test.start();
    test.server.listErrors.push(refused(500));
    await test.clock.advance(5_000);
    expect(test.reflector.status()).to.deep.include({ relists: 1, listFailures: 1 });
    test.server.put('b');
    await test.settle();
    inStep();
    await test.clock.advance(5_000);
    expect(test.reflector.status()).to.deep.include({ relists: 2, listFailures: 1 });
    inStep();
  });
});

describe('a reflector that cannot list', () => {
  let test: Reflecting;
  beforeEach(() => {
    test = new Reflecting({ timing: { pageSize: 1 } });
    test.server.put('a');
    test.server.put('b');
  });
  afterEach(async () => {
    await test.stop();
  });

  for (const error of [
    refused(401),
    refused(403),
    refused(404),
    refused(500),
    new UnreachableError('away'),
  ]) {
    it(`tries again with growing pauses (${error.message})`, async () => {
      test.server.listErrors.push(error, error);
      await test.start();
      const lists = [];
      for (const wait of [0, 599, 1, 1_199, 1]) {
        await test.clock.advance(wait);
        lists.push(test.server.lists());
      }
      expect(lists).to.deep.equal([1, 1, 2, 2, 3]);
      expect(test.reflector.status()).to.deep.include({ synced: true, listFailures: 2 });
      expect(test.sink.state()).to.deep.equal(test.server.state());
    });
  }

  it('begins anew when the continue token expired', async () => {
    let forgetful = true;
    test.server.beforePage = ({ query }) => {
      if (query?.continue !== undefined && forgetful) {
        forgetful = false;
        test.server.forget();
      }
    };
    await test.start();
    expect(test.reflector.status()).to.deep.include({ synced: true, listFailures: 1, relists: 1 });
    expect(test.sink.state()).to.deep.equal(test.server.state());
  });

  it('takes no answer for a list that is none', async () => {
    test = new Reflecting({
      client: {
        request: () => Promise.resolve({} as never),
        lines: () => Promise.reject(expired()),
        bytes: () => Promise.reject(new Error('expected no log')),
      },
    });
    await test.start();
    expect(test.reflector.status()).to.deep.include({ synced: false, listFailures: 1 });
  });

  it('is not synced while the sink refuses the list', async () => {
    let room = false;
    const replace = test.sink.replace.bind(test.sink);
    test.sink.replace = (items) => {
      if (!room) throw new Error('no room');
      replace(items);
    };
    await test.start();
    expect(test.reflector.status()).to.deep.include({ synced: false, rejected: 1 });
    room = true;
    await test.clock.advance(600);
    expect(test.reflector.status().synced).to.be.true;
  });
});
