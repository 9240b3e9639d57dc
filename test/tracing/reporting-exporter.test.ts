import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { expect } from 'chai';
import { ReportingExporter } from '../../src/tracing/reporting-exporter.ts';
import { recordingLog } from '../http/fixture.ts';

describe('spans that cannot be sent', () => {
  it('are said once, and that they can again', () => {
    const { log, lines } = recordingLog();
    const failed: ExportResult = { code: ExportResultCode.FAILED, error: new Error('nobody listens') };
    const sent: ExportResult = { code: ExportResultCode.SUCCESS };
    const results = [failed, failed, sent, sent, failed];
    const told: ExportResult[] = [];
    const exporter = new ReportingExporter(
      { export: (_spans, done) => done(results[told.length] ?? sent), shutdown: () => Promise.resolve() },
      log,
    );
    while (told.length < results.length) exporter.export([], (result) => told.push(result));
    expect(told).to.deep.equal(results);
    const cannot = 'traces cannot be sent';
    expect(lines.map(({ msg }) => msg)).to.deep.equal([cannot, 'traces are sent again', cannot]);
    expect(lines[0]).to.have.nested.property('err.message', 'nobody listens');
  });
});
