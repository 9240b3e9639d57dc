// The three kinds of PATCH, their preconditions, and the status subresource.
import { expect } from 'chai';
import { configMap, CONFIG_MAPS_PATH, job, JOBS_PATH, TestApi, type Answer } from './support.ts';

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

describe('PATCH', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a', { data: { keep: '1', drop: '2' } }) });
  });
  afterEach(() => api.stop());

  const patch = (body: unknown, type: string, path = `${CONFIG_MAPS_PATH}/a`): Promise<Answer> =>
    api.ask('PATCH', path, { body, headers: { 'content-type': type } });

  it('merges', async () => {
    const { code, body } = await patch({ data: { drop: null, add: '3' } }, MERGE);
    expect(code).to.equal(200);
    expect(body.data).to.deep.equal({ keep: '1', add: '3' });
  });

  it('merges strategically', async () => {
    const finalizers = ['example.com/a', 'example.com/b'];
    await patch({ metadata: { finalizers: ['example.com/a'] } }, STRATEGIC);
    const { body } = await patch({ metadata: { finalizers: ['example.com/b'] } }, STRATEGIC);
    expect(body.metadata.finalizers).to.have.members(finalizers);
  });

  it('applies JSON Patch', async () => {
    const { body } = await patch([{ op: 'replace', path: '/data/keep', value: 'x' }], JSON_PATCH);
    expect(body.data).to.deep.equal({ keep: 'x', drop: '2' });
    expect((await patch([{ op: 'test', path: '/data/keep', value: 'y' }], JSON_PATCH)).code).to.equal(422);
  });

  it('with the current uid and resourceVersion inside goes through', async () => {
    const { body } = await api.get(`${CONFIG_MAPS_PATH}/a`);
    const { uid, resourceVersion } = body.metadata;
    const answer = await patch({ metadata: { uid, resourceVersion }, data: { keep: 'x' } }, MERGE);
    expect(answer.code).to.equal(200);
  });

  it('with an older resourceVersion inside is a Conflict', async () => {
    const { body } = await api.get(`${CONFIG_MAPS_PATH}/a`);
    await patch({ data: { keep: 'x' } }, MERGE);
    const answer = await patch({ metadata: { resourceVersion: body.metadata.resourceVersion } }, MERGE);
    expect(answer.code).to.equal(409);
    expect(answer.body.reason).to.equal('Conflict');
  });

  it('with another uid inside is Invalid', async () => {
    const answer = await patch({ metadata: { uid: '00000000-0000-0000-0000-000000000000' } }, MERGE);
    expect(answer.code).to.equal(422);
    expect(answer.body.message).to.match(/metadata\.uid: .*field is immutable/);
  });

  it('of what is not there is not found', async () => {
    expect((await patch({}, MERGE, `${CONFIG_MAPS_PATH}/none`)).code).to.equal(404);
  });

  it('of an unknown kind is 415, and server-side apply is 501', async () => {
    expect((await patch({}, 'application/json')).code).to.equal(415);
    const applied = await patch('metadata:\n  name: a\n', 'application/apply-patch+yaml');
    expect(applied.code).to.equal(501);
    expect(applied.body.reason).to.equal('NotImplemented');
  });

  it('that makes an invalid object is refused and changes nothing', async () => {
    const before = await api.get(`${CONFIG_MAPS_PATH}/a`);
    const answer = await patch({ metadata: { labels: { 'not a label!': 'x' } } }, MERGE);
    expect(answer.code).to.equal(422);
    expect(answer.body.reason).to.equal('Invalid');
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).body).to.deep.equal(before.body);
  });
});

describe('the status subresource', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
    await api.ask('POST', JOBS_PATH, { body: job('a') });
  });
  afterEach(() => api.stop());

  it('changes status alone, and the object itself all but status', async () => {
    const { body: created } = await api.get(`${JOBS_PATH}/a`);
    const status = await api.ask('PATCH', `${JOBS_PATH}/a/status`, {
      body: { status: { active: 1 }, spec: { backoffLimit: 3 } },
      headers: { 'content-type': MERGE },
    });
    expect(status.code).to.equal(200);
    expect(status.body.status).to.deep.equal({ active: 1 });
    expect(status.body.spec).to.deep.equal(created.spec);
    const whole = await api.ask('PATCH', `${JOBS_PATH}/a`, {
      body: { status: { active: 2 }, metadata: { labels: { x: 'y' } } },
      headers: { 'content-type': MERGE },
    });
    expect(whole.body.status).to.deep.equal({ active: 1 });
    expect(whole.body.metadata.labels).to.include({ x: 'y' });
  });

  it('is read and replaced', async () => {
    const { body } = await api.get(`${JOBS_PATH}/a/status`);
    const answer = await api.ask('PUT', `${JOBS_PATH}/a/status`, {
      body: { ...body, status: { failed: 1 } },
    });
    expect(answer.body.status).to.deep.equal({ failed: 1 });
  });

  it('is not there for kinds without one, and takes no DELETE', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    expect((await api.get(`${CONFIG_MAPS_PATH}/a/status`)).code).to.equal(404);
    const { code, headers } = await api.ask('DELETE', `${JOBS_PATH}/a/status`);
    expect(code).to.equal(405);
    expect(headers.allow).to.equal('GET, PUT, PATCH');
  });
});
