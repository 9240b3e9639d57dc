// Traces on their way through a proxy.
import { expect } from 'chai';
import { Proxies, ProxyError } from '../../src/net/proxy.ts';
import { startTracing } from '../../src/tracing/tracing.ts';
import { recordingLog, startPortico, fakeService, REF } from '../http/fixture.ts';
import { Collector } from '../support/collector.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';

describe('traces by a proxy', () => {
  let collector: Collector;
  let proxy: ForwardProxy;
  beforeEach(async () => {
    collector = await Collector.start();
    proxy = await ForwardProxy.start();
  });
  afterEach(() => {
    collector.stop();
    proxy.stop();
  });

  /** One request, traced; all that was logged. */
  async function traced(endpoint: string): Promise<string> {
    const { log, lines } = recordingLog();
    const proxies = new Proxies({ HTTP_PROXY: proxy.url.replace('//', '//me:secret@') });
    const tracing = startTracing({ endpoint, proxy: proxies.for(endpoint), version: '1.2.3', log });
    const portico = await startPortico({ service: fakeService(), trace: tracing.requests });
    await portico.post('/query', REF);
    await portico.listening.stop();
    await tracing.stop();
    return JSON.stringify(lines);
  }
  const elsewhere = () => collector.endpoint.replace('127.0.0.1', 'collector.test');

  it('reach a collector elsewhere by it, and one of this machine without', async () => {
    await traced(elsewhere());
    expect(proxy.hosts()).to.deep.equal([new URL(elsewhere()).host]);
    expect(proxy.seen[0]?.authorization).to.match(/^Basic /);
    await traced(collector.endpoint);
    expect(proxy.seen).to.have.length(1);
    expect(collector.spans.length).to.be.greaterThan(1);
  });

  it('that refuses is told of, without its credentials', async () => {
    proxy.refusal = 407;
    const logged = await traced(elsewhere());
    expect(logged).to.include('traces cannot be sent').and.not.include('secret');
  });

  it('of SOCKS are refused at the start', () => {
    const options = { endpoint: 'http://collector.test', version: '1', log: recordingLog().log };
    expect(() => startTracing({ ...options, proxy: new URL('socks5://proxy.test') })).to.throw(ProxyError);
  });
});
