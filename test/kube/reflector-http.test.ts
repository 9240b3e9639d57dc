// A reflector over a real connection and a real server, with what only sockets can do to it.
import type http from 'node:http';
import { expect } from 'chai';
import { silent } from '../../src/base/logger.ts';
import { Reflector } from '../../src/kube/watching/reflector.ts';
import { hastyClock } from './support/hasty-clock.ts';
import { localServer } from './support/local-server.ts';
import { MapSink, slim } from './support/map-sink.ts';

type Handler = (response: http.ServerResponse) => void;

const object = (name: string, version: number) => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion: String(version) },
});
const event = (type: string, name: string, version: number) =>
  `${JSON.stringify({ type, object: object(name, version) })}\n`;
const listOf = (version: number, ...names: string[]) =>
  JSON.stringify({
    metadata: { resourceVersion: String(version) },
    items: names.map((name) => object(name, version)),
  });

describe('a reflector on real sockets', () => {
  const server = localServer();

  /** Answers lists and watches in turn; resolves with the sink when the one after the last watch is asked for. */
  async function run(lists: Handler[], watches: Handler[]) {
    const clock = hastyClock();
    const done = Promise.withResolvers<void>();
    const froms: (string | null)[] = [];
    const client = await server.serve(
      ({ url }, response) => {
        const query = new URL(url ?? '', 'http://x').searchParams;
        const isWatch = query.get('watch') === 'true';
        const answer = (isWatch ? watches : lists).shift();
        if (isWatch) froms.push(query.get('resourceVersion'));
        if (answer) answer(response);
        else done.resolve();
      },
      { clock },
    );
    const sink = new MapSink();
    const options = { client, path: '/jobs', slim, sink, clock, random: () => 0, log: silent };
    const reflector = new Reflector(options);
    const abort = new AbortController();
    const ended = reflector.run(abort.signal);
    await done.promise;
    abort.abort();
    await ended;
    return { sink, froms, status: reflector.status() };
  }

  it('understands events whose bytes come one at a time', async () => {
    const bytes = Buffer.from(event('ADDED', 'ünï-€-🚀', 5));
    const slowly: Handler = (response) => {
      const next = (at: number) => {
        if (at === bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
      };
      next(0);
    };
    const { sink, froms, status } = await run([(response) => response.end(listOf(3))], [slowly]);
    expect(sink.state()).to.deep.equal({ 'ünï-€-🚀': 'uid-ünï-€-🚀@5' });
    expect(froms).to.deep.equal(['3', '5']);
    expect(status.restarts).to.equal(0);
  });

  it('goes on after a reset in the middle of a line, from the last whole event', async () => {
    const reset: Handler = (response) => {
      response.write(`${event('ADDED', 'b', 5)}{"type":"ADD`, () =>
        setImmediate(() => response.socket?.resetAndDestroy()),
      );
    };
    const { sink, froms, status } = await run([(response) => response.end(listOf(3, 'a'))], [reset]);
    expect(Object.keys(sink.state())).to.deep.equal(['a', 'b']);
    expect(froms).to.deep.equal(['3', '5']);
    expect(status).to.deep.include({ restarts: 1, relists: 1 });
  });

  it('takes a stream that ends within a line for broken', async () => {
    const cut: Handler = (response) => response.end(`${event('ADDED', 'b', 5)}{"type":"ADD`);
    const { froms, status } = await run([(response) => response.end(listOf(3, 'a'))], [cut]);
    expect(froms).to.deep.equal(['3', '5']);
    expect(status).to.deep.include({ restarts: 1, garbledLines: 1, relists: 1 });
  });

  it('lists anew after 410, and lists as often as a flaky server needs', async () => {
    const gone: Handler = (response) =>
      response.writeHead(410).end('{"kind":"Status","code":410,"reason":"Expired"}');
    const { sink, froms, status } = await run(
      [
        (response) => response.end(listOf(3, 'a')),
        (response) => response.writeHead(500).end(),
        (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
        (response) => response.end('{"items":'),
        (response) => response.end(listOf(9, 'b')),
      ],
      [gone],
    );
    expect(sink.told).to.deep.equal(['replace', 'replace']);
    expect(Object.keys(sink.state())).to.deep.equal(['b']);
    expect(froms).to.deep.equal(['3', '9']);
    expect(status).to.deep.include({ relists: 2, listFailures: 0 });
  });
});
