// Create, get, replace and delete over HTTP, and the two kinds of 409.
import { expect } from 'chai';
import { configMap, CONFIG_MAPS_PATH, job, JOBS_PATH, TestApi } from './support.ts';

describe('one object over HTTP', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.stop());

  it('is created with what the server sets, and read back the same', async () => {
    const created = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a', { data: { k: 'v' } }) });
    expect(created.code).to.equal(201);
    expect(created.body).to.deep.include({ kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' } });
    const { metadata } = created.body;
    expect(metadata).to.include({ name: 'a', namespace: 'default' });
    expect(metadata.uid).to.match(/^[0-9a-f-]{36}$/);
    expect(metadata.resourceVersion).to.match(/^\d+$/);
    expect(metadata.creationTimestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const read = await api.get(`${CONFIG_MAPS_PATH}/a`);
    expect(read.code).to.equal(200);
    expect(read.body).to.deep.equal(created.body);
  });

  it('gets a name from generateName', async () => {
    const body = { metadata: { generateName: 'run-' } };
    const [one, two] = [
      await api.ask('POST', CONFIG_MAPS_PATH, { body }),
      await api.ask('POST', CONFIG_MAPS_PATH, { body }),
    ];
    expect(one.body.metadata.name).to.match(/^run-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(two.body.metadata.name).not.to.equal(one.body.metadata.name);
  });

  it('is refused under a name that is taken: AlreadyExists', async () => {
    await api.ask('POST', JOBS_PATH, { body: job('a') });
    const { code, body } = await api.ask('POST', JOBS_PATH, { body: job('a') });
    expect(code).to.equal(409);
    expect(body).to.deep.include({
      kind: 'Status',
      status: 'Failure',
      reason: 'AlreadyExists',
      message: 'jobs.batch "a" already exists',
      details: { name: 'a', group: 'batch', kind: 'jobs' },
      code: 409,
    });
  });

  it('is refused while the one of that name is being deleted, and says so', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, {
      body: { metadata: { name: 'a', finalizers: ['example.com/hold'] } },
    });
    await api.ask('DELETE', `${CONFIG_MAPS_PATH}/a`);
    const { body } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    expect(body.reason).to.equal('AlreadyExists');
    expect(body.message).to.equal('object is being deleted: configmaps "a" already exists');
  });

  it('is not replaced from an older version: Conflict', async () => {
    const { body: first } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const second = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, { body: { ...first, data: { k: '1' } } });
    expect(second.code).to.equal(200);
    const { code, body } = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, {
      body: { ...first, data: { k: '2' } },
    });
    expect(code).to.equal(409);
    expect(body.reason).to.equal('Conflict');
    expect(body.message).to.equal(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the ' +
        'latest version and try again',
    );
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).body.data).to.deep.equal({ k: '1' });
  });

  it('is replaced whatever its version when the body names none', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a', { data: { old: '1' } }) });
    const { body } = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, {
      body: configMap('a', { data: { k: '1' } }),
    });
    expect(body.data).to.deep.equal({ k: '1' });
  });

  it('is not replaced for another uid', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const { body } = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, {
      body: { metadata: { name: 'a', uid: 'other' } },
    });
    expect(body.reason).to.equal('Conflict');
    expect(body.message).to.contain('Precondition failed: UID in precondition: other, UID in object meta: ');
  });

  it('keeps its version when a write changes nothing', async () => {
    const { body: first } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const { body: again } = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, { body: first });
    expect(again).to.deep.equal(first);
  });

  it('keeps its identity whatever a write says', async () => {
    const { body: first } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const { body } = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, {
      body: {
        metadata: {
          name: 'a',
          creationTimestamp: '2001-01-01T00:00:00Z',
          deletionTimestamp: '2001-01-01T00:00:00Z',
        },
        data: { k: '1' },
      },
    });
    expect(body.metadata.uid).to.equal(first.metadata.uid);
    expect(body.metadata.creationTimestamp).to.equal(first.metadata.creationTimestamp);
    expect(body.metadata).not.to.have.property('deletionTimestamp');
  });

  it('is not made by a replace', async () => {
    const { code, body } = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, { body: configMap('a') });
    expect(code).to.equal(404);
    expect(body.message).to.equal('configmaps "a" not found');
  });

  it('is refused when the body names another', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const name = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a`, { body: configMap('b') });
    expect(name.code).to.equal(400);
    expect(name.body.message).to.equal('the name of the object (b) does not match the name on the URL (a)');
    const namespace = await api.ask('POST', CONFIG_MAPS_PATH, {
      body: { metadata: { name: 'c', namespace: 'kube-system' } },
    });
    expect(namespace.code).to.equal(400);
  });

  it('is refused in a namespace that is not there', async () => {
    const { code, body } = await api.ask('POST', '/api/v1/namespaces/none/configmaps', {
      body: configMap('a'),
    });
    expect(code).to.equal(404);
    expect(body.message).to.equal('namespaces "none" not found');
  });

  it('is refused with a resourceVersion, as new', async () => {
    const { body } = await api.ask('POST', CONFIG_MAPS_PATH, {
      body: { metadata: { name: 'a', resourceVersion: '1' } },
    });
    expect(body.message).to.equal('resourceVersion should not be set on objects to be created');
  });

  it('goes, and is not found any more', async () => {
    const { body: created } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const { code, body } = await api.ask('DELETE', `${CONFIG_MAPS_PATH}/a`);
    expect(code).to.equal(200);
    expect(body).to.deep.equal({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: created.metadata.uid },
    });
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).code).to.equal(404);
    expect((await api.ask('DELETE', `${CONFIG_MAPS_PATH}/a`)).code).to.equal(404);
  });

  it('keeps a key called __proto__ as data', async () => {
    const data = '{"__proto__":"x","constructor":"y"}';
    const created = await api.ask('POST', CONFIG_MAPS_PATH, {
      body: `{"metadata":{"name":"a"},"data":${data}}`,
    });
    expect(created.code).to.equal(201);
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).text).to.contain(`"data":${data}`);
  });

  it('takes and gives YAML', async () => {
    const body = 'metadata:\n  name: a\ndata:\n  k: "1"\n';
    const { code, text } = await api.ask('POST', CONFIG_MAPS_PATH, {
      body,
      headers: { 'content-type': 'application/yaml', accept: 'application/yaml' },
    });
    expect(code).to.equal(201);
    expect(text).to.contain('k: "1"');
  });
});

describe('dryRun=All', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.stop());

  it('answers as if, and changes nothing', async () => {
    const created = await api.ask('POST', `${CONFIG_MAPS_PATH}?dryRun=All`, { body: configMap('a') });
    expect(created.code).to.equal(201);
    expect(created.body.metadata.uid).to.be.a('string');
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).code).to.equal(404);

    const { body: stored } = await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const replaced = await api.ask('PUT', `${CONFIG_MAPS_PATH}/a?dryRun=All`, {
      body: configMap('a', { data: { k: '1' } }),
    });
    expect(replaced.body.data).to.deep.equal({ k: '1' });
    expect((await api.ask('DELETE', `${CONFIG_MAPS_PATH}/a?dryRun=All`)).code).to.equal(200);
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).body).to.deep.equal(stored);
  });

  it('still refuses what would be refused', async () => {
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a') });
    const { body } = await api.ask('POST', `${CONFIG_MAPS_PATH}?dryRun=All`, { body: configMap('a') });
    expect(body.reason).to.equal('AlreadyExists');
  });

  it('is All or nothing', async () => {
    const { code, body } = await api.ask('POST', `${CONFIG_MAPS_PATH}?dryRun=Some`, { body: configMap('a') });
    expect(code).to.equal(422);
    expect(body.message).to.contain('dryRun: Unsupported value: ["Some"]: supported values: "All"');
  });
});

describe('field validation', () => {
  const BODY = configMap('a', { dat: { k: 'v' } });
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.stop());

  it('warns of unknown fields unless told', async () => {
    const { code, headers, body } = await api.ask('POST', CONFIG_MAPS_PATH, { body: BODY });
    expect(code).to.equal(201);
    expect(headers.warning).to.equal('299 - "unknown field \\"dat\\""');
    expect(body).not.to.have.property('dat');
  });

  it('refuses them when strict, and is silent when told to ignore them', async () => {
    const strict = await api.ask('POST', `${CONFIG_MAPS_PATH}?fieldValidation=Strict`, { body: BODY });
    expect(strict.code).to.equal(400);
    expect(strict.body.message).to.contain('strict decoding error: unknown field "dat"');
    const ignored = await api.ask('POST', `${CONFIG_MAPS_PATH}?fieldValidation=Ignore`, { body: BODY });
    expect(ignored.code).to.equal(201);
    expect(ignored.headers).not.to.have.property('warning');
  });

  it('knows three ways', async () => {
    const { code } = await api.ask('POST', `${CONFIG_MAPS_PATH}?fieldValidation=Maybe`, { body: BODY });
    expect(code).to.equal(422);
  });
});
