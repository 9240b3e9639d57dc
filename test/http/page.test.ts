// How the page is served: to whom, with which headers, and nothing but its files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startPortico, type Portico } from './fixture.ts';

const FOLDER = join(import.meta.dirname, '../../src/http/page');
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describe('the page', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico({
      callers: { authenticate: () => Promise.reject(new Error('expected nobody to be asked')) },
    });
  });
  after(() => portico.listening.stop());
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    portico.call({ method, path, headers });

  it('is given to browsers, also where callers have to say who they are', async () => {
    const { status, text, headers } = await get('/', { accept: BROWSER });
    expect(status).to.equal(200);
    expect(text).to.equal(await readFile(join(FOLDER, 'index.html'), 'utf8'));
    expect(headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(headers.vary).to.equal('Accept');
  });

  for (const accept of [
    '*/*',
    'application/json',
    'application/json, text/html',
    'text/plain',
    'text/html;q=0',
  ]) {
    it(`is no route for who asks for ${accept}`, async () => {
      const { status, json, headers } = await get('/', { accept });
      expect([status, json, headers.vary]).to.deep.equal([404, { error: 'no route for "/"' }, 'Accept']);
    });
  }

  it('is no route for who says nothing of it', async () => {
    expect((await get('/')).status).to.equal(404);
  });

  it('runs and shows what is of this origin and no string of any job, and stands in no frame', async () => {
    const { headers } = await get('/', { accept: BROWSER });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).to.have.members([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(headers).to.include({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('has nothing inline, and names no file that is not there', async () => {
    const html = await readFile(join(FOLDER, 'index.html'), 'utf8');
    expect(html).to.not.match(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:/i);
    const named = [...html.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, path]) => `/${String(path)}`);
    expect(named).to.have.lengthOf(3);
    for (const path of named) expect((await get(path)).status, path).to.equal(200);
  });

  it('has all its files, and what they import', async () => {
    const types = { js: 'text/javascript', css: 'text/css', html: 'text/html', svg: 'image/svg+xml' };
    for (const name of await readdir(FOLDER)) {
      const { status, text, headers } = await get(`/page/${name}`);
      const type = Object.entries(types).find(([extension]) => name.endsWith(`.${extension}`))?.[1];
      // Types are for the compiler.
      expect(status, name).to.equal(type === undefined ? 401 : 200);
      if (type === undefined) continue;
      expect(text).to.equal(await readFile(join(FOLDER, name), 'utf8'));
      expect(headers['content-type']?.split(';')[0]).to.equal(type);
      expect(headers).to.include({ 'x-content-type-options': 'nosniff' });
      for (const [, imported] of text.matchAll(/^(?:import|export) .*from '([^']+)';$/gm))
        expect((await get(join('/page', String(imported)))).status, `${name}: ${String(imported)}`).to.equal(
          200,
        );
    }
  });

  it('is not sent again to who has it, nor to who asks for its headers', async () => {
    for (const path of ['/', '/page/main.js']) {
      const { headers } = await get(path, { accept: BROWSER });
      const etag = String(headers.etag);
      expect(headers['cache-control']).to.equal('no-cache');
      const again = await get(path, { accept: BROWSER, 'if-none-match': `"other", ${etag}` });
      expect([again.status, again.text, again.headers.etag]).to.deep.equal([304, '', etag]);
      expect((await get(path, { accept: BROWSER, 'if-none-match': '"other"' })).status).to.equal(200);
      const head = await get(path, { accept: BROWSER }, 'HEAD');
      expect([head.status, head.text, head.headers['content-length']]).to.deep.equal([
        200,
        '',
        headers['content-length'],
      ]);
    }
  });

  it('takes no other method', async () => {
    const { status, headers } = await portico.call({ path: '/', headers: { accept: BROWSER } });
    expect([status, headers.allow]).to.deep.equal([405, 'GET, HEAD, OPTIONS']);
  });
});

describe('of other files the page', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());

  for (const path of [
    '/page/../page-route.ts',
    '/page/..%2fpage-route.ts',
    '/page/%2e%2e%2f%2e%2e%2f%2e%2e%2fpackage.json',
    '/page/..%5c..%5cpackage.json',
    '/page/%2fetc%2fpasswd',
    '/page/index.html%00.js',
    '/page/eventsource-parser.d.ts',
    '/page/__proto__',
    '/page/.',
    '/page/',
    '/page',
  ]) {
    it(`gives none: ${path}`, async () => {
      const { status, json } = await portico.call({ method: 'GET', path, headers: { accept: BROWSER } });
      expect(status).to.equal(404);
      expect(json)
        .to.have.property('error')
        .that.matches(/^no route for /);
    });
  }
});
