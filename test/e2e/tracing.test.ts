// Portico with a collector of traces, and without one.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Collector } from '../support/collector.ts';
import { valueOf } from '../support/exposition.ts';
import { Portico } from '../support/portico.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('tracing', () => {
  it('sends what a start has caused, at the latest when Portico ends', async () => {
    const collector = await Collector.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_SERVICE_NAME: 'portico-test' };
    const portico = await Portico.start({ env });
    const jobId = await portico.bash('exit 0');
    await portico.outcome(jobId);
    // What is done is known a moment before its outcome is written down.
    const settled = { verb: 'patch', resource: 'jobs', code: '200' };
    while (valueOf(await portico.metrics(), 'portico_kube_requests_total', settled) === 0);
    expect(await portico.stop()).to.equal(0);
    collector.stop();
    const [start] = collector.named('POST /start');
    expect(start?.attributes).to.include({ 'portico.job_id': jobId, 'http.response.status_code': 201 });
    expect(start?.resource).to.include({ 'service.name': 'portico-test' });
    const [create] = collector.named('create jobs');
    expect(create).to.include({ traceId: start?.traceId, parentSpanId: start?.spanId });
    // Settling the job is nobody's request.
    const [patch] = collector.named('patch jobs');
    expect(patch?.traceId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(start?.traceId);
  });

  it('to nobody holds nothing up', async () => {
    const collector = await Collector.start();
    collector.stop();
    const portico = await Portico.start({ args: [`--otlp-endpoint=${collector.endpoint}`] });
    expect(await portico.outcome(await portico.bash('exit 0'))).to.include({ done: true, error: false });
    expect(await portico.stop()).to.equal(0);
  });

  it('is not even loaded unless it is asked for', async () => {
    const script = `
      import { createRequire } from 'node:module';
      const loaded = (name) => Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache).filter((file) => file.includes(name));
      await import(${JSON.stringify(join(ROOT, 'src/wiring/portico.ts'))});
      const before = loaded('/@opentelemetry/sdk-trace/').length;
      await import(${JSON.stringify(join(ROOT, 'src/tracing/tracing.ts'))});
      console.log(before, loaded('/@opentelemetry/sdk-trace/').length > 0);
      process.exit();`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    expect((await promisify(execFile)(process.execPath, args)).stdout).to.equal('0 true\n');
  });
});
