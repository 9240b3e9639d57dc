// Who may call: programs, and pages of our own origin. Not other people's pages.
import { expect } from 'chai';
import { refusalOf } from '../../src/http/middleware/browser-guards.ts';
import { REF, startPortico, type Portico } from './fixture.ts';

const LOOPBACK = { loopbackOnly: true };
const ANYWHERE = { loopbackOnly: false };

describe('the guard', () => {
  const served: Record<string, string>[] = [
    { host: 'localhost:3000' },
    { host: 'localhost' },
    { host: 'LOCALHOST:1' },
    { host: 'portico.localhost:3000' },
    { host: '127.0.0.1:3000' },
    { host: '127.1.2.3' },
    { host: '[::1]:3000' },
    { host: '[::1]' },
    { host: 'localhost:3000', 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' },
    { host: 'localhost:3000', 'sec-fetch-site': 'none' },
    { host: 'localhost', origin: 'http://localhost' },
    { host: 'localhost:80', origin: 'http://localhost' },
    { host: 'localhost', origin: 'https://LOCALHOST:443' },
  ];
  for (const headers of served) {
    it(`serves ${JSON.stringify(headers)}`, () => {
      expect(refusalOf(headers, LOOPBACK)).to.be.undefined;
    });
  }

  const link = { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  it('lets a link of another origin lead to the page, and to nothing else', () => {
    const visit = { ...link, 'sec-fetch-dest': 'document' };
    expect(refusalOf(visit, { ...LOOPBACK, isPage: true })).to.be.undefined;
    expect(refusalOf(visit, LOOPBACK)).to.include({ status: 403 });
  });
  for (const [what, headers] of [
    ['in a frame', { ...link, 'sec-fetch-dest': 'iframe' }],
    ['as an object', { ...link, 'sec-fetch-dest': 'object' }],
    ['as a script', { ...link, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    ['by a name that leads here', { ...link, 'sec-fetch-dest': 'document', host: 'evil.example' }],
    ['by a form', { ...link, 'sec-fetch-dest': 'document', origin: 'https://evil.example' }],
  ] as const) {
    it(`refuses the page to another origin ${what}`, () => {
      expect(refusalOf(headers, { ...LOOPBACK, isPage: true })).to.include({ status: 403 });
    });
  }

  const refused: [headers: Record<string, string>, text: string][] = [
    [
      { host: 'localhost', 'sec-fetch-site': 'cross-site' },
      'expected no page of another origin, got Sec-Fetch-Site "cross-site"',
    ],
    [
      { host: 'localhost', 'sec-fetch-site': 'same-site' },
      'expected no page of another origin, got Sec-Fetch-Site "same-site"',
    ],
    [
      { host: 'localhost', 'sec-fetch-site': '' },
      'expected no page of another origin, got Sec-Fetch-Site ""',
    ],
    [
      { host: 'localhost', origin: 'http://evil.example' },
      'expected no page of another origin, got Origin "http://evil.example"',
    ],
    [{ host: 'localhost', origin: 'null' }, 'expected no page of another origin, got Origin "null"'],
    [{ host: 'localhost', origin: '' }, 'expected no page of another origin, got Origin ""'],
    [{ host: 'localhost', origin: 'file://' }, 'expected no page of another origin, got Origin "file://"'],
    [
      { host: 'localhost:3000', origin: 'http://localhost:8080' },
      'expected no page of another origin, got Origin "http://localhost:8080"',
    ],
    [
      { host: 'localhost', origin: 'http://localhost.evil.example' },
      'expected no page of another origin, got Origin "http://localhost.evil.example"',
    ],
    [
      { host: 'localhost', origin: 'http://localhost@evil.example' },
      'expected no page of another origin, got Origin "http://localhost@evil.example"',
    ],
  ];
  for (const [headers, text] of refused) {
    it(`answers 403 to ${JSON.stringify(headers)}, on loopback and elsewhere`, () => {
      expect(refusalOf(headers, LOOPBACK)).to.include({ status: 403, message: text });
      expect(refusalOf(headers, ANYWHERE)).to.include({ status: 403, message: text });
    });
  }

  for (const host of [
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    '128.0.0.1',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '[::]',
    '127.1',
  ]) {
    it(`on loopback answers 403 to the Host ${host}, elsewhere serves it`, () => {
      expect(refusalOf({ host }, LOOPBACK)).to.include({ status: 403 });
      expect(refusalOf({ host }, ANYWHERE)).to.be.undefined;
    });
  }

  it('asks for a Host where a page has to match it, and nowhere else: HTTP/1.0 has none', () => {
    for (const at of [LOOPBACK, ANYWHERE]) {
      expect(refusalOf({}, at)).to.be.undefined;
      expect(refusalOf({ host: '' }, at)).to.be.undefined;
      expect(refusalOf({ origin: 'http://a' }, at)).to.include({
        status: 400,
        message: 'expected a Host header, got nothing',
      });
    }
  });
});

describe('a page of another origin', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());

  const page = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };

  it('is refused on every route and method, and nothing is done', async () => {
    for (const path of ['/start', '/stop', '/query', '/nope']) {
      for (const method of ['POST', 'PUT', 'OPTIONS', 'GET']) {
        const { status, json } = await portico.call({
          method,
          path,
          headers: page,
        });
        expect(status).to.equal(403);
        expect(json).to.have.property('error');
      }
    }
    expect(portico.service.started).to.be.empty;
    expect(portico.service.jobs.get(REF.job_id)).to.include({ done: false });
  });

  it('is refused under a name of its own that leads here', async () => {
    expect((await portico.post('/query', REF, { Host: 'evil.example' })).status).to.equal(403);
  });

  it('may lead to the page, by GET alone', async () => {
    const headers = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
      Accept: 'text/html',
    };
    const statuses = [];
    for (const method of ['GET', 'HEAD', 'POST'])
      for (const path of ['/', '/jobs'])
        statuses.push((await portico.call({ method, path, headers })).status);
    expect(statuses).to.deep.equal([200, 403, 200, 403, 403, 403]);
  });

  it('may see the probes, as anyone may', async () => {
    const { status } = await portico.call({
      method: 'GET',
      path: '/healthz?x',
      headers: { ...page, Host: '10.1.2.3:3000' },
    });
    expect(status).to.equal(200);
  });
});
