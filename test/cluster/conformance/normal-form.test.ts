import { expect } from 'chai';
import { NormalForm } from './normal-form.ts';

const uid = (digit: number) => `00000000-0000-0000-0000-00000000000${String(digit)}`;
const object = (name: string, digit: number, resourceVersion: string, more: object = {}) => ({
  metadata: { name, uid: uid(digit), resourceVersion, ...more },
});

describe('the normal form of answers', () => {
  it('is the same for two clusters that differ in uids, versions, times and generated names', () => {
    const answers = (digit: number, version: string, name: string, at: string) => [
      object(name, digit, version, { generateName: 'gen-', creationTimestamp: at }),
      { owner: uid(digit), message: `Created pod: ${name} at ${at}` },
    ];
    const [left, right] = [
      answers(1, '7', 'gen-abcde', '2026-01-01T00:00:00Z'),
      answers(2, '99', 'gen-vwxyz', '2027-02-02T00:00:00Z'),
    ].map((all) => {
      const form = new NormalForm();
      return all.map((each) => form.of(each));
    });
    expect(left).to.deep.equal(right);
    expect(left?.[1]).to.deep.equal({
      owner: '<uid of gen-<1>>',
      message: 'Created pod: gen-<1> at <time>',
    });
  });

  it('tells objects apart that have one name, and what is not an identity of any object seen', () => {
    const form = new NormalForm();
    form.of(object('a', 1, '1'));
    form.of(object('a', 2, '2'));
    expect(form.of([uid(1), uid(2), uid(3)])).to.deep.equal(['<uid of a>', '<uid of a, number 2>', '<uid>']);
  });

  it('tells whether an object has been written', () => {
    const form = new NormalForm();
    const versionOf = (version: string) =>
      (form.of(object('a', 1, version)) as { metadata: { resourceVersion: string } }).metadata
        .resourceVersion;
    expect(['5', '5', '8', '5'].map(versionOf)).to.deep.equal([
      'version 1 of a',
      'version 1 of a',
      'version 2 of a',
      'version 1 of a',
    ]);
  });

  it('tells that there is a time, in which form, and that there is none', () => {
    const at = { a: '2026-01-01T00:00:00Z', b: '2026-01-01T00:00:00.123456Z', c: null };
    expect(new NormalForm().of(at)).to.deep.equal({ a: '<time>', b: '<time.fraction>', c: null });
  });

  it('leaves out who set which field, and nothing else', () => {
    expect(new NormalForm().of({ metadata: { managedFields: [], labels: {} } })).to.deep.equal({
      metadata: { labels: {} },
    });
  });

  it('has one blank where a program aligned columns, and no ages', () => {
    const form = new NormalForm();
    const table = (name: string, age: string) => form.of({ stdout: `NAME     AGE\n${name}   ${age}\n` });
    expect(table('a', '5s')).to.deep.equal({ stdout: 'NAME  AGE\na  <age>\n' });
    expect(table('a', '2m5s')).to.deep.equal(table('a', '3d4h'));
  });

  it('reads what kubectl prints as JSON', () => {
    const form = new NormalForm();
    const printed = form.of({ stdout: JSON.stringify(object('a', 1, '5')) });
    expect(JSON.parse((printed as { stdout: string }).stdout)).to.deep.equal({
      metadata: { name: 'a', uid: '<uid of a>', resourceVersion: 'version 1 of a' },
    });
  });

  it('keeps numbers, messages and names as they are', () => {
    const answer = {
      status: 409,
      body: { message: 'configmaps "a-5s" already exists', code: 409, versions: ['v1'] },
    };
    expect(new NormalForm().of(answer)).to.deep.equal(answer);
  });
});
