// Which proxy the environment means, beside what Go's httpproxy says of the same values.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { Proxies, ProxyError } from '../../src/net/proxy.ts';

const linesOf = <T>(name: string): T[] =>
  readFileSync(`${import.meta.dirname}/fixtures/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const PROXY = 'http://proxy.example:3128/';
const BOTH = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY };

describe('the proxy of a URL', () => {
  const [{ urls = [] } = {}, ...rows] = linesOf<{ urls?: string[]; noProxy?: string; direct?: string[] }>(
    'no-proxy',
  );
  for (const { noProxy = '', direct } of rows) {
    it(`with NO_PROXY=${JSON.stringify(noProxy)} is that of Go`, () => {
      const proxies = new Proxies({ ...BOTH, NO_PROXY: noProxy });
      expect(urls.filter((url) => proxies.for(url) === undefined)).to.deep.equal(direct);
    });
  }

  for (const { value, proxy } of linesOf<{ value: string; proxy: string }>('proxy-url')) {
    it(`with HTTPS_PROXY=${value} is that of Go`, () => {
      const found = new Proxies({ HTTPS_PROXY: value }).for('https://example.org');
      expect(found?.href).to.equal(new URL(proxy).href);
    });
  }

  const found = (environment: Record<string, string>, url = 'https://example.org') =>
    new Proxies(environment).for(url)?.hostname;

  it('is that of its scheme, and none for want of it', () => {
    expect(found({ HTTPS_PROXY: 'http://a' })).to.equal('a');
    expect(found({ HTTPS_PROXY: 'http://a' }, 'http://example.org')).to.equal(undefined);
    expect(found({ HTTP_PROXY: 'http://b' })).to.equal(undefined);
    expect(found({ HTTP_PROXY: 'http://b' }, 'http://example.org')).to.equal('b');
  });

  it('is that of the variables in lower case, too, where those in upper case are unset or empty', () => {
    expect(found({ https_proxy: 'http://a' })).to.equal('a');
    expect(found({ HTTPS_PROXY: '', https_proxy: 'http://a' })).to.equal('a');
    expect(found({ HTTPS_PROXY: 'http://b', https_proxy: 'http://a' })).to.equal('b');
    expect(found({ HTTPS_PROXY: 'http://b', no_proxy: 'example.org' })).to.equal(undefined);
  });

  it('is not that of ALL_PROXY', () => {
    expect(found({ ALL_PROXY: 'http://a', all_proxy: 'http://a' })).to.equal(undefined);
  });

  it('is none where blanks alone separate the entries of NO_PROXY', () => {
    expect(found({ HTTPS_PROXY: PROXY, NO_PROXY: 'a.example example.org\t10.0.0.0/8' })).to.equal(undefined);
  });

  for (const bad of [
    'ftp://user:secret@proxy.example',
    'http://',
    'socks4://user:secret@proxy.example',
    'http://proxy.example:99999',
    'user:secret@proxy.example:port',
    'http://user:secret%zz@proxy.example',
    'http://user:sec/ret@proxy.example:x',
    ' ',
  ]) {
    it(`is refused when it is ${JSON.stringify(bad)}, and its credentials are not shown`, () => {
      const proxies = new Proxies({ https_proxy: bad, NO_PROXY: 'example.org' });
      expect(() => proxies.for('https://other.example'))
        .to.throw(ProxyError, /^HTTPS_PROXY: expected an http, https or socks5 URL such as \S+, got ".*"$/)
        .and.to.have.property('message')
        .that.does.not.match(/sec|ret|user/);
      expect(() => proxies.assertUsable()).to.throw(ProxyError);
      expect(proxies.for('https://example.org')).to.equal(undefined);
    });
  }
});
