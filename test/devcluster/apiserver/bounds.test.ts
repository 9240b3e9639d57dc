// Requests that would make much of little: each has an answer, and a short one.
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { configMap, CONFIG_MAPS_PATH, job, JOBS_PATH, TestApi, type Answer } from './support.ts';

describe('a request that stands for more than it is', () => {
  let api: TestApi;
  before(async () => {
    api = await TestApi.start();
    await api.ask('POST', CONFIG_MAPS_PATH, { body: configMap('a', { data: { keep: 'x' } }) });
    await api.ask('POST', JOBS_PATH, { body: job('j') });
  });
  after(() => api.stop());

  const refused = async (answer: Promise<Answer>, code: number, says: RegExp) => {
    const { code: is, body, text } = await answer;
    expect(is, body.message).to.equal(code);
    expect(body.message).to.match(says);
    expect(text.length).to.be.below(20_000);
  };
  const post = (body: string, type: string, more: Record<string, string> = {}) =>
    api.ask('POST', CONFIG_MAPS_PATH, { body, headers: { 'content-type': type, ...more } });
  const patch = (path: string, body: string, type: string) =>
    api.ask('PATCH', path, { body, headers: { 'content-type': `application/${type}+json` } });

  it('a JSON patch of doubling copies is 422, and changes nothing', async () => {
    const copies = Array.from({ length: 22 }, (_, index) => ({
      op: 'copy',
      from: '/data',
      path: `/data/c${String(index)}`,
    }));
    const grow = { op: 'add', path: '/data/grow', value: 'x'.repeat(32) };
    await refused(
      patch(`${CONFIG_MAPS_PATH}/a`, JSON.stringify([grow, ...copies]), 'json-patch'),
      422,
      /rejected our request/,
    );
    expect((await api.get(`${CONFIG_MAPS_PATH}/a`)).body.data).to.deep.equal({ keep: 'x' });
  });

  it('a JSON patch of ten thousand copies takes no copy of the whole for each', async () => {
    const copies = Array.from({ length: 10_000 }, (_, index) => ({
      op: 'copy',
      from: '/data/keep',
      path: `/data/c${String(index)}`,
    }));
    const path = `${CONFIG_MAPS_PATH}/a?dryRun=All`;
    const started = performance.now();
    const { code, body } = await patch(path, JSON.stringify(copies), 'json-patch');
    expect(performance.now() - started).to.be.below(5_000);
    expect([code, Object.keys(body.data ?? {}).length]).to.deep.equal([200, 10_001]);
    for (const from of ['/data/missing', '/data/keep/length', '/metadata/constructor', '/nothing/here'])
      await refused(
        patch(path, JSON.stringify([{ op: 'copy', from, path: '/data/to' }]), 'json-patch'),
        422,
        /rejected our request/,
      );
  });

  it('YAML of keys inside keys is 400, at once', async () => {
    for (const text of ['? '.repeat(30) + 'a', '{'.repeat(30) + 'a: 1' + '}: 1'.repeat(30)])
      await refused(post(text, 'application/yaml'), 400, /key has to be a plain value/);
    await refused(post('a: &a [x]\n? *a\n: 1', 'application/yaml'), 400, /key has to be a plain value/);
  });

  it('protobuf of a million fields, which come to nothing, is 413', async () => {
    const envelope = `k8s\0${'\x3a\0'.repeat(1_000_000)}`;
    await refused(post(envelope, 'application/vnd.kubernetes.protobuf'), 413, /too large/);
  });

  it('JSON and patches of half a million levels are 400', async () => {
    const deep = '{"a":'.repeat(500_000) + '1' + '}'.repeat(500_000);
    await refused(post(deep, 'application/json'), 400, /exceeded max depth/);
    for (const type of ['merge-patch', 'strategic-merge-patch', 'json-patch'])
      await refused(patch(`${JOBS_PATH}/j`, deep, type), 400, /exceeded max depth/);
  });

  it('YAML of aliases of aliases is 400, of one large alias 413, and long YAML 413', async () => {
    const levels = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const laughs = levels.map((name, index) => {
      const before = `*${['a', ...levels][index] ?? ''}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(',')}]`;
    });
    await refused(post(['a: &a [lol,lol]', ...laughs].join('\n'), 'application/yaml'), 400, /alias/);
    const large = `a: &a "${'x'.repeat(50_000)}"\nb: [${Array.from({ length: 90 }, () => '*a').join(',')}]`;
    await refused(post(large, 'application/yaml'), 413, /too large/);
    await refused(post('a: 1\n'.repeat(20_000), 'application/yaml'), 413, /limit is 65536/);
  });

  it('YAML that is wrong in each character is 400, with the place of the first', async () => {
    await refused(post(`a:\n  ${'}'.repeat(60_000)}`, 'application/yaml'), 400, /at line 2, column 3/);
  });

  it('a gzipped body is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000)).toString('latin1');
    await refused(post(bomb, 'application/json', { 'content-encoding': 'gzip' }), 400, /could not be read/);
  });

  it('what is wrong in ten thousand places is told of a hundred', async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`!${String(index)}`, '!']),
    );
    const answer = api.ask('POST', CONFIG_MAPS_PATH, {
      body: { ...configMap('b'), metadata: { name: 'b', labels } },
    });
    await refused(
      answer.then((each) => ({ ...each, text: '' })),
      422,
      /name part must consist/,
    );
    expect((await answer).body.details?.causes).to.have.length(100);
  });

  it('a selector of hundreds of requirements is 400', async () => {
    const terms = Array.from({ length: 300 }, () => '!a').join(',');
    await refused(api.get(`${CONFIG_MAPS_PATH}?labelSelector=${terms}`), 400, /100 requirements/);
  });
});
