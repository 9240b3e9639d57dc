// The types of the client are those of the contract: what the one takes the other does. The compiler is the test.
import { expect } from 'chai';
import type {
  Job,
  JobPage,
  JobReference,
  JobRequest,
  JobState,
  JobSummary,
  QueryAnswer,
  Worker,
} from '../../src/client/index.ts';
import type { Value } from '../../src/http/openapi/schemas.ts';

type Same<A, B> = [A, B] extends [B, A] ? true : false;

describe('the types of the client', () => {
  it('are those of the schemas', () => {
    const same: [
      Same<JobRequest, Value<'StartRequest'>>,
      Same<JobReference, Value<'JobReference'>>,
      Same<QueryAnswer, Value<'QueryAnswer'>>,
      Same<JobState, Value<'JobState'>>,
      Same<JobSummary, Value<'JobItem'>>,
      Same<Job, Value<'Job'>>,
      Same<keyof Job, keyof Value<'Job'>>,
      Same<JobPage, Value<'JobList'>>,
      Same<Worker, Value<'Worker'>>,
      Same<keyof Worker, keyof Value<'Worker'>>,
    ] = [true, true, true, true, true, true, true, true, true, true];
    expect(same).to.not.include(false);
  });
});
