// What is counted of requests: by route, never by path.
import { expect } from 'chai';
import { Metrics } from '../../src/metrics/metrics.ts';
import { valueOf } from '../support/exposition.ts';
import { JOB_ID, type Portico, REF, START, startPortico } from '../http/fixture.ts';

const REQUESTS = 'portico_http_requests_total';
const DURATIONS = 'portico_http_request_duration_seconds_count';

describe('requests', () => {
  let metrics: Metrics;
  let portico: Portico;
  beforeEach(async () => {
    metrics = new Metrics('1.2.3');
    portico = await startPortico({
      ends: [metrics.requests],
      exposition: () => metrics.exposition(),
    });
  });
  afterEach(() => portico.listening.stop());
  const exposed = async () => (await portico.call({ method: 'GET', path: '/metrics' })).text;

  it('are counted by route, method and the code that was answered', async () => {
    await portico.post('/start', START);
    await portico.post('/start', START);
    await portico.post('/start', {});
    await portico.post('/query', { ...REF, worker_id: 'nobody' });
    const text = await exposed();
    const of = (route: string, code: string) => valueOf(text, REQUESTS, { route, code, method: 'POST' });
    expect([of('/start', '201'), of('/start', '400'), of('/query', '500')]).to.deep.equal([2, 1, 1]);
    expect(valueOf(text, DURATIONS, { route: '/start' })).to.equal(3);
  });

  it('on paths and with methods that somebody made up are all alike', async () => {
    for (const path of ['/a', '/b?x=1', '/start/']) await portico.post(path, {});
    await portico.call({ method: 'PROPFIND', path: '/start' });
    await portico.raw('BREW /start HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const text = await exposed();
    expect(text).not.to.match(/"\/[ab]/);
    expect(text).not.to.include('PROPFIND');
    expect(valueOf(text, REQUESTS, { route: 'none', code: '404' })).to.equal(2);
    expect(valueOf(text, REQUESTS, { method: 'other', code: '405' })).to.equal(1);
  });

  it('for a log, which takes as long as its reader, are counted, but not timed', async () => {
    for (const job of [JOB_ID, 'none']) await portico.call({ method: 'GET', path: `/jobs/${job}/logs` });
    const text = await exposed();
    const route = '/jobs/:job_id/logs';
    expect(valueOf(text, REQUESTS, { route, code: '200' })).to.equal(1);
    expect(valueOf(text, REQUESTS, { route, code: '404' })).to.equal(1);
    expect(valueOf(text, DURATIONS, { route })).to.equal(1);
  });

  it('that asked to wait are counted, but not timed', async () => {
    await portico.post('/query', REF, { prefer: 'wait=0' });
    await portico.post('/query', REF);
    const text = await exposed();
    expect(valueOf(text, REQUESTS, { route: '/query' })).to.equal(2);
    expect(valueOf(text, DURATIONS, { route: '/query' })).to.equal(1);
  });

  it('for the metrics are answered in the text format, and logged as quietly as probes', async () => {
    const { status, headers } = await portico.call({ method: 'GET', path: '/metrics' });
    expect(status).to.equal(200);
    expect(headers).to.include({ 'cache-control': 'no-store' });
    expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
    expect(portico.lines.find(({ path }) => path === '/metrics')).to.include({ level: 20 });
  });
});
