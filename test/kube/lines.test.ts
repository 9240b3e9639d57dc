// Streams as lines, on real sockets.
import { expect } from 'chai';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { linesOf } from '../../src/kube/transport/lines.ts';
import { fakeClock } from '../support/clock.ts';
import { collect } from './support/collect.ts';
import { failureOf } from './support/failure.ts';
import { localServer } from './support/local-server.ts';

const never = new AbortController().signal;
const split = (chunks: Iterable<Uint8Array>, maxBytes = 1000) =>
  collect(linesOf(Readable.from(chunks), { signal: never, maxBytes, done: () => undefined }));

describe('lines', () => {
  it('are the same however the bytes are cut into chunks', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[\n\r]/.test(text));
    const cases = fc.record({ lines: fc.array(line), cuts: fc.array(fc.nat(200)) });
    const check = async ({ lines, cuts }: { lines: string[]; cuts: number[] }) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
      const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
      expect(await split(chunks)).to.deep.equal(lines);
    };
    await fc.assert(fc.asyncProperty(cases, check));
  });

  it('may end without a line end, and may end as on Windows', async () => {
    expect(await split([Buffer.from('one\r\n\r\ntwo')])).to.deep.equal(['one', '', 'two']);
  });

  it('that are too long break the stream instead of filling memory', async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(100, 'x'));
    const { message } = await failureOf(split(chunks), UnreachableError);
    expect(message).to.equal('a line of over 1000 bytes');
  });
});

describe('a stream of lines', () => {
  const server = localServer();

  it('brings characters whole that came in two halves', async () => {
    const [first = 0, ...rest] = Buffer.from('€\n');
    const connection = await server.serve((_request, response) => {
      response.write(Buffer.of(first), () => setImmediate(() => response.end(Buffer.from(rest))));
    });
    expect(await collect(await connection.lines({ path: '/watch' }))).to.deep.equal(['€']);
  });

  it('ends when the server ends it, and leaves no listener behind', async () => {
    const connection = await server.serve((_request, response) => response.end('one\ntwo\n'));
    const signal = new CountingSignal();
    const lines = await collect(await connection.lines({ path: '/watch', signal: signal.signal }));
    expect(lines).to.deep.equal(['one', 'two']);
    expect(signal.listeners).to.equal(0);
  });

  it('left early closes its connection and leaves no listener behind', async () => {
    const connection = await server.serve((_request, response) => void response.write('one\ntwo\nthree'));
    const signal = new CountingSignal();
    for await (const line of await connection.lines({ path: '/watch', signal: signal.signal })) {
      expect(line).to.equal('one');
      break;
    }
    await server.allClosed();
    expect(signal.listeners).to.equal(0);
  });

  it('given up before its first line closes its connection', async () => {
    const connection = await server.serve((_request, response) => void response.write('one\n'));
    const signal = new CountingSignal();
    const lines = await connection.lines({ path: '/watch', signal: signal.signal });
    await lines[Symbol.asyncIterator]().return?.();
    await server.allClosed();
    expect(signal.listeners).to.equal(0);
  });

  it('aborted throws the reason and closes its connection', async () => {
    const connection = await server.serve((_request, response) => void response.write('one\n'));
    const abort = new AbortController();
    const reason = new Error('enough');
    const read = async () => {
      for await (const line of await connection.lines({ path: '/watch', signal: abort.signal })) {
        expect(line).to.equal('one');
        abort.abort(reason);
      }
    };
    expect(await failureOf(read(), Error)).to.equal(reason);
    await server.allClosed();
  });

  it('aborted while nobody reads closes its connection', async () => {
    const connection = await server.serve((_request, response) => void response.write('one\n'));
    const abort = new AbortController();
    await connection.lines({ path: '/watch', signal: abort.signal });
    abort.abort();
    await server.allClosed();
  });

  it('that is reset is unreachable', async () => {
    const connection = await server.serve((request, response) => {
      response.write('one\n', () => setImmediate(() => request.socket.resetAndDestroy()));
    });
    const lines: string[] = [];
    const read = async () => {
      for await (const line of await connection.lines({ path: '/watch' })) lines.push(line);
    };
    const { message } = await failureOf(read(), UnreachableError);
    expect({ message, lines }).to.deep.equal({ message: 'the stream broke', lines: ['one'] });
  });

  it('that is refused throws what was said', async () => {
    const connection = await server.serve((_request, response) => {
      response.writeHead(410).end('{"kind":"Status","reason":"Expired","message":"too old"}');
    });
    const { code, reason } = await failureOf(connection.lines({ path: '/watch' }), StatusError);
    expect({ code, reason }).to.deep.equal({ code: 410, reason: 'Expired' });
  });

  it('that never begins ends at the deadline; one that has begun has none', async () => {
    const clock = fakeClock();
    const asked = Promise.withResolvers<void>();
    const more = Promise.withResolvers<void>();
    const connection = await server.serve(
      ({ url }, response) => {
        if (url === '/silent') asked.resolve();
        else response.write('one\n', () => void more.promise.then(() => response.end('two\n')));
      },
      { clock },
    );
    const begun = await connection.lines({ path: '/watch' });
    const failure = failureOf(connection.lines({ path: '/silent' }), UnreachableError);
    await asked.promise;
    await clock.advance(60_000);
    more.resolve();
    expect((await failure).message).to.equal('no answer to GET /silent within 15000 ms');
    expect(await collect(begun)).to.deep.equal(['one', 'two']);
  });
});

/** Counts the listeners that are on an AbortSignal now. */
class CountingSignal {
  listeners = 0;
  readonly signal: AbortSignal = new AbortController().signal;

  constructor() {
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.listeners -= 1;
      remove(...args);
    };
  }
}
