// Says when spans cannot be sent, once, and when they can again: OpenTelemetry itself would keep quiet.
import type { Logger } from 'pino';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Logger;
  #failing = false;

  constructor(exporter: SpanExporter, log: Logger) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#report(result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #report({ code, error }: ExportResult): void {
    const failed = code === ExportResultCode.FAILED;
    if (failed && !this.#failing) this.#log.warn({ err: error }, 'traces cannot be sent');
    if (!failed && this.#failing) this.#log.info('traces are sent again');
    this.#failing = failed;
  }
}
