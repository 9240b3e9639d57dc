import { expect } from 'chai';
import fc from 'fast-check';
import {
  decode,
  decodePatched,
  dropUnknown,
  typeError,
  unknownFields,
} from '../../../src/devcluster/kinds/index.ts';
import type { ConfigMap, Job } from '../../../src/kube/wire.ts';
import { recorded } from './fixtures.ts';
import { frozen, kindNamed, refusalOf } from './kinds.ts';

const jobs = kindNamed('Job');
const withUnknown = { spec: { backoffLimit: 1, foo: 1, template: { spec: { bar: {} } } } };

describe('types of a body', () => {
  for (const { body, error } of recorded<{ body: object; error: string }>('type-errors')) {
    it(`${JSON.stringify(body)} is judged as Kubernetes does`, () => {
      expect(typeError(jobs, body) ?? '').to.equal(error);
    });
  }

  it('a wrong one is refused with the kind that it was to be', () => {
    const { code, reason, message } = refusalOf(() => decode(jobs, { spec: { parallelism: 'x' } }, 'Ignore'));
    expect({ code, reason, message }).to.deep.equal({
      code: 400,
      reason: 'BadRequest',
      message:
        'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal string into Go struct field JobSpec.spec.parallelism of type int32',
    });
  });
});

describe('unknown fields of a body', () => {
  for (const { body, error } of recorded<{ body: object; error: string }>('unknown-fields')) {
    it(`${JSON.stringify(body)} has those that Kubernetes finds`, () => {
      const found = unknownFields(jobs, body);
      const expected = error === '' ? [] : error.replace('strict decoding error: ', '').split(', ');
      expect(found).to.have.members(expected);
    });
  }

  it('are refused when validation is strict', () => {
    expect(refusalOf(() => decode(jobs, withUnknown, 'Strict')).message).to.equal(
      'Job in version "v1" cannot be handled as a Job: strict decoding error: unknown field "spec.foo", unknown field "spec.template.spec.bar"',
    );
  });

  it('are warned of and left out when it warns', () => {
    const { object, warnings } = decode<Job>(jobs, withUnknown, 'Warn');
    expect(warnings).to.deep.equal(['unknown field "spec.foo"', 'unknown field "spec.template.spec.bar"']);
    expect(object).to.deep.equal({
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { backoffLimit: 1, template: { spec: {} } },
    });
  });

  it('are left out without a word when it ignores them', () => {
    expect(decode(jobs, withUnknown, 'Ignore').warnings).to.deep.equal([]);
  });
});

describe('a body of another kind', () => {
  const said = (body: unknown) => refusalOf(() => decode(jobs, body, 'Ignore'));

  it('that is served is refused as a conversion', () => {
    expect(said({ apiVersion: 'v1', kind: 'Pod' }).message).to.equal(
      'Pod in version "v1" cannot be handled as a Job: converting (v1.Pod) to (batch.Job): unknown conversion',
    );
  });

  it('that is not served is refused as not registered', () => {
    expect(said({ apiVersion: 'batch/v2', kind: 'Job' }).message).to.equal(
      'Job in version "v2" cannot be handled as a Job: no kind "Job" is registered for version "batch/v2"',
    );
  });

  it('that is no object is refused', () => {
    for (const body of [[], 'x', 5]) expect(said(body).code).to.equal(400);
  });
});

describe('the result of a patch', () => {
  it('is refused as the fault of the patch, with what came of it', () => {
    const { code, reason, message } = refusalOf(() => decodePatched(jobs, { spec: { foo: 1 } }, 'Strict'));
    expect({ code, reason, message }).to.deep.equal({
      code: 422,
      reason: 'Invalid',
      message:
        ' "" is invalid: patch: Invalid value: "{\\"spec\\":{\\"foo\\":1}}": strict decoding error: unknown field "spec.foo"',
    });
    expect(refusalOf(() => decodePatched(jobs, { spec: [] }, 'Ignore')).code).to.equal(422);
    expect(refusalOf(() => decodePatched(jobs, 'x', 'Ignore')).code).to.equal(422);
  });

  it('warns like a body', () => {
    expect(decodePatched(jobs, { foo: 1 }, 'Warn').warnings).to.deep.equal(['unknown field "foo"']);
  });
});

describe('what is left of a body', () => {
  it('has no nulls, quantities in their one form, and times to the second', () => {
    const body = frozen({
      metadata: { name: 'x', labels: {}, finalizers: [], creationTimestamp: '2030-01-01T01:00:00.5+01:00' },
      spec: {
        suspend: null,
        template: { spec: { containers: [{ resources: { limits: { cpu: 1, memory: '1024Mi' } } }] } },
      },
    });
    expect(dropUnknown(jobs, body as unknown as Job)).to.deep.equal({
      metadata: { name: 'x', creationTimestamp: '2030-01-01T00:00:00Z' },
      spec: {
        template: { spec: { containers: [{ resources: { limits: { cpu: '1', memory: '1Gi' } } }] } },
      },
    });
  });

  it('keeps a key that is called __proto__', () => {
    const body = JSON.parse('{"data":{"__proto__":"x","a":null}}') as ConfigMap;
    const { data = {} } = dropUnknown(kindNamed('ConfigMap'), body) as ConfigMap;
    expect(Object.entries(data)).to.deep.equal([
      ['__proto__', 'x'],
      ['a', ''],
    ]);
  });

  it('is there for any JSON, and is what is left of itself', () => {
    const field = fc.constantFrom(
      'metadata',
      'spec',
      'template',
      'containers',
      'labels',
      'status',
      'name',
      'x',
    );
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, true, 5, 1.5, 'x'),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(field, tie('json'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => {
        const once = dropUnknown(jobs, value as Job);
        expect(dropUnknown(jobs, once)).to.deep.equal(once);
        expect(unknownFields(jobs, once)).to.deep.equal([]);
        typeError(jobs, value);
      }),
    );
  });
});
