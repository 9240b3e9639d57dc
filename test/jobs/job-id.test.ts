import { expect } from 'chai';
import { v4, validate, version } from 'uuid';
import { isOfKey, jobIdFor } from '../../src/jobs/job-id.ts';

describe('the job_id of an Idempotency-Key', () => {
  it('is a UUID, and the same in every version of Portico', () => {
    const id = jobIdFor('gpu', 'key-1');
    expect([validate(id), version(id)]).to.deep.equal([true, 5]);
    expect(id).to.equal('0d6f27b2-f5c9-56ec-9002-04033d4e3810');
  });

  it('is told from a random one, and from what is no UUID', () => {
    expect([jobIdFor('gpu', 'key-1'), v4(), '', 'job'].map(isOfKey)).to.deep.equal([
      true,
      false,
      false,
      false,
    ]);
  });

  it('is another one for each caller, where callers are known', () => {
    const ids = [undefined, 'a', 'b', ''].map((caller) => jobIdFor('gpu', 'key-1', caller));
    expect(new Set(ids)).to.have.property('size', ids.length);
    expect(jobIdFor('gpu', 'key-1', 'a')).to.equal(ids[1]);
  });

  it('is another one for another worker or key, however they are put together', () => {
    const pairs = [
      ['a', 'b'],
      ['a', 'B'],
      ['ab', ''],
      ['', 'ab'],
      ['a', '\nb'],
      ['b', 'a'],
    ] as const;
    expect(new Set(pairs.map(([worker, key]) => jobIdFor(worker, key)))).to.have.property(
      'size',
      pairs.length,
    );
  });
});
