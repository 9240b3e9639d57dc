// What a request is for: the forms of its target, and its Host.
import fc from 'fast-check';
import { expect } from 'chai';
import { problemOf, toOriginForm } from '../../src/net/request-target.ts';

interface Given {
  url: string;
  method?: string;
  httpVersion?: string;
  hosts?: string[];
}

function request({ url, method = 'GET', httpVersion = '1.1', hosts = ['portico'] }: Given) {
  const rawHeaders = ['Accept', '*/*', ...hosts.flatMap((host) => ['HOST', host])];
  const headers: { host?: string } = hosts[0] === undefined ? {} : { host: hosts[0] };
  return { url, method, httpVersion, headers, rawHeaders };
}

function read(given: Given) {
  const head = request(given);
  toOriginForm(head);
  return { url: head.url, host: head.headers.host, problem: problemOf(head) };
}

describe('the target of a request', () => {
  for (const [target, url, host] of [
    ['/start?x=http://a/b', '/start?x=http://a/b', 'portico'],
    ['//start', '//start', 'portico'],
    ['http://localhost:3000/jobs?limit=1', '/jobs?limit=1', 'localhost:3000'],
    ['HTTPS://Example.com/', '/', 'Example.com'],
    ['http://[::1]:80', '/', '[::1]:80'],
    ['http://a?x', '/?x', 'a'],
  ] as const) {
    it(`${target} is ${url} on ${host}`, () => {
      expect(read({ url: target })).to.deep.equal({ url, host, problem: undefined });
    });
  }

  it('of OPTIONS may be the server itself', () => {
    for (const url of ['*', 'http://portico']) {
      expect(read({ url, method: 'OPTIONS' })).to.deep.include({ url: '*', problem: undefined });
    }
    expect(read({ url: '*' }).problem).to.include({ status: 400 });
  });

  const expected = 'expected a path, or an http or https URL with a host and without credentials';
  for (const [target, came] of [
    ['ftp://localhost/', '"ftp://localhost/"'],
    ['file:///etc/passwd', '"file:///etc/passwd"'],
    ['http:///start', '"http:///start"'],
    ['http://a b/start', '"http://a b/start"'],
    ['localhost:80', '"localhost:80"'],
    ['start', '"start"'],
    ['', '""'],
  ] as const) {
    it(`cannot be ${JSON.stringify(target)}`, () => {
      expect(read({ url: target }).problem).to.deep.equal({
        status: 400,
        text: `${expected}, got ${came}`,
      });
    });
  }

  it('loses a user and a password, and is refused', () => {
    for (const url of ['http://user:secret@localhost/jobs', 'ftp://secret@a@localhost/jobs']) {
      const { url: left, problem } = read({ url });
      expect(problem).to.include({ status: 400 });
      expect(JSON.stringify([left, problem])).not.to.include('secret');
    }
    expect(read({ url: 'user:secret@localhost' }).problem?.text).to.equal(`${expected}, got another target`);
  });

  it('is a path without a problem, or is refused, whatever comes', () => {
    const anything = fc.oneof(fc.string(), fc.webUrl(), fc.webPath(), fc.constant('*'));
    fc.assert(
      fc.property(anything, (target) => {
        const { url, problem } = read({ url: target });
        expect(problem === undefined).to.equal(url.startsWith('/'));
      }),
    );
  });
});

describe('the Host of a request', () => {
  const problem = (hosts: string[], httpVersion = '1.1') => read({ url: '/', hosts, httpVersion }).problem;

  for (const host of [
    'a',
    'a:80',
    'a:',
    '[::1]:8080',
    '10.0.0.1',
    'my_name.svc',
    'xn--bcher-kva.example',
    '%61',
  ]) {
    it(`may be ${host}`, () => {
      expect(problem([host])).to.equal(undefined);
      expect(problem([host], '1.0')).to.equal(undefined);
    });
  }

  for (const host of [
    'a b',
    'a/b',
    'u@a',
    'a:x',
    'a:80:80',
    '::1',
    '[::1',
    '[a b]',
    'ä',
    '%6',
    'http://a',
    'a#',
  ]) {
    it(`cannot be ${host}`, () => {
      const text = `expected Host to be a name or an address, got ${JSON.stringify(host)}`;
      expect(problem([host])).to.deep.equal({ status: 400, text });
      expect(problem([host], '1.0')).to.deep.equal({ status: 400, text });
    });
  }

  it('is there once', () => {
    const none = { status: 400, text: 'expected a Host header, got nothing' };
    expect(problem([])).to.deep.equal(none);
    expect(problem([''])).to.deep.equal(none);
    expect(problem(['a', 'a'])).to.deep.equal({ status: 400, text: 'expected one Host header, got 2' });
    expect(problem(['a', 'b', 'c'], '1.0')).to.include({ status: 400 });
  });

  it('is needed by HTTP/1.1 alone', () => {
    expect(problem([], '1.0')).to.equal(undefined);
    expect(problem([''], '1.0')).to.equal(undefined);
  });

  it('does not count beside the host of the target, and has to be there all the same', () => {
    expect(read({ url: 'http://a/', hosts: ['b'] }).host).to.equal('a');
    expect(read({ url: 'http://a/', hosts: [] }).problem).to.include({ status: 400 });
  });
});

describe('the version of a request', () => {
  it('is HTTP/1', () => {
    expect(read({ url: '/', httpVersion: '2.0' }).problem).to.deep.equal({
      status: 505,
      text: 'expected HTTP/1.0 or HTTP/1.1, got HTTP/2.0',
    });
  });
});
