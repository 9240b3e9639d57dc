// Who is asked who they are, when, and what is answered to who may not call.
import { expect } from 'chai';
import net from 'node:net';
import { once } from 'node:events';
import { TokenCallers } from '../../src/callers/token-callers.ts';
import { StatusError, UnreachableError } from '../../src/kube/api-errors.ts';
import { fakeClock } from '../support/clock.ts';
import { ReviewApi } from '../support/review-api.ts';
import { JOB_ID, REF, RUNNING, START, startPortico, type Answer, type Portico } from './fixture.ts';

const CI = 'system:serviceaccount:ci:runner';
const GOOD = { Authorization: 'Bearer good' };
const CALLS: [path: string, body: object, verb: string][] = [
  ['/start', START, 'create'],
  ['/stop', REF, 'delete'],
  ['/query', REF, 'get'],
];

describe('callers with tokens', () => {
  let api: ReviewApi;
  let portico: Portico;
  beforeEach(async () => {
    api = new ReviewApi();
    api.tokens.set('good', { audiences: ['portico'], user: { username: CI } });
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

  const grant = (...verbs: string[]) => {
    for (const verb of verbs) api.rights.add(`${CI} ${verb} workers/jobs local`);
  };
  const challengeOf = ({ headers }: Answer) => headers['www-authenticate'];
  const nothingWasDone = () => {
    expect(portico.service.started).to.be.empty;
    expect(portico.service.jobs.get(JOB_ID)).to.deep.equal(RUNNING);
  };

  it('are served when they have the right of the call', async () => {
    grant('create', 'delete', 'get');
    const statuses = [];
    for (const [path, body] of CALLS) statuses.push((await portico.post(path, body, GOOD)).status);
    expect(statuses).to.deep.equal([201, 200, 200]);
  });

  for (const [path, body, verb] of CALLS) {
    it(`without a token are told on ${path} to bring one`, async () => {
      const answer = await portico.post(path, body);
      expect(answer.status).to.equal(401);
      expect(answer.json).to.deep.equal({
        error: 'expected "Authorization: Bearer TOKEN", got no Authorization header',
      });
      expect(challengeOf(answer)).to.equal('Bearer realm="portico"');
      nothingWasDone();
    });

    it(`with a token that is none are told so on ${path}`, async () => {
      const answer = await portico.post(path, body, { Authorization: 'Bearer rubbish' });
      expect(answer.status).to.equal(401);
      const error = 'expected a token of this cluster for the audience "portico", got one that is no JWT';
      expect(answer.json).to.deep.equal({ error });
      const description = error.replaceAll('"', "'");
      expect(challengeOf(answer)).to.equal(
        `Bearer realm="portico", error="invalid_token", error_description="${description}"`,
      );
      nothingWasDone();
    });

    it(`without the right to ${verb} are told on ${path} which it is, whether there is such a job or not`, async () => {
      grant(...['create', 'delete', 'get'].filter((other) => other !== verb));
      const answers = [
        await portico.post(path, body, GOOD),
        await portico.post(path, { ...body, job_id: 'b2b1f3a4-0000-4000-8000-000000000000' }, GOOD),
      ];
      for (const answer of answers) {
        expect(answer.status).to.equal(403);
        const error = `expected the right to ${verb} workers/jobs "local" in namespace jobs, API group portico.dev: ${CI} does not have it`;
        expect(answer.json).to.deep.equal({ error });
        expect(challengeOf(answer)).to.match(/error="insufficient_scope"/);
      }
      nothingWasDone();
    });

    it(`hear on ${path} of a worker that does not exist only when they may use it`, async () => {
      const call = async (worker_id: string) => {
        const { status, json } = await portico.post(path, { ...body, worker_id }, GOOD);
        return [status, (json as { error: string }).error.slice(0, 40)];
      };
      expect(await call('nope')).to.deep.equal([
        403,
        `expected the right to ${verb} workers/jobs "no`.slice(0, 40),
      ]);
      expect(await call('../..')).to.deep.equal([500, 'worker not found']);
      api.rights.add(`${CI} ${verb} workers/jobs nowhere`);
      expect(await call('nowhere')).to.deep.equal([500, 'worker not found']);
    });
  }

  it('need a right on every route that is not open, also on one that was added since', async () => {
    const isOpen = (path: string) =>
      ['/', '/page/:file', '/healthz', '/readyz', '/metrics', '/openapi.json'].includes(path);
    const routes = portico.routers
      .flatMap(({ stack }) => stack)
      .flatMap(({ path, methods }) =>
        methods.filter((method) => method !== 'HEAD').map((method) => ({ path: String(path), method })),
      );
    const closed = routes.filter(({ path }) => !isOpen(path));
    expect(closed.map(({ path }) => path)).to.include.members(['/start', '/jobs', '/jobs/:job_id/logs']);
    for (const { path, method } of closed) {
      const body = method === 'POST' ? JSON.stringify({ ...START, ...REF }) : '';
      const sent = path.replaceAll(/:\w+/g, JOB_ID);
      const { status, text } = await portico.call({ method, path: sent, headers: GOOD, body });
      expect(status, `${method} ${path} ${text}`).to.equal(path.startsWith('/jobs/') ? 404 : 403);
    }
    expect(portico.logs.asked).to.be.empty;
    nothingWasDone();
  });

  const READS: [path: string, right: string][] = [
    ['/jobs?worker_id=local', 'list workers/jobs local'],
    ['/jobs', 'list workers/jobs *'],
    [`/jobs/${JOB_ID}`, 'get workers/jobs local'],
    ['/workers', 'list workers *'],
  ];
  for (const [path, right] of READS) {
    it(`may read ${path} with the right to ${right}, and not with all others`, async () => {
      for (const [, other] of READS)
        if (other !== right && !right.startsWith('list workers/jobs')) api.rights.add(`${CI} ${other}`);
      const refusal = path.startsWith('/jobs/') ? 404 : 403;
      expect((await portico.call({ method: 'GET', path, headers: GOOD })).status).to.equal(refusal);
      api.tokens.set('other', { audiences: ['portico'], user: { username: CI } });
      api.rights.add(`${CI} ${right}`);
      const headers = { Authorization: 'Bearer other' };
      expect((await portico.call({ method: 'GET', path, headers })).status).to.equal(200);
    });
  }

  it('hear of a job whether they may stop it, without having to', async () => {
    const read = async (token: string) => {
      api.tokens.set(token, { audiences: ['portico'], user: { username: CI } });
      const headers = { Authorization: `Bearer ${token}` };
      const { status, json } = await portico.call({ method: 'GET', path: `/jobs/${JOB_ID}`, headers });
      return [status, (json as { may_stop?: boolean }).may_stop];
    };
    grant('get');
    expect(await read('one')).to.deep.equal([200, false]);
    grant('delete');
    // What it may is remembered for a moment, by the token.
    expect(await read('one')).to.deep.equal([200, false]);
    expect(await read('two')).to.deep.equal([200, true]);
    expect(api.accessReviews.map(({ resourceAttributes: { verb } }) => verb)).to.have.members([
      'delete',
      'get',
      'delete',
      'get',
    ]);
  });

  it('do not hear whether they may stop a job while that cannot be found out', async () => {
    grant('get', 'delete');
    const path = `/jobs/${JOB_ID}`;
    api.refuseVerb = { verb: 'delete', failure: new UnreachableError('away') };
    const { status, json } = await portico.call({ method: 'GET', path, headers: GOOD });
    expect(status).to.equal(200);
    expect(json).to.not.have.property('may_stop');
  });

  it('may watch jobs with a right of its own', async () => {
    api.rights.add(`${CI} list workers/jobs *`);
    const { status, json } = await portico.call({ method: 'GET', path: '/jobs?watch=true', headers: GOOD });
    expect(status).to.equal(403);
    expect(json).to.have.property('error').that.contains('the right to watch workers/jobs in');
  });

  it('may read logs with a right of its own', async () => {
    grant('get');
    const read = (headers: Record<string, string>) =>
      portico.call({ method: 'GET', path: `/jobs/${JOB_ID}/logs`, headers });
    const { status, json } = await read(GOOD);
    expect([status, json]).to.deep.equal([404, { error: 'job not found' }]);
    expect(portico.lines.find(({ msg }) => msg === 'request'))
      .to.have.property('reason')
      .that.contains('the right to get workers/logs "local"');
    // A no is remembered for a moment, by the token.
    api.tokens.set('other', { audiences: ['portico'], user: { username: CI } });
    api.rights.add(`${CI} get workers/logs local`);
    const answer = await read({ Authorization: 'Bearer other' });
    expect([answer.status, answer.text]).to.deep.equal([200, 'one\ntwo\n']);
  });

  const UNREADABLE: [what: string, header: string, words: RegExp][] = [
    ['an empty token', 'Bearer ', /a token that is empty or has other characters/],
    ['no token', 'Bearer', /a token that is empty or has other characters/],
    ['two tokens', 'Bearer a b', /a token that is empty or has other characters/],
    ['a list', 'Bearer a, Bearer b', /a token that is empty or has other characters/],
    ['a quoted token', 'Bearer "good"', /a token that is empty or has other characters/],
  ];
  for (const [what, header, words] of UNREADABLE) {
    it(`that send ${what} are told so`, async () => {
      const answer = await portico.post('/query', REF, { Authorization: header });
      expect(answer.status).to.equal(400);
      expect(answer.json).to.have.property('error').that.matches(words);
      expect(challengeOf(answer)).to.match(/error="invalid_request"/);
      expect(api.tokenReviews).to.be.empty;
    });
  }

  it('that use another scheme are told so', async () => {
    for (const header of ['Basic Z29vZDpnb29k', 'good', '']) {
      const answer = await portico.post('/query', REF, { Authorization: header });
      expect(answer.status).to.equal(401);
      expect(answer.json).to.deep.equal({
        error: 'expected "Authorization: Bearer TOKEN", got another scheme, or none',
      });
      expect(challengeOf(answer)).to.equal('Bearer realm="portico"');
    }
  });

  it('may write the scheme in any case', async () => {
    grant('get');
    for (const header of ['bearer good', 'BEARER   good '])
      expect((await portico.post('/query', REF, { Authorization: header })).status).to.equal(200);
  });

  it('that send several Authorization headers are refused, whichever is good', async () => {
    grant('get');
    for (const lines of ['Bearer good|Bearer other', 'Bearer other|Bearer good', 'Bearer good|Bearer good']) {
      const headers = lines.split('|').map((value) => `Authorization: ${value}\r\n`);
      const answer = await portico.raw(
        `GET /query HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers.join('')}\r\n`,
      );
      expect(answer)
        .to.match(/^HTTP\/1.1 400 /)
        .and.contain('got 2 Authorization headers');
    }
    expect(api.tokenReviews).to.be.empty;
  });

  it('are asked who they are before their body is read', async () => {
    const socket = net.connect(portico.listening.port, '127.0.0.1');
    socket.write('POST /start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).to.match(/^HTTP\/1.1 401 /);
    socket.destroy();
  });

  it('are asked on a route that does not exist, too: what is there is not for everyone to find out', async () => {
    for (const path of ['/nope', '/start/', '/HEALTHZ', '/%68ealthz', '//healthz', '/healthz/', '/jobs'])
      expect((await portico.call({ method: 'GET', path })).status, path).to.equal(401);
    expect((await portico.call({ method: 'GET', path: '/nope', headers: GOOD })).status).to.equal(404);
  });

  it('are not asked on what is open to all', async () => {
    for (const path of ['/healthz', '/readyz?verbose'])
      expect((await portico.call({ method: 'GET', path })).status, path).to.equal(200);
    for (const path of ['/metrics', '/openapi.json'])
      expect((await portico.call({ method: 'GET', path })).status, path).to.not.equal(401);
    expect(api.tokenReviews).to.be.empty;
  });

  it('are no way round the guard against pages', async () => {
    grant('get');
    const { status } = await portico.post('/query', REF, { ...GOOD, Origin: 'https://evil.example' });
    expect(status).to.equal(403);
    expect(api.tokenReviews).to.be.empty;
  });

  it('are neither let in nor blamed while nobody can say who they are', async () => {
    for (const [error, seconds] of [
      [new UnreachableError('away'), '1'],
      [new StatusError(401, { message: 'our secret' }), '30'],
      [new StatusError(403, { message: 'our secret' }), '30'],
    ] as const) {
      api.failure = error;
      const answer = await portico.post('/query', REF, GOOD);
      expect([answer.status, answer.headers['retry-after']]).to.deep.equal([503, seconds]);
      expect(answer.text).to.not.contain('secret');
      expect(answer.headers).to.not.have.property('www-authenticate');
    }
  });

  it('are named in the log, and on what they start', async () => {
    grant('create');
    await portico.post('/start', START, GOOD);
    expect(portico.service.started[0]).to.have.property('startedBy', CI);
    await portico.post('/stop', REF, GOOD);
    await portico.post('/stop', REF);
    const requests = portico.lines.filter(({ msg }) => msg === 'request');
    expect(requests.map(({ status, caller }) => [status, caller])).to.deep.equal([
      [201, CI],
      [403, CI],
      [401, undefined],
    ]);
    expect(JSON.stringify(portico.lines)).to.not.contain('good');
  });
});

describe('callers where nobody is asked who they are', () => {
  let portico: Portico;
  before(async () => {
    portico = await startPortico();
  });
  after(() => portico.listening.stop());

  it('are served with and without an Authorization header, and stay nameless', async () => {
    for (const headers of [{}, { Authorization: 'Basic x' }, { Authorization: 'Bearer' }])
      expect((await portico.post('/start', START, headers as Record<string, string>)).status).to.equal(201);
    for (const request of portico.service.started) expect(request).to.not.have.property('startedBy');
    for (const line of portico.lines) expect(line).to.not.have.property('caller');
  });
});
