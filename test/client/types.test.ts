// The types of the client are those of the contract: what the one takes the other does. The compiler is the test.
import { expect } from 'chai';
import type { JobReference, JobRequest, QueryAnswer } from '../../src/client/index.ts';
import type { Value } from '../../src/http/openapi/schemas.ts';

type Same<A, B> = [A, B] extends [B, A] ? true : false;

describe('the types of the client', () => {
  it('are those of the schemas', () => {
    const same: [
      Same<JobRequest, Value<'StartRequest'>>,
      Same<JobReference, Value<'JobReference'>>,
      Same<QueryAnswer, Value<'QueryAnswer'>>,
    ] = [true, true, true];
    expect(same).to.not.include(false);
  });
});
