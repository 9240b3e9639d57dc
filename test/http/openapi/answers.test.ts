// Every answer that the document describes is given by the application as it is described.
import { expect } from 'chai';
import { ANYONE } from '../../../src/callers/callers.ts';
import { KeyReused, NotReady } from '../../../src/controller/errors.ts';
import type { AppOptions } from '../../../src/http/app.ts';
import { NotSentError, StatusError } from '../../../src/kube/api-errors.ts';
import {
  type Answer,
  fakeLogs,
  fakeReads,
  JOB_ID,
  type Portico,
  REF,
  type Request,
  START,
  startPortico,
} from '../fixture.ts';
import { compilerFor, type DescribedAnswer, document, operationsOf } from './support.ts';

type Case = [situation: string, request: Request, status: number, failure?: Error];

const KNOWN = { authorization: 'Bearer a-token' };
const post = (path: string, body: unknown, headers = {}): Request => ({
  path,
  body: JSON.stringify(body),
  headers: { ...KNOWN, ...headers },
});
const get = (path: string, headers = {}): Request => ({
  method: 'GET',
  path,
  headers: { ...KNOWN, ...headers },
});
const ANONYMOUS = { authorization: '' };
const UNREADABLE = { authorization: 'Bearer two tokens' };
const FOREIGN = { 'sec-fetch-site': 'cross-site' };

const ofCall = (path: string, body: object): Case[] => [
  ['a wrong body', post(path, []), 400],
  ['nobody', post(path, body, ANONYMOUS), 401],
  ['a foreign page', post(path, body, FOREIGN), 403],
  ['too long a body', post(path, { ...body, more: 'x'.repeat(2_000_000) }), 413],
  ['an unknown encoding', post(path, body, { 'content-encoding': 'zstd' }), 415],
  ['a busy cluster', post(path, body), 429, BUSY],
  ['an unknown worker', post(path, { ...body, worker_id: 'nobody' }), 500],
  ['a cluster that is away', post(path, body), 503, new NotSentError('away', 3)],
];

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const BUSY = new StatusError(429, {}, 3);

const ofJob = (path: (jobId: string) => string): Case[] => [
  ['a job', get(path(JOB_ID)), 200],
  ['a job for nobody', get(path(JOB_ID), ANONYMOUS), 401],
  ['a job for an unreadable caller', get(path(JOB_ID), UNREADABLE), 400],
  ['a job for a foreign page', get(path(JOB_ID), FOREIGN), 403],
  ['an unknown job', get(path(UNKNOWN_ID)), 404],
  ['a job of a busy cluster', get(path(JOB_ID)), 429, BUSY],
  ['a job of a cluster that is away', get(path(JOB_ID)), 503, new NotSentError('away', 3)],
];

const READS: Case[] = [
  ['jobs', get('/jobs?limit=1'), 200],
  ['jobs of no state', get('/jobs?state=lost'), 400],
  ['jobs for nobody', get('/jobs', ANONYMOUS), 401],
  ['jobs for a foreign page', get('/jobs', FOREIGN), 403],
  ['jobs that are not in memory yet', get('/jobs'), 503, new NotReady('not yet')],
  ...ofJob((jobId) => `/jobs/${jobId}`),
  ...ofJob((jobId) => `/jobs/${jobId}/logs?follow=true`),
  ['a log without a length', get(`/jobs/${JOB_ID}/logs?tail=-1`), 400],
  ['workers', get('/workers'), 200],
  ['workers for nobody', get('/workers', ANONYMOUS), 401],
  ['workers for an unreadable caller', get('/workers', UNREADABLE), 400],
  ['workers for a foreign page', get('/workers', FOREIGN), 403],
  ['workers that are not in memory yet', get('/workers'), 503, new NotReady('not yet')],
];

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PAGE: Case[] = [
  ['the page', get('/', BROWSER), 200],
  ['the page that has not changed', get('/', { ...BROWSER, 'if-none-match': '*' }), 304],
  ['the page for a program', get('/'), 404],
  ['the page for a foreign page', get('/', { ...BROWSER, ...FOREIGN }), 403],
  ['a script of the page', get('/page/main.js'), 200],
  ['the style of the page', get('/page/page.css'), 200],
  ['the icon of the page', get('/page/icon.svg'), 200],
  ['a script that has not changed', get('/page/main.js', { 'if-none-match': '*' }), 304],
  ['a file that the page has not', get('/page/lost.js'), 404],
  ['a script for a foreign page', get('/page/main.js', FOREIGN), 403],
];

const CASES: Case[] = [
  ['a start', post('/start', START, { 'x-request-id': 'a' }), 201],
  ['a key that was used', post('/start', START), 422, new KeyReused('used')],
  ...ofCall('/start', START),
  ['a stop', post('/stop', { ...REF, job_id: JOB_ID }), 200],
  ...ofCall('/stop', REF),
  ['a query', post('/query', REF), 200],
  ['a query that waits', post('/query', REF, { prefer: 'wait=0' }), 200],
  ...ofCall('/query', REF),
  ...READS,
  ...PAGE,
  ['life', get('/healthz'), 200],
  ['readiness', get('/readyz'), 200],
  ['no readiness', get('/readyz'), 503],
  ['metrics', get('/metrics'), 200],
  ['metrics for a foreign page', get('/metrics', FOREIGN), 403],
  ['the document', get('/openapi.json'), 200],
  ['the document for a foreign page', get('/openapi.json', FOREIGN), 403],
];

/** What reads jobs; `failure` is thrown first, if there is one. */
function failing(failure: () => Error | undefined): Pick<AppOptions, 'views' | 'logs'> {
  const reads = fakeReads();
  const logs = fakeLogs();
  const check = () => {
    const error = failure();
    if (error) throw error;
  };
  return {
    views: {
      list: (...query) => (check(), reads.list(...query)),
      watch: (...query) => (check(), reads.watch(...query)),
      workerOf: async (jobId) => (check(), reads.workerOf(jobId)),
      asUnknown: (jobId) => reads.asUnknown(jobId),
      find: async (jobId) => (check(), reads.find(jobId)),
      workers: async () => (check(), reads.workers()),
    },
    logs,
  };
}

describe('what is answered to', () => {
  const reasons: string[] = [];
  let portico: Portico;
  before(async () => {
    portico = await startPortico({
      callers: { authenticate: () => Promise.resolve(ANYONE) },
      notReadyReasons: () => reasons,
      ...failing(() => portico.service.failure),
    });
  });
  after(() => portico.listening.stop());

  const operations = operationsOf(document());
  const compile = compilerFor(document());
  /** As the document names it: `GET /jobs/{job_id}`. */
  const nameOf = ({ method = 'POST', path }: Request) =>
    `${method} ${path
      .replace(/\?.*/, '')
      .replace(/^\/jobs\/[^/]+/, '/jobs/{job_id}')
      .replace(/^\/page\/.+/, '/page/{file}')}`;

  for (const [situation, request, status, failure] of CASES) {
    it(`${situation} (${request.path}, ${String(status)}) is what the document says`, async () => {
      reasons.splice(0, reasons.length, ...(status === 503 ? ['starting'] : []));
      portico.service.failure = failure;
      const answer = await portico.call(request);
      expect(answer.status).to.equal(status);
      const described = operations.get(nameOf(request))?.responses[status];
      expectBody(answer, described?.content);
      expectHeaders(answer.headers, described?.headers);
    });
  }

  function expectBody({ headers, json, text }: Answer, described: DescribedAnswer['content']): void {
    const [type = ''] = headers['content-type']?.split(';') ?? [];
    if (described === undefined) expect(text).to.equal('');
    else expect(described, type).to.have.property(type);
    const validate = compile(described?.[type]?.schema ?? {});
    expect(validate(json ?? text), JSON.stringify(validate.errors)).to.equal(true);
  }

  function expectHeaders(headers: Answer['headers'], described: DescribedAnswer['headers'] = {}): void {
    for (const [name, { required, schema }] of Object.entries(described)) {
      const value = headers[name.toLowerCase()];
      if (required) expect(value, name).to.be.a('string');
      const isNumber = 'type' in schema && schema.type === 'integer';
      if (value !== undefined) expect(compile(schema)(isNumber ? Number(value) : value), name).to.equal(true);
    }
  }

  it('all of it has been asked for', () => {
    const described = [...operations].flatMap(([name, { responses }]) =>
      Object.keys(responses).map((status) => `${name} ${status}`),
    );
    const asked = CASES.map(([, request, status]) => `${nameOf(request)} ${String(status)}`);
    expect([...new Set(asked)]).to.have.members(described);
  });
});
