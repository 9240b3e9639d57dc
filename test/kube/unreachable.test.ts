// Calls that get no whole answer, on real sockets.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/api-client.ts';
import { ClusterConfig } from '../../src/kube/config/cluster-config.ts';
import { connect } from '../../src/kube/transport/connection.ts';
import { UnreachableError } from '../../src/kube/api-errors.ts';
import { fakeClock } from '../support/clock.ts';
import { failureOf } from './support/failure.ts';
import { hastyClock } from './support/hasty-clock.ts';
import { listen, localServer } from './support/local-server.ts';
import { kubeconfig } from './support/mocked-api.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const POST: ApiRequest = { path: '/thing', method: 'POST', body: {} };

describe('a call without a whole answer', () => {
  const server = localServer();
  const folder = temporaryFolder();

  it('is unreachable when the answer breaks off', async () => {
    const connection = await server.serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":');
      void setImmediate().then(() => response.destroy());
    });
    const { message } = await failureOf(connection.request(POST), UnreachableError);
    expect(message).to.match(/^the answer of the API server broke off: /);
  });

  it('is unreachable when the connection is reset', async () => {
    const connection = await server.serve((request) => request.socket.resetAndDestroy());
    const { message, cause } = await failureOf(connection.request(POST), UnreachableError);
    expect(message).to.match(/^cannot reach the API server: /);
    expect(cause).to.be.instanceOf(Error);
  });

  it('is unreachable when nobody listens, after the repeats that the deadline allows', async () => {
    const probe = createServer();
    const url = await listen(probe);
    probe.close();
    await once(probe, 'close');
    const clock = hastyClock();
    const config = ClusterConfig.fromFile(folder.write('kubeconfig', kubeconfig(url)));
    const connection = connect(config, { clock, random: () => 0 });
    const { cause } = await failureOf(connection.request(POST), UnreachableError);
    await connection.close();
    expect(cause).to.have.property('code', 'ECONNREFUSED');
    expect(clock.passed()).to.be.greaterThan(5_000);
  });

  it('ends at its deadline when the server never answers, and closes its connection', async () => {
    const clock = fakeClock();
    const asked = Promise.withResolvers<void>();
    const connection = await server.serve(() => asked.resolve(), { clock });
    const failure = failureOf(connection.request({ path: '/thing' }), UnreachableError);
    await asked.promise;
    await clock.advance(15_000);
    expect((await failure).message).to.equal('no answer to GET /thing within 15000 ms');
    await server.allClosed();
  });

  it('ends when it is aborted while it waits for a connection, and is never sent', async () => {
    const asked = Promise.withResolvers<void>();
    const paths: (string | undefined)[] = [];
    const connection = await server.serve(
      ({ url }, response) => {
        paths.push(url);
        if (url === '/one') asked.resolve();
        else response.end('{}');
      },
      { connections: 1 },
    );
    const [one, two] = [new AbortController(), new AbortController()];
    const reason = new Error('enough');
    const first = failureOf(connection.request({ path: '/one', signal: one.signal }), Error);
    await asked.promise;
    const second = failureOf(connection.request({ path: '/two', signal: two.signal }), Error);
    // By now it is in the queue of the pool.
    await setImmediate();
    two.abort(reason);
    expect(await second).to.equal(reason);
    one.abort(reason);
    await first;
    await connection.request({ path: '/three' });
    expect(paths).to.deep.equal(['/one', '/three']);
  });

  it('names what failed before, when the deadline falls into a repeat', async () => {
    const clock = hastyClock();
    const repeated = Promise.withResolvers<void>();
    let calls = 0;
    const connection = await server.serve(
      (request) => {
        calls += 1;
        if (calls === 1) request.socket.resetAndDestroy();
        else repeated.resolve();
      },
      { clock },
    );
    const failure = failureOf(connection.request({ path: '/thing' }), UnreachableError);
    await repeated.promise;
    clock.pass(15_000);
    expect((await failure).cause).to.be.instanceOf(UnreachableError);
  });

  it('throws the reason of the abort when it is aborted, and closes its connection', async () => {
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const connection = await server.serve(() => {
      abort.abort(reason);
    });
    const { signal } = abort;
    expect(await failureOf(connection.request({ path: '/thing', signal }), Error)).to.equal(reason);
    await server.allClosed();
  });

  it('is not sent when it was aborted before', async () => {
    const connection = await server.serve((_request, response) => response.end('{}'));
    const reason = new Error('too late');
    const aborted = connection.request({ path: '/thing', signal: AbortSignal.abort(reason) });
    expect(await failureOf(aborted, Error)).to.equal(reason);
    expect(await connection.request({ path: '/thing' })).to.deep.equal({});
  });

  it('is unreachable when the connection is cut, whether it waits for an answer, for a connection or for its repeat', async () => {
    const clock = fakeClock();
    const asked = Promise.withResolvers<void>();
    let refusals = 0;
    const connection = await server.serve(
      ({ url }, response) => {
        if (url === '/hangs') asked.resolve();
        else if (++refusals > 1) response.end('{}');
        else response.writeHead(503, { 'retry-after': '5' }).end();
      },
      { clock, connections: 1 },
    );
    const repeats = failureOf(connection.request({ path: '/repeats' }), UnreachableError);
    const hangs = failureOf(connection.request({ path: '/hangs' }), UnreachableError);
    const waits = failureOf(connection.request({ path: '/waits' }), UnreachableError);
    await asked.promise;
    connection.cut();
    expect((await repeats).message).to.equal('the connection was closed');
    for (const call of [hangs, waits])
      expect((await call).message).to.match(/^cannot reach the API server: /);
    await server.allClosed();
    await connection.close();
    await failureOf(connection.request({ path: '/late' }), UnreachableError);
  });

  it('is not sent on a connection that was closed', async () => {
    const connection = await server.serve((_request, response) => response.end('{}'));
    await connection.close();
    const { message } = await failureOf(connection.request({ path: '/thing' }), UnreachableError);
    expect(message).to.equal('the connection was closed');
  });
});
