// What an operator is warned of at the start.
import { expect } from 'chai';
import { exposureWarning } from '../../src/callers/exposure.ts';

describe('the warning at the start', () => {
  for (const address of ['0.0.0.0', '::', '10.1.2.3', 'portico.example', 'fe80::1']) {
    it(`on ${address} is that callers are not asked who they are, or that tokens come in the clear`, () => {
      const of = (authMode: 'none' | 'token', servesTls: boolean) =>
        exposureWarning({ authMode, address, servesTls });
      expect(of('none', false)).to.match(/^callers are not asked who they are/);
      expect(of('none', true)).to.match(/^callers are not asked who they are/);
      expect(of('token', false)).to.match(/^tokens of callers come in the clear/);
      expect(of('token', true)).to.equal(undefined);
    });
  }

  it('is none on loopback', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
      for (const authMode of ['none', 'token'] as const)
        expect(exposureWarning({ authMode, address, servesTls: false })).to.equal(undefined);
  });
});
