// What is told of calls and of events to whoever measures them.
import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/api-client.ts';
import type { SentRequest, ApiObserver } from '../../src/kube/api-observer.ts';
import { pathOf, requestOf } from '../../src/kube/resource-paths.ts';
import { failureOf } from './support/failure.ts';
import { localServer } from './support/local-server.ts';
import { mockedApi } from './support/mocked-api.ts';
import { Reflecting } from './support/reflecting.ts';

function recording() {
  const seen: [request: Pick<SentRequest, 'verb' | 'resource'>, code: number | undefined][] = [];
  const observer: ApiObserver = {
    sending: ({ verb, resource }) => ({
      headers: { 'x-observed': resource },
      answered: (code) => seen.push([{ verb, resource }, code]),
    }),
  };
  return { seen, observer };
}

describe('an observer of calls', () => {
  const CALLS: [call: ApiRequest, verb: string, resource: string][] = [
    [{ path: '/apis/batch/v1/namespaces/default/jobs' }, 'list', 'jobs'],
    [{ path: '/apis/batch/v1/namespaces/default/jobs', query: { watch: true } }, 'watch', 'jobs'],
    [{ path: '/apis/batch/v1/namespaces/default/jobs', method: 'POST' }, 'create', 'jobs'],
    [{ path: '/apis/batch/v1/namespaces/default/jobs/a', method: 'PATCH' }, 'patch', 'jobs'],
    [{ path: '/apis/batch/v1/namespaces/default/jobs/a', method: 'DELETE' }, 'delete', 'jobs'],
    [{ path: '/api/v1/namespaces/default/pods/a' }, 'get', 'pods'],
    [{ path: '/api/v1/namespaces/default/pods/a/log' }, 'get', 'pods/log'],
    [{ path: '/api/v1/nodes' }, 'list', 'nodes'],
    [{ path: '/apis/coordination.k8s.io/v1/namespaces/x/leases/l', method: 'PUT' }, 'update', 'leases'],
    [{ path: pathOf({ apiVersion: 'v1', plural: 'pods' }, { name: 'a/b' }) }, 'get', 'pods'],
    [{ path: '/version' }, 'get', 'none'],
  ];
  for (const [call, verb, resource] of CALLS) {
    it(`hears ${verb} ${resource} of ${call.method ?? 'GET'} ${call.path}`, () => {
      expect(requestOf(call)).to.include({ verb, resource });
    });
  }

  describe('that is connected', () => {
    const api = mockedApi();

    it('hears of every try with its code, also when there was no answer, and its headers are sent', async () => {
      const { seen, observer } = recording();
      const path = '/api/v1/nodes';
      const sent: unknown[] = [];
      const tell = (headers: unknown) => (sent.push(headers), true);
      api.server().get(path).matchHeader('x-observed', tell).reply(500, {});
      api
        .server()
        .get(path)
        .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
      api.server().get(path).reply(200, {});
      await api.connect({ observers: [observer] }).request({ path });
      const request = { verb: 'list', resource: 'nodes' };
      expect(seen).to.deep.equal([
        [request, 500],
        [request, undefined],
        [request, 200],
      ]);
      expect(sent.flat()).to.deep.equal(['nodes']);
    });

    it('hears of a refusal', async () => {
      const { seen, observer } = recording();
      const path = '/api/v1/nodes/a';
      api.server().get(path).reply(403, {});
      await failureOf(api.connect({ observers: [observer] }).request({ path }), Error);
      expect(seen).to.deep.equal([[{ verb: 'get', resource: 'nodes' }, 403]]);
    });
  });

  describe('of a stream', () => {
    const server = localServer();

    it('hears of the beginning, and of bytes before their lines', async () => {
      const { seen, observer } = recording();
      const connection = await server.serve(
        (_request, response) => {
          response.end('a\nb\n');
        },
        { observers: [observer] },
      );
      const order: string[] = [];
      const path = '/api/v1/nodes';
      const received = () => order.push('received');
      const lines = await connection.lines({ path, query: { watch: true }, received });
      expect(seen).to.deep.equal([[{ verb: 'watch', resource: 'nodes' }, 200]]);
      for await (const line of lines) order.push(line);
      expect(order).to.deep.equal(['received', 'a', 'b']);
    });
  });
});

describe('an observer of events', () => {
  it('hears of each when it is in the sink, and of no bookmark', async () => {
    const inSink: string[][] = [];
    const applied = () => inSink.push(Object.keys(test.sink.state()));
    const test = new Reflecting({ observer: { received: () => undefined, applied } });
    test.server.put('a');
    await test.start();
    for (const name of ['b', 'c']) test.server.put(name);
    test.server.bookmark();
    test.server.delete('a');
    await test.settle();
    await test.stop();
    expect(inSink).to.deep.equal([
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });
});
