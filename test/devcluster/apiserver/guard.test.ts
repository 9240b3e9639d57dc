// Who may speak to the server, and what else it refuses before it looks at objects.
import { expect } from 'chai';
import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { configMap, CONFIG_MAPS_PATH, CREDENTIALS, TestApi, TOKEN } from './support.ts';

describe('the door of the API server', () => {
  let api: TestApi;
  // What the door itself says, to a client that does not mind the certificate's names.
  const agent = new Agent({
    connect: { ca: CREDENTIALS.certificate, checkServerIdentity: () => undefined },
  });
  before(async () => {
    api = await TestApi.start();
  });
  after(async () => {
    await agent.close();
    await api.stop();
  });

  const knock = async (path: string, headers: Record<string, string>): Promise<number> => {
    const answer = await request(`${api.url}${path}`, { headers, dispatcher: agent });
    await answer.body.dump();
    return answer.statusCode;
  };

  it('listens on loopback', () => {
    expect(new URL(api.url).hostname).to.equal('127.0.0.1');
  });

  it('opens with the token alone', async () => {
    const bearing = (token: string) => knock('/api', { authorization: token });
    expect(await bearing(`Bearer ${TOKEN}`)).to.equal(200);
    expect(await bearing(`bearer ${TOKEN}`)).to.equal(200);
    expect(await bearing(`Bearer ${TOKEN}x`)).to.equal(401);
    expect(await bearing(`Basic ${TOKEN}`)).to.equal(401);
    expect(await bearing('Bearer')).to.equal(401);
    expect(await knock('/version', {})).to.equal(401);
    const { code, body } = await api.get('/api', { authorization: 'Bearer other' });
    expect(code).to.equal(401);
    expect(body).to.include({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' });
  });

  it('shows its health to anyone', async () => {
    for (const path of ['/healthz', '/livez', '/readyz']) expect(await knock(path, {})).to.equal(200);
  });

  it('is shut to names that are not loopback, whatever they resolve to', async () => {
    const authorization = `Bearer ${TOKEN}`;
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:8080', 'LOCALHOST']) {
      expect(await knock('/api', { authorization, host }), host).to.equal(200);
    }
    for (const host of ['example.com', 'localhost.example.com', '127.0.0.1.nip.io', '10.0.0.1:80']) {
      expect(await knock('/api', { authorization, host }), host).to.equal(403);
      expect(await knock('/healthz', { host }), host).to.equal(403);
    }
  });

  it('is shut to pages in browsers', async () => {
    const authorization = `Bearer ${TOKEN}`;
    expect(await knock('/api', { authorization, origin: 'http://localhost:3000' })).to.equal(403);
  });
});

describe('a body', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
  });
  after(() => api.stop());

  it('over 3 MiB is 413', async () => {
    const body = configMap('big', { data: { filler: 'x'.repeat(3 * 1024 * 1024) } });
    const answer = await api.ask('POST', CONFIG_MAPS_PATH, { body });
    expect(answer.code).to.equal(413);
    expect(answer.body.reason).to.equal('RequestEntityTooLarge');
    expect((await api.get(CONFIG_MAPS_PATH)).code).to.equal(200);
  });

  it('over 3 MiB is 413 also when its length is not told', async () => {
    const { statusCode, body } = await request(`${api.url}${CONFIG_MAPS_PATH}`, {
      method: 'POST',
      dispatcher: api.agent,
      headers: { authorization: `Bearer ${TOKEN}` },
      body: Readable.from(
        (function* () {
          for (let sent = 0; sent < 4; sent += 1) yield Buffer.alloc(1024 * 1024, ' ');
        })(),
      ),
    });
    await body.dump();
    expect(statusCode).to.equal(413);
  });

  it('that is no JSON, no object or not there is 400', async () => {
    for (const body of ['{', '[]', '"x"', undefined]) {
      const answer = await api.ask('POST', CONFIG_MAPS_PATH, body === undefined ? {} : { body });
      expect(answer.code, body).to.equal(400);
      expect(answer.body.reason).to.equal('BadRequest');
    }
  });

  it('of another media type is 415', async () => {
    const headers = { 'content-type': 'application/cbor' };
    const { code, body } = await api.ask('POST', CONFIG_MAPS_PATH, { body: 'k8s', headers });
    expect(code).to.equal(415);
    expect(body.reason).to.equal('UnsupportedMediaType');
  });

  it('that says it is protobuf, and is not, is 400', async () => {
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    const { code, body } = await api.ask('POST', CONFIG_MAPS_PATH, { body: 'k8s', headers });
    expect(code).to.equal(400);
    expect(body.reason).to.equal('BadRequest');
  });
});
