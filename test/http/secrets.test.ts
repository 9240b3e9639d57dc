// Nothing of what callers prove themselves by is in an answer or a log, whatever is wrong with the request.
import { expect } from 'chai';
import { TokenCallers } from '../../src/callers/token-callers.ts';
import { StatusError } from '../../src/kube/api-errors.ts';
import { fakeClock } from '../support/clock.ts';
import { ReviewApi } from '../support/review-api.ts';
import { REF, START, startPortico, type Portico } from './fixture.ts';

describe('a secret that a caller sends', () => {
  let api: ReviewApi;
  let portico: Portico;
  beforeEach(async () => {
    api = new ReviewApi();
    const clock = fakeClock();
    const callers = new TokenCallers({
      client: api,
      audience: 'portico',
      namespace: 'jobs',
      clock,
    });
    portico = await startPortico({ callers });
  });
  afterEach(() => portico.listening.stop());

  const SECRET = 'hunter2hunter2';
  const rows: [what: string, ...headers: string[]][] = [
    ['has no scheme', `Authorization: ${SECRET}`],
    ['has no blank before it', `authorization: Bearer${SECRET}`],
    ['has a tab before it', `AUTHORIZATION: Bearer\t${SECRET}`],
    ['has a colon before it', `Authorization: Bearer:${SECRET}`],
    ['is of Basic', `Authorization: Basic ${SECRET}`],
    ['has more after it', `Authorization: Bearer ${SECRET} ${SECRET}`],
    ['is in quotes', `Authorization: Bearer "${SECRET}"`],
    ['is sent twice', `Authorization: Bearer ${SECRET}`, `Authorization: ${SECRET}`],
    ['is not accepted', `Authorization: Bearer ${SECRET}`],
    ['is in another header', `Proxy-Authorization: Bearer ${SECRET}`, `Cookie: token=${SECRET}`],
    ['stands in no header at all', `Authorization : Bearer ${SECRET}`],
    ['has a NUL', `Authorization: Bearer ${SECRET}\0`],
    ['is too long', `Authorization: Bearer ${SECRET.repeat(2_000)}`],
  ];
  for (const [what, ...headers] of rows) {
    it(`that ${what} is in no answer and no log`, async () => {
      for (const target of ['/query', `/query?access_token=${SECRET}`, `http://${SECRET}@localhost/query`]) {
        const lines = [`POST ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers];
        const answer = await portico.raw(`${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
        expect(answer).to.match(/^HTTP\/1.1 4/);
        expect(portico.lines).not.to.be.empty;
        const said = answer + JSON.stringify(portico.lines);
        expect(said).not.to.include('hunter2');
        // Bytes, as they come in an error of the parser.
        expect(said).not.to.include([...Buffer.from('hunter2')].join(','));
      }
    });
  }

  it('that the API server repeats in a refusal is in no answer and no log', async () => {
    const message = `admission webhook "x" denied the request: spec.token "${SECRET}" is odd`;
    for (const code of [400, 403, 422, 500]) {
      api.failure = new StatusError(code, {
        message,
        details: { causes: [{ message, field: 'spec.token' }] },
      });
      const answer = await portico.post('/query', REF, { Authorization: `Bearer ${SECRET}` });
      expect(answer.status).to.be.at.least(400);
      expect(answer.text + JSON.stringify(portico.lines)).not.to.include(SECRET);
    }
  });
});

describe('a secret of a job', () => {
  let portico: Portico;
  beforeEach(async () => {
    portico = await startPortico();
  });
  afterEach(() => portico.listening.stop());

  const SECRET = 'hunter2hunter2';
  const bodies: [what: string, fields: object][] = [
    ['a variable with a NUL', { env: { A: `${SECRET}\0` } }],
    ['a variable with a lone surrogate', { env: { A: `\ud800${SECRET}` } }],
    ['a variable that is too long', { env: { A: SECRET.repeat(20_000) } }],
    ['a variable that is a list', { env: { A: [SECRET] } }],
    ['variables that are a list', { env: [`A=${SECRET}`] }],
    ['variables that are a text', { env: `A=${SECRET}` }],
    ['a value that stands with its name', { env: { [`A=${SECRET}`]: '' } }],
    ['a password of a URL', { callback_url: `https://a:${SECRET}@hooks.example/` }],
    ['a user of a URL', { callback_url: `https://${SECRET}@hooks.example/` }],
    ['a password of a URL without slashes', { callback_url: `https:a:${SECRET}@hooks.example` }],
    ['a password of a URL without a scheme', { callback_url: `a:${SECRET}@hooks.example` }],
    ['a password of a URL that is encoded', { callback_url: `https://a:${SECRET}%40hooks.example` }],
    ['a password of a URL that is too long', { callback_url: `https://a:${SECRET}@x/${'x'.repeat(2_048)}` }],
  ];
  for (const [what, fields] of bodies) {
    it(`is in no answer and no log: ${what}`, async () => {
      const { status, text } = await portico.post('/start', { ...START, ...fields });
      expect(status).to.equal(400);
      expect(portico.lines).not.to.be.empty;
      expect(text + JSON.stringify(portico.lines)).not.to.include('hunter2');
    });
  }
});
