import { expect } from 'chai';
import { assertMayMeasure, TargetError } from './target.ts';

describe('a cluster that is to be measured', () => {
  for (const server of ['https://127.0.0.1:6443', 'http://localhost:8080', 'https://[::1]:6443']) {
    it(`may be ${server}`, () => {
      expect(() => assertMayMeasure(server, false)).to.not.throw();
    });
  }

  for (const server of [
    'https://10.0.0.1:6443',
    'https://127.example.org',
    'https://kubernetes.default.svc',
    'nonsense',
    '',
  ]) {
    it(`is not ${JSON.stringify(server)}, unless somebody says so`, () => {
      expect(() => assertMayMeasure(server, false)).to.throw(
        TargetError,
        `expected a cluster on loopback, got ${server}`,
      );
      expect(() => assertMayMeasure(server, true)).to.not.throw();
    });
  }
});
