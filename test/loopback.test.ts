import { expect } from 'chai';
import { isLoopback, nameIn } from '../src/net/loopback.ts';

describe('this machine', () => {
  for (const host of [
    'localhost',
    'LOCALHOST',
    'a.localhost',
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ]) {
    it(`is ${host}`, () => {
      expect(isLoopback(host)).to.be.true;
    });
  }

  for (const host of [
    '',
    'example.org',
    'localhost.example.org',
    'notlocalhost',
    '127.example.org',
    '127.0.0.1.example.org',
    '127.1',
    '128.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '::',
    '::2',
    '::ffff:10.0.0.1',
    '[127.0.0.1]',
    '[localhost]',
  ]) {
    it(`is not ${JSON.stringify(host)}`, () => {
      expect(isLoopback(host)).to.be.false;
    });
  }

  it('is found behind a port', () => {
    expect(['localhost:80', '[::1]:80', '127.0.0.1', 'localhost:', 'a:b'].map(nameIn)).to.deep.equal([
      'localhost',
      '[::1]',
      '127.0.0.1',
      'localhost',
      'a:b',
    ]);
  });
});
