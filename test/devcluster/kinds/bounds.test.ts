// What a few bytes may grow to, and that what is large is still gone through once: a step that takes the square of its size would
// take minutes here.
import { expect } from 'chai';
import {
  applyPatch,
  checkBounds,
  checkText,
  decode,
  fromProtobuf,
  parseFieldSelector,
  parseLabelSelector,
  typeError,
  unknownFields,
} from '../../../src/devcluster/kinds/index.ts';
import type { KubeObject } from '../../../src/kube/wire.ts';
import { kindNamed, refusalOf } from './kinds.ts';

const maps = kindNamed('ConfigMap');
const jobs = kindNamed('Job');
const map = (data: Record<string, unknown>): KubeObject =>
  ({ metadata: { name: 'a', finalizers: ['p/q'] }, data }) as KubeObject;
const MANY = 40_000;
const numbers = Array.from({ length: MANY }, (_, index) => index);

const patched = (type: string, patch: unknown, object = map({ keep: 'x' })) =>
  applyPatch(maps, object, `application/${type}+json`, patch);
const operations = (object: KubeObject, list: object[]) => patched('json-patch', list, object);

describe('a JSON patch', () => {
  const copies = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      op: 'copy',
      from: '/data',
      path: `/data/c${String(index)}`,
    }));

  it('whose copies double is refused', () => {
    expect(refusalOf(() => operations(map({ keep: 'x'.repeat(32) }), copies(22)))).to.include({ code: 422 });
    expect(() => operations(map({ keep: 'x'.repeat(32) }), copies(10))).to.not.throw();
  });

  it('may copy 3 MiB in all, also over what was copied before', () => {
    const copy = { op: 'copy', from: '/data/keep', path: '/data/other' };
    const large = map({ keep: 'x'.repeat(1024 * 1024 - 2) });
    expect(() => operations(large, [copy, copy, copy])).to.not.throw();
    expect(refusalOf(() => operations(large, [copy, copy, copy, copy])).code).to.equal(422);
  });

  it('that makes the object larger than a request may be is refused', () => {
    const add = (name: string) => ({ op: 'add', path: `/data/${name}`, value: 'x'.repeat(2 * 1024 * 1024) });
    expect(refusalOf(() => operations(map({}), [add('a'), add('b')]))).to.include({
      code: 413,
      reason: 'RequestEntityTooLarge',
    });
    expect(() => operations(map({}), [add('a'), add('a')])).to.not.throw();
  });

  it('that nests the object into itself again and again is refused', () => {
    const wrap = () => [
      { op: 'add', path: '/x', value: {} },
      { op: 'move', from: '/data', path: '/x/d' },
      { op: 'move', from: '/x', path: '/data' },
    ];
    const nested = (times: number) => operations(map({}), Array.from({ length: times }, wrap).flat());
    expect(refusalOf(() => nested(3_000)).code).to.equal(400);
    expect(() => nested(100)).to.not.throw();
  });

  it('that moves thousands of elements for thousands of others is refused', () => {
    const insert = { op: 'add', path: '/data/l/0', value: 0 };
    const inserts = (length: number) => [
      { op: 'add', path: '/data/l', value: numbers.slice(0, length) },
      ...Array.from({ length: 5_000 }, () => insert),
    ];
    expect(refusalOf(() => operations(map({}), inserts(MANY))).code).to.equal(422);
    expect(() => operations(map({}), inserts(1_000))).to.not.throw();
  });

  it('that moves a large value thousands of times does so at once', () => {
    const there = { op: 'move', from: '/data', path: '/other' };
    const back = { op: 'move', from: '/other', path: '/data' };
    const moves = Array.from({ length: 4_000 }, () => [there, back]).flat();
    expect(operations(map({ l: numbers }), moves)).to.deep.equal(map({ l: numbers }));
    const onto = [
      { op: 'add', path: '/data/s', value: 1 },
      ...Array.from({ length: 4_000 }, () => [
        { op: 'move', from: '/data/s', path: '/data/l/0' },
        { op: 'move', from: '/data/l/0', path: '/data/s' },
      ]).flat(),
    ];
    const large = map({ l: [{ text: 'x'.repeat(1_000_000) }] });
    expect(operations(large, onto)).to.deep.equal(map({ ...(large as { data?: object }).data, s: 1 }));
  });

  it('moves as remove and add do, in lists, too', () => {
    const list = (from: string, path: string) =>
      (operations(map({ l: ['a', 'b', 'c'] }), [{ op: 'move', from, path }]) as { data?: { l?: string[] } })
        .data?.l;
    expect(list('/data/l/0', '/data/l/2')).to.deep.equal(['b', 'c', 'a']);
    expect(list('/data/l/2', '/data/l/0')).to.deep.equal(['c', 'a', 'b']);
    expect(list('/data/l/1', '/data/l/1')).to.deep.equal(['a', 'b', 'c']);
    expect(refusalOf(() => list('/data/l', '/data/l/0')).code).to.equal(422);
    for (const path of [
      '/data/l/4',
      '/data/l/x',
      '/data/l/-1',
      '/data/none/x',
      '/data/l/0/x',
      '/__proto__/x',
    ])
      expect(refusalOf(() => list('/data/l/0', path)).code, path).to.equal(422);
    expect(refusalOf(() => list('/data/none', '/data/l/0')).code).to.equal(422);
  });
});

describe('JSON that is deep', () => {
  const deep = (levels: number) => Buffer.from(`${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`);

  it('is refused beyond a thousand levels, before it is parsed', () => {
    expect(
      refusalOf(() => {
        checkText(deep(2_000_000));
      }),
    ).to.include({ code: 400, message: 'json: exceeded max depth: 1000' });
    checkText(deep(1_000));
  });

  it('counts no brackets in texts', () => {
    checkText(Buffer.from(JSON.stringify({ a: `"\\${'[{'.repeat(2_000)}`, b: '\\', c: '['.repeat(2_000) })));
  });

  it('of a thousand levels can be merged in every way', () => {
    const value = JSON.parse(deep(900).toString()) as unknown;
    for (const type of ['merge-patch', 'strategic-merge-patch']) {
      expect(() => patched(type, { other: { a: value } })).to.not.throw();
      expect(() => patched(type, { other: { a: value } }, map({ other: value }))).to.not.throw();
    }
    expect(() => operations(map({}), [{ op: 'add', path: '/x', value }])).to.not.throw();
  });
});

describe('JSON of many values', () => {
  const values = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({})));

  it('is refused beyond fifty thousand, before it is parsed', () => {
    expect(
      refusalOf(() => {
        checkText(Buffer.from(values(50_000)));
      }),
    ).to.include({ code: 413, reason: 'RequestEntityTooLarge' });
    checkText(Buffer.from(values(20_000)));
  });

  it('is refused when a patch makes it', () => {
    const list = numbers.map(String);
    const copy = { op: 'copy', from: '/data/l', path: '/data/m' };
    expect(refusalOf(() => operations(map({ l: list }), [copy])).code).to.equal(413);
  });
});

describe('what stands for more than it is', () => {
  it('is measured by what it stands for, without making it', () => {
    let laughs: unknown = 'lol';
    for (let level = 0; level < 40; level += 1) laughs = Array.from({ length: 10 }, () => laughs);
    expect(
      refusalOf(() => {
        checkBounds(laughs);
      }).code,
    ).to.equal(413);
  });

  it('is refused when it holds itself', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(
      refusalOf(() => {
        checkBounds(ring);
      }).code,
    ).to.equal(400);
  });
});

describe('what is large is gone through once', () => {
  it('protobuf with many elements and keys', () => {
    const field = (tag: number, bytes: Buffer) =>
      Buffer.concat([Buffer.from([tag]), varint(bytes.length), bytes]);
    const metadata = Buffer.concat(numbers.map((number) => field(0x72, Buffer.from(`a/${String(number)}`))));
    const data = numbers.map((number) => field(0x12, field(0x0a, Buffer.from(String(number)))));
    const type = Buffer.concat([field(0x0a, Buffer.from('v1')), field(0x12, Buffer.from('ConfigMap'))]);
    const object = Buffer.concat([field(0x0a, metadata), ...data]);
    const body = Buffer.concat([Buffer.from('k8s\0'), field(0x0a, type), field(0x12, object)]);
    const read = fromProtobuf(body) as { metadata: { finalizers: string[] }; data: Record<string, string> };
    expect(read.metadata.finalizers).to.have.length(MANY);
    expect(Object.keys(read.data)).to.have.length(MANY);
  });

  it('strategic merges with directives', () => {
    const finalizers = numbers.map((number) => `a/${String(number)}`);
    const object = { metadata: { name: 'a', finalizers } };
    const reversed = finalizers.toReversed();
    const merged = (metadata: object) =>
      patched('strategic-merge-patch', { metadata }, object).metadata?.finalizers ?? [];
    expect(merged({ finalizers: reversed, '$setElementOrder/finalizers': reversed })).to.deep.equal(reversed);
    expect(merged({ '$deleteFromPrimitiveList/finalizers': reversed.slice(1) })).to.deep.equal(['a/39999']);
    const keys = Object.fromEntries(finalizers.map((key) => [key, 1]));
    const retained = patched(
      'strategic-merge-patch',
      { $retainKeys: ['metadata', ...finalizers], ...keys },
      { metadata: { name: 'a' } },
    );
    expect(Object.keys(retained)).to.have.length(MANY + 1);
  });

  it('checks of what may not come twice, or not change', () => {
    const finalizers = numbers.map((number) => `a/${String(number)}`);
    const before = { metadata: { name: 'a', finalizers: finalizers.toReversed() } } as KubeObject;
    maps.validateUpdate({ metadata: { name: 'a', finalizers } }, before);
    const rule = { action: 'FailJob', onExitCodes: { operator: 'In', values: numbers } };
    jobs.validateCreate({
      metadata: { name: 'a' },
      spec: { podFailurePolicy: { rules: [rule] }, template: { spec: { containers: [] } } },
    } as KubeObject);
    const tolerations = numbers.map((number) => ({ key: `a${String(number)}`, operator: 'Exists' }));
    const pod = (list: unknown[]) =>
      ({ metadata: { name: 'a' }, spec: { containers: [], tolerations: list } }) as KubeObject;
    kindNamed('Pod').validateUpdate(pod(tolerations), pod(tolerations.toReversed()));
  });

  it('quantities of a million digits: not at all', () => {
    const requests = { cpu: '1'.repeat(1_000_000) };
    const body = { spec: { template: { spec: { containers: [{ resources: { requests } }] } } } };
    expect(typeError(jobs, body)).to.include('quantities must match');
  });
});

describe('what is wrong in many places', () => {
  it('is told of a hundred', () => {
    const body = {
      metadata: { name: 'a' },
      ...Object.fromEntries(numbers.map((number) => [String(number), 1])),
    };
    expect(unknownFields(maps, body)).to.have.length(100);
    expect(decode(maps, body, 'Warn').warnings).to.have.length(100);
  });
});

describe('a selector', () => {
  const many = (count: number, term: string) => Array.from({ length: count }, () => term).join(',');

  it('may have a hundred requirements, each with as many values as there is room for', () => {
    expect(parseLabelSelector(many(100, '!a'))({})).to.equal(true);
    expect(refusalOf(() => parseLabelSelector(many(101, '!a'))).code).to.equal(400);
    expect(parseLabelSelector(`a in (${many(4_000, 'b')})`)({ a: 'b' })).to.equal(true);
    const none = 'metadata.name!=x';
    expect(parseFieldSelector(many(100, none), maps)({ metadata: { name: 'a' } })).to.equal(true);
    expect(refusalOf(() => parseFieldSelector(many(101, none), maps)).code).to.equal(400);
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
