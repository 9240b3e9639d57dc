import { expect } from 'chai';
import { isReceiver, originOf, receiverOf } from '../../src/webhooks/origins.ts';

describe('a host that may be told', () => {
  for (const [text, origin] of Object.entries({
    'hooks.example': 'https://hooks.example',
    'hooks.example:8443': 'https://hooks.example:8443',
    'https://hooks.example': 'https://hooks.example',
    'https://HOOKS.example:443': 'https://hooks.example',
    'http://10.0.0.7:8080': 'http://10.0.0.7:8080',
    '[::1]:8080': 'https://[::1]:8080',
    localhost: 'https://localhost',
  })) {
    it(`is read as ${origin} from ${text}`, () => {
      expect(originOf(text)).to.equal(origin);
    });
  }

  for (const text of [
    '',
    'ftp://hooks.example',
    'https://',
    'hooks.example/path',
    'https://hooks.example/',
    'https://user@hooks.example',
    'https://hooks.example?x',
    'https://hooks.example#x',
    'hooks example',
    'hooks.example:99999',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(originOf(text)).to.equal(undefined);
    });
  }
});

describe('a receiver', () => {
  it('is named by a URL of http or https, without credentials', () => {
    for (const url of ['https://hooks.example/a?b=c#d', 'http://10.0.0.7:8080/'])
      expect(isReceiver(url)).to.equal(true);
    for (const url of [
      '',
      'hooks.example',
      '/x',
      'file:///etc/passwd',
      'javascript:1',
      'https://u:p@h/',
      'https://u@h/',
    ]) {
      expect(isReceiver(url)).to.equal(false);
    }
  });

  it('is the origin, however the URL is spelt', () => {
    expect(receiverOf('https://HOOKS.example:443/../x')).to.equal('https://hooks.example');
    expect(receiverOf('https://hooks.example\\@evil.example/')).to.equal('https://hooks.example');
    expect(receiverOf('https://hooks.example.evil.example/')).to.equal('https://hooks.example.evil.example');
    expect(receiverOf('no URL')).to.equal(undefined);
  });
});
