// The spans of requests and of the calls that they cause, as a collector gets them.
import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import {
  fakeService,
  type FakeService,
  JOB_ID,
  type Portico,
  REF,
  recordingLog,
  startPortico,
} from '../http/fixture.ts';
import { localServer } from '../kube/support/local-server.ts';
import { Collector } from '../support/collector.ts';
import { startTracing, type Tracing } from '../../src/tracing/tracing.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;

describe('traces', () => {
  const apiServer = localServer();
  let collector: Collector;
  let tracing: Tracing;
  let portico: Portico;
  let service: FakeService;
  /** What the API server was sent. */
  let asked: IncomingHttpHeaders[];
  beforeEach(async () => {
    collector = await Collector.start();
    const { log } = recordingLog();
    tracing = startTracing({ endpoint: `${collector.endpoint}/`, proxy: undefined, version: '1.2.3', log });
    asked = [];
    const client = await apiServer.serve(
      ({ headers, url }, response) => {
        asked.push(headers);
        response.writeHead(url === '/api/v1/nodes' ? 200 : 404).end('{}');
      },
      { observers: [tracing.calls] },
    );
    service = fakeService();
    const query: FakeService['query'] = async (...asked) => {
      await client.request({ path: '/api/v1/nodes' });
      await client.request({ path: '/api/v1/nodes/a' }).catch(() => undefined);
      return service.query(...asked);
    };
    portico = await startPortico({ service: { ...service, query }, trace: tracing.requests });
  });
  afterEach(async () => {
    await portico.listening.stop();
    await tracing.stop();
    collector.stop();
  });

  const query = (headers = {}) => portico.post('/query', REF, headers);

  it('begin where the caller’s trace is, and go on to the API server', async () => {
    await query({ traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'vendor=x' });
    await tracing.stop();
    const [request] = collector.named('POST /query');
    expect(request).to.include({ traceId: TRACE, parentSpanId: CALLER, kind: SERVER });
    expect(request?.attributes).to.include({
      'http.request.method': 'POST',
      'http.route': '/query',
      'http.response.status_code': 200,
      'url.path': '/query',
      'portico.worker_id': 'local',
      'portico.job_id': JOB_ID,
    });
    expect(request?.resource).to.include({ 'service.name': 'portico', 'service.version': '1.2.3' });
    const [list] = collector.named('list nodes');
    expect(list).to.include({ traceId: TRACE, parentSpanId: request?.spanId, kind: CLIENT });
    expect(list?.attributes).to.include({ 'http.response.status_code': 200, 'url.path': '/api/v1/nodes' });
    const [get] = collector.named('get nodes');
    expect(get?.status).to.deep.equal({ code: 2 });
    expect(asked.map(({ traceparent, tracestate }) => [traceparent, tracestate])).to.deep.equal([
      [`00-${TRACE}-${String(list?.spanId)}-01`, 'vendor=x'],
      [`00-${TRACE}-${String(get?.spanId)}-01`, 'vendor=x'],
    ]);
  });

  it('are their own where the caller has none, or sends rubbish', async () => {
    await query();
    await query({ traceparent: 'rubbish' });
    await tracing.stop();
    const [first, second] = collector.named('POST /query');
    expect(first?.traceId).to.match(/^[0-9a-f]{32}$/);
    expect(second?.traceId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(first?.traceId);
    expect(first).to.not.have.property('parentSpanId');
    expect(collector.named('list nodes').map(({ traceId }) => traceId)).to.deep.equal([
      first?.traceId,
      second?.traceId,
    ]);
  });

  it('are not recorded when the caller’s is not, and that is passed on', async () => {
    await query({ traceparent: `00-${TRACE}-${CALLER}-00` });
    await tracing.stop();
    expect(collector.spans).to.deep.equal([]);
    expect(asked[0]?.['traceparent']).to.match(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  });

  it('tell an error of ours from a caller’s, and stand in the log', async () => {
    service.failure = new Error('broken');
    await query();
    await portico.post('/query', {});
    await portico.post('/nowhere', {});
    await tracing.stop();
    const [ours, theirs] = collector.named('POST /query');
    expect(ours?.status).to.include({ code: 2 });
    expect(theirs?.status.code).to.not.equal(2);
    expect(collector.named('POST')[0]?.attributes).to.include({ 'http.response.status_code': 404 });
    const lines = portico.lines.filter(({ msg }) => msg === 'request');
    expect(lines.map(({ trace }) => trace)).to.deep.equal([
      ours?.traceId,
      theirs?.traceId,
      collector.named('POST')[0]?.traceId,
    ]);
  });

  it('have nothing of probes and scrapes', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) await portico.call({ method: 'GET', path });
    await tracing.stop();
    expect(collector.spans).to.deep.equal([]);
  });
});
