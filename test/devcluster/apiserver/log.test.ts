// pods/log: which container, which options, and whose stream it is.
import { expect } from 'chai';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { request } from 'undici';
import type { LogOptions } from '../../../src/devcluster/apiserver/index.ts';
import { PODS } from '../../../src/devcluster/kinds/index.ts';
import { badRequest, type Refusal } from '../../../src/devcluster/status.ts';
import type { Pod } from '../../../src/kube/wire.ts';
import { fakeClock } from '../../support/clock.ts';
import { pod, PODS_PATH, TestApi, TOKEN } from './support.ts';

describe('the log of a pod', () => {
  const clock = fakeClock(Date.parse('2030-01-01T00:00:00Z'));
  let api: TestApi;
  let asked: LogOptions | undefined;
  let answer: Readable | Refusal;

  beforeEach(async () => {
    asked = undefined;
    answer = Readable.from(['one\n', 'two\n']);
    api = await TestApi.start({
      clock,
      readLog(_pod, options) {
        asked = options;
        return answer;
      },
    });
    await api.ask('POST', PODS_PATH, { body: pod('p') });
  });
  afterEach(() => api.stop());

  const bind = (): void => {
    api.objects.edit<Pod>(PODS, 'default', 'p', 'all', (edited) => {
      if (edited.spec) edited.spec.nodeName = 'node';
    });
  };
  const log = (query = '') => api.get(`${PODS_PATH}/p/log?${query}`);

  it('is text, of its only container unless told', async () => {
    bind();
    const { code, headers, text } = await log();
    expect(code).to.equal(200);
    expect(headers['content-type']).to.equal('text/plain');
    expect(text).to.equal('one\ntwo\n');
    expect(asked).to.deep.equal({ container: 'main', follow: false, previous: false, timestamps: false });
  });

  it('is read as the query says', async () => {
    bind();
    await log(
      'container=main&follow=true&previous=1&timestamps=true&tailLines=5&sinceSeconds=60&limitBytes=100',
    );
    expect(asked).to.deep.equal({
      container: 'main',
      follow: true,
      previous: true,
      timestamps: true,
      tailLines: 5,
      sinceMs: clock.dateMs() - 60_000,
      limitBytes: 100,
    });
    await log('sinceTime=2029-12-31T23%3A59%3A00Z');
    expect(asked?.sinceMs).to.equal(clock.dateMs() - 60_000);
  });

  it('is empty before a node has the pod', async () => {
    const { code, text } = await log();
    expect(code).to.equal(204);
    expect(text).to.equal('');
    expect(asked).to.equal(undefined);
  });

  it('is refused in the words of the node', async () => {
    bind();
    answer = badRequest('container "main" in pod "p" is waiting to start: ContainerCreating');
    const { code, body } = await log();
    expect(code).to.equal(400);
    expect(body.message).to.equal('container "main" in pod "p" is waiting to start: ContainerCreating');
  });

  it('is refused for a container or an option that is none', async () => {
    bind();
    expect((await log('container=side')).body.message).to.equal('container side is not valid for pod p');
    expect((await log('tailLines=-1')).code).to.equal(422);
    expect((await log('limitBytes=0')).code).to.equal(422);
    expect((await log('sinceSeconds=1&sinceTime=2029-12-31T23:59:00Z')).code).to.equal(422);
    expect((await log('sinceTime=noon')).code).to.equal(400);
    expect((await log('tailLines=few')).code).to.equal(400);
    expect((await api.get(`${PODS_PATH}/none/log`)).code).to.equal(404);
    expect(asked).to.equal(undefined);
  });

  describe('that is followed', () => {
    const follow = () =>
      request(`${api.url}${PODS_PATH}/p/log?follow=true`, {
        dispatcher: api.agent,
        headers: { authorization: `Bearer ${TOKEN}` },
      });

    it('comes as it is written, and is let go when the client goes', async () => {
      bind();
      const source = new PassThrough();
      answer = source;
      const { body } = await follow();
      source.write('one\n');
      const [chunk] = (await once(body, 'data')) as [Buffer];
      expect(chunk.toString()).to.equal('one\n');
      const closed = once(source, 'close');
      body.destroy();
      await closed;
    });

    it('ends when the server stops', async () => {
      bind();
      const source = new PassThrough();
      answer = source;
      const { body } = await follow();
      const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
      source.write('one\n');
      expect(String((await chunks.next()).value)).to.equal('one\n');
      await api.closeServer();
      expect((await chunks.next()).done).to.equal(true);
      expect(source.destroyed).to.equal(true);
    });
  });
});
