// Which spellings of a path are the same route: of the three calls what the original took, of all others one alone.
import { expect } from 'chai';
import { JOB_ID, REF, startPortico, type Portico } from './fixture.ts';

describe('a path', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());

  for (const path of ['/query', '/QUERY', '/Query', '/query/', '/QUERY/', '/query?x=/nope', '/query/?x']) {
    it(`of a call may be ${path}`, async () => {
      expect((await portico.post(path, REF)).status).to.equal(200);
    });
  }

  for (const path of [
    '//query',
    '/query//',
    '/./query',
    '/x/../query',
    '/%71uery',
    '/query%2f',
    '/query;x',
    '/query.',
    '/query%00',
    '/query%20',
  ]) {
    it(`of a call cannot be ${path}`, async () => {
      const { status, json } = await portico.post(path, REF);
      expect(status).to.equal(404);
      expect(json).to.deep.equal({ error: `no route for ${JSON.stringify(path)}` });
    });
  }

  const others = [
    '/jobs',
    `/jobs/${JOB_ID}`,
    `/jobs/${JOB_ID}/logs`,
    '/workers',
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/page/main.js',
  ];
  for (const path of others) {
    it(`of another route is ${path} alone`, async () => {
      const status = async (other: string) => (await portico.call({ method: 'GET', path: other })).status;
      expect(await status(path)).to.equal(200);
      for (const other of [
        path.toUpperCase(),
        `${path}/`,
        `/${path}`,
        path.replace('/', '/%2e/'),
        path.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`),
      ])
        expect(await status(other), other).to.equal(404);
    });
  }
});
