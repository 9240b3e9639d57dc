// True or false after a "?": the same words mean the same on every route.
import { expect } from 'chai';
import type { z } from 'zod';
import { parseJobsQuery, jobsQuery } from '../../src/http/contract/list-query.ts';
import { logRange, logsQuery } from '../../src/http/contract/output-query.ts';
import { READS } from '../../src/http/openapi/reads.ts';
import type { Given } from '../../src/http/contract/query-values.ts';

const READERS = {
  watch: (given: Given) => parseJobsQuery(given).watch,
  follow: (given: Given) => logRange(given, 0).follow,
};

for (const [name, read] of Object.entries(READERS)) {
  describe(`the parameter ${name}`, () => {
    for (const word of ['', 'true', 'TRUE', 'True', '1'])
      it(`is a yes as "${word}"`, () => {
        expect(read({ [name]: word })).to.equal(true);
      });

    for (const word of ['false', 'FALSE', '0'])
      it(`is a no as "${word}"`, () => {
        expect(read({ [name]: word })).to.equal(false);
      });

    it('is a no when it is left out, and of several the last one counts', () => {
      expect(read({})).to.equal(false);
      expect(read({ [name]: ['false', '1'] })).to.equal(true);
      expect(read({ [name]: ['true', '0'] })).to.equal(false);
    });

    for (const word of ['yes', '2', ' true', 'null', '__proto__'])
      it(`is refused as "${word}"`, () => {
        expect(() => read({ [name]: word })).to.throw(
          `expected "${name}" to be true or false, got "${word}"`,
        );
      });
  });
}

describe('the parameters of a query', () => {
  const declared = (path: string) =>
    READS.find((operation) => operation.path === path)?.parameters?.filter(
      ({ in: place }) => place === 'query',
    );

  for (const [path, { shape }] of [
    ['/jobs', jobsQuery],
    ['/jobs/:job_id/logs', logsQuery],
  ] as [string, z.ZodObject][]) {
    it(`of ${path} are in the OpenAPI document by the schemas that validate them`, () => {
      expect(declared(path)?.map(({ name, schema }) => [name, schema])).to.deep.equal(Object.entries(shape));
    });
  }
});
