// Lists: selectors, pages of one moment, versions, and the forms they come in.
import { expect } from 'chai';
import { fakeClock } from '../../support/clock.ts';
import { configMap, CONFIG_MAPS_PATH, PODS_PATH, pod, TestApi, type Body } from './support.ts';

const names = ({ items }: Body): (string | undefined)[] => (items ?? []).map(({ metadata }) => metadata.name);

describe('a list', () => {
  const clock = fakeClock();
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start({ clock });
    for (const name of ['c', 'a', 'd', 'b', 'e']) {
      const labels = { odd: 'ace'.includes(name) ? 'yes' : 'no' };
      await api.ask('POST', CONFIG_MAPS_PATH, { body: { metadata: { name, labels } } });
    }
  });
  afterEach(() => api.stop());

  it('comes in the order of names, with the version it is of', async () => {
    const { code, body } = await api.get(CONFIG_MAPS_PATH);
    expect(code).to.equal(200);
    expect(body).to.include({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(names(body)).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    expect(body.metadata.resourceVersion).to.equal(String(api.objects.version()));
    expect(body.items?.[0]).not.to.have.property('kind');
  });

  it('covers every namespace or one', async () => {
    await api.ask('POST', '/api/v1/namespaces/kube-system/configmaps', { body: configMap('z') });
    expect(names((await api.get('/api/v1/configmaps')).body)).to.deep.equal(['a', 'b', 'c', 'd', 'e', 'z']);
    expect(names((await api.get('/api/v1/namespaces/kube-system/configmaps')).body)).to.deep.equal(['z']);
    expect(names((await api.get('/api/v1/namespaces/none/configmaps')).body)).to.deep.equal([]);
  });

  it('is selected by labels and by fields', async () => {
    expect(names((await api.get(`${CONFIG_MAPS_PATH}?labelSelector=odd%3Dyes`)).body)).to.deep.equal([
      'a',
      'c',
      'e',
    ]);
    expect(names((await api.get(`${CONFIG_MAPS_PATH}?labelSelector=odd+notin+(yes)`)).body)).to.deep.equal([
      'b',
      'd',
    ]);
    expect(names((await api.get(`${CONFIG_MAPS_PATH}?fieldSelector=metadata.name%3Db`)).body)).to.deep.equal([
      'b',
    ]);
    await api.ask('POST', PODS_PATH, { body: pod('p') });
    const pending = await api.get(`${PODS_PATH}?fieldSelector=status.phase%3DRunning`);
    expect(names(pending.body)).to.deep.equal([]);
    expect((await api.get(`${PODS_PATH}?fieldSelector=spec.color%3Dred`)).code).to.equal(400);
    expect((await api.get(`${PODS_PATH}?labelSelector=a+is+b`)).code).to.equal(400);
  });

  it('in pages shows one moment, whatever changes meanwhile', async () => {
    const { body: first } = await api.get(`${CONFIG_MAPS_PATH}?limit=2`);
    expect(names(first)).to.deep.equal(['a', 'b']);
    expect(first.metadata.remainingItemCount).to.equal(3);
    await api.ask('DELETE', `${CONFIG_MAPS_PATH}/c`);
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('bb') });
    const { body: second } = await api.get(
      `${CONFIG_MAPS_PATH}?limit=2&continue=${first.metadata.continue ?? ''}`,
    );
    expect(names(second)).to.deep.equal(['c', 'd']);
    expect(second.metadata.resourceVersion).to.equal(first.metadata.resourceVersion);
    const { body: third } = await api.get(
      `${CONFIG_MAPS_PATH}?limit=2&continue=${second.metadata.continue ?? ''}`,
    );
    expect(names(third)).to.deep.equal(['e']);
    expect(third.metadata).not.to.have.property('continue');
    expect(third.metadata).not.to.have.property('remainingItemCount');
  });

  it('in pages fills each of them with what is selected', async () => {
    const path = `${CONFIG_MAPS_PATH}?labelSelector=odd%3Dyes&limit=2`;
    const { body: first } = await api.get(path);
    expect(names(first)).to.deep.equal(['a', 'c']);
    expect(first.metadata).not.to.have.property('remainingItemCount');
    const { body: second } = await api.get(`${path}&continue=${first.metadata.continue ?? ''}`);
    expect(names(second)).to.deep.equal(['e']);
  });

  it('says 410 when a page is asked for too late, and offers to go on less consistently', async () => {
    const { body: first } = await api.get(`${CONFIG_MAPS_PATH}?limit=2`);
    await clock.advance(6 * 60_000);
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('bb') });
    const { code, body } = await api.get(
      `${CONFIG_MAPS_PATH}?limit=9&continue=${first.metadata.continue ?? ''}`,
    );
    expect(code).to.equal(410);
    expect(body.reason).to.equal('Expired');
    const { body: rest } = await api.get(
      `${CONFIG_MAPS_PATH}?limit=9&continue=${body.metadata.continue ?? ''}`,
    );
    expect(names(rest)).to.deep.equal(['bb', 'c', 'd', 'e']);
  });

  it('refuses a continue that it did not give', async () => {
    for (const token of ['x', Buffer.from('{"version":"1"}').toString('base64url')]) {
      expect((await api.get(`${CONFIG_MAPS_PATH}?limit=2&continue=${token}`)).code).to.equal(400);
    }
  });

  it('is never older than asked for', async () => {
    const now = api.objects.version();
    expect((await api.get(`${CONFIG_MAPS_PATH}?resourceVersion=0`)).code).to.equal(200);
    expect((await api.get(`${CONFIG_MAPS_PATH}?resourceVersion=${String(now)}`)).code).to.equal(200);
    const { code, body } = await api.get(`${CONFIG_MAPS_PATH}?resourceVersion=${String(now + 5)}`);
    expect(code).to.equal(504);
    expect(body.details?.causes?.[0]?.reason).to.equal('ResourceVersionTooLarge');
  });

  it('of exactly a version shows what there was, also when much has changed since', async () => {
    const namesAt = async (version: number) => {
      const { code, body } = await api.get(
        `${CONFIG_MAPS_PATH}?resourceVersionMatch=Exact&resourceVersion=${String(version)}`,
      );
      expect(code).to.equal(200);
      expect(body.metadata.resourceVersion).to.equal(String(version));
      return names(body);
    };
    const before = await namesAt(api.objects.version());
    const then = api.objects.version();
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('f') });
    await api.ask('DELETE', `${CONFIG_MAPS_PATH}/${before[0] ?? ''}`);
    expect(await namesAt(then)).to.deep.equal(before);
    expect(await namesAt(api.objects.version())).to.deep.equal([...before.slice(1), 'f']);
    const page = await api.get(`${CONFIG_MAPS_PATH}?limit=2&resourceVersion=${String(then)}`);
    expect(names(page.body)).to.deep.equal(before.slice(0, 2));
  });

  it('refuses options that mean nothing', async () => {
    const code = async (query: string) => (await api.get(`${CONFIG_MAPS_PATH}?${query}`)).code;
    expect(await code('resourceVersion=abc')).to.equal(400);
    expect(await code('resourceVersionMatch=Exact')).to.equal(422);
    expect(await code('resourceVersionMatch=Exact&resourceVersion=0')).to.equal(422);
    expect(await code('resourceVersionMatch=Roughly&resourceVersion=1')).to.equal(422);
    expect(await code('sendInitialEvents=true')).to.equal(422);
    expect(await code('limit=many')).to.equal(400);
  });
});

describe('the forms of an answer', () => {
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
  const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start({ clock: fakeClock() });
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a', { data: { k: 'v' } }) });
  });
  afterEach(() => api.stop());

  it('are a table for kubectl', async () => {
    const { body } = await api.get(CONFIG_MAPS_PATH, { accept: TABLE });
    expect(body).to.include({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    const columns = (body.columnDefinitions as { name: string }[]).map(({ name }) => name);
    expect(columns).to.deep.equal(['Name', 'Data', 'Age']);
    const [row] = body.rows as { cells: unknown[]; object: Body }[];
    expect(row?.cells).to.deep.equal(['a', 1, '0s']);
    expect(row?.object.kind).to.equal('PartialObjectMetadata');
    const bare = await api.get(`${CONFIG_MAPS_PATH}/a?includeObject=None`, { accept: TABLE });
    expect((bare.body.rows as { object?: unknown }[])[0]?.object ?? null).to.equal(null);
    expect((await api.get(`${CONFIG_MAPS_PATH}?includeObject=Some`, { accept: TABLE })).code).to.equal(400);
  });

  it('are metadata alone', async () => {
    const { body: one } = await api.get(`${CONFIG_MAPS_PATH}/a`, { accept: METADATA });
    expect(one).to.have.keys('kind', 'apiVersion', 'metadata');
    expect(one.metadata.name).to.equal('a');
    const { body: list } = await api.get(CONFIG_MAPS_PATH, { accept: METADATA_LIST });
    expect(list.kind).to.equal('PartialObjectMetadataList');
    expect(list.items?.[0]).to.have.keys('kind', 'apiVersion', 'metadata');
  });

  it('are refused where they do not fit, and protobuf always', async () => {
    expect((await api.get(CONFIG_MAPS_PATH, { accept: METADATA })).code).to.equal(406);
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`, { accept: METADATA_LIST })).code).to.equal(406);
    const { code, body } = await api.get(CONFIG_MAPS_PATH, { accept: 'application/vnd.kubernetes.protobuf' });
    expect(code).to.equal(406);
    expect(body.reason).to.equal('NotAcceptable');
    const either = 'application/vnd.kubernetes.protobuf,application/json';
    expect((await api.get(CONFIG_MAPS_PATH, { accept: either })).code).to.equal(200);
  });
});
