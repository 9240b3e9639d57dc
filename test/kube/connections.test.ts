// Connections are kept and shared.
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/api-client.ts';
import type { ServerResponse } from 'node:http';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { failureOf } from './support/failure.ts';
import { hastyClock } from './support/hasty-clock.ts';
import { localServer } from './support/local-server.ts';

describe('a connection', () => {
  const server = localServer();

  it('sends a hundred calls over the same sockets', async () => {
    const connection = await server.serve((_request, response) => response.end('{}'));
    for (let call = 0; call < 100; call += 1) await connection.request({ path: '/thing' });
    // undici opens a second one when the second call comes before it has put the first socket back.
    expect(server.accepted()).to.be.at.most(2);
  });

  it('keeps its sockets when it looks at its credentials again and finds the same', async () => {
    const clock = hastyClock();
    const connection = await server.serve((_request, response) => response.end('{}'), { clock });
    for (let call = 0; call < 10; call += 1) {
      await connection.request({ path: '/thing' });
      clock.pass(60_000);
    }
    expect(server.accepted()).to.be.at.most(2);
  });

  it('opens as many sockets as its setting says and no more', async () => {
    const all = Promise.withResolvers<void>();
    let waiting = 0;
    const connection = await server.serve(
      (_request, response) => {
        waiting += 1;
        if (waiting === 3) all.resolve();
        void all.promise.then(() => response.end('{}'));
      },
      { connections: 3 },
    );
    await Promise.all(Array.from({ length: 20 }, () => connection.request({ path: '/thing' })));
    expect(server.accepted()).to.equal(3);
  });

  it('hands over the bytes of a stream as they come, however long their beginning takes', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    const clock = hastyClock();
    const connection = await server.serve((_request, response) => asked.resolve(response), { clock });
    const opening = connection.bytes({ path: '/log', mayBeSilent: true });
    const response = await asked.promise;
    clock.pass(60_000);
    response.end('one\ntwo');
    expect(await text(await opening)).to.equal('one\ntwo');
  });

  it('gives up on a stream of bytes that does not begin, unless it may be silent', async () => {
    const connection = await server.serve(() => undefined, { deadlineMs: 1 });
    await failureOf(connection.bytes({ path: '/log' }), UnreachableError);
  });

  it('passes on why a stream of bytes is refused, and ends one with its signal', async () => {
    const connection = await server.serve(({ url }, response) => {
      if (url === '/none') response.writeHead(404).end('{"kind":"Status","reason":"NotFound"}');
      else response.write('one');
    });
    expect(await failureOf(connection.bytes({ path: '/none' }), StatusError)).to.include({
      reason: 'NotFound',
    });
    const end = new AbortController();
    const bytes = await connection.bytes({ path: '/log', signal: end.signal });
    end.abort();
    await failureOf(text(bytes), Error);
    await server.allClosed();
  });

  it('keeps streams apart: they take no socket from calls', async () => {
    const connection = await server.serve(
      ({ url }, response) => {
        if (url === '/stream') response.write('line\n');
        else response.end('{}');
      },
      { connections: 1 },
    );
    const abort = new AbortController();
    await connection.lines({ path: '/stream', signal: abort.signal });
    await connection.lines({ path: '/stream', signal: abort.signal });
    expect(await connection.request({ path: '/thing' })).to.deep.equal({});
    abort.abort();
  });

  it('closes without a socket left, streams included', async () => {
    const connection = await server.serve(({ url }, response) => {
      if (url === '/stream') response.write('line\n');
      else response.end('{}');
    });
    await connection.lines({ path: '/stream' });
    await connection.request({ path: '/thing' });
    await connection.close();
    await server.allClosed();
  });

  it('sends method, query, body and headers as it was told', async () => {
    const connection = await server.serve((request, response) => {
      void text(request).then((body) => {
        const { method, url, headers } = request;
        const { accept, authorization, 'content-type': contentType, 'user-agent': userAgent } = headers;
        response.end(JSON.stringify({ method, url, accept, authorization, contentType, userAgent, body }));
      });
    });
    const call: ApiRequest = {
      path: '/apis/batch/v1/jobs',
      method: 'PATCH',
      query: { labelSelector: 'a=b,c in (d)', limit: 5, watch: true, continue: undefined },
      body: { ünï: 'cödé' },
      contentType: 'application/merge-patch+json',
      accept: 'application/json;as=Table',
    };
    expect(await connection.request(call)).to.deep.equal({
      method: 'PATCH',
      url: '/apis/batch/v1/jobs?labelSelector=a%3Db%2Cc+in+%28d%29&limit=5&watch=true',
      accept: 'application/json;as=Table',
      authorization: 'Bearer first',
      contentType: 'application/merge-patch+json',
      userAgent: 'portico',
      body: '{"ünï":"cödé"}',
    });
  });
});
