// The logger: JSON lines for machines, colour and times for a person at a terminal.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../settings/config.ts';

/** A system call for every line would cost more than the answer that the line is about. */
const BUFFER = { minLength: 4096, periodicFlush: 200, sync: false };
/** Kept while nobody takes it: where a disk is full, lines get lost, and neither memory nor the process. */
const MOST_BYTES = 1_048_576;

export function newLogger(config: Pick<Config, 'logLevel' | 'logFormat'>, isTerminal: boolean): Logger {
  const options = { level: config.logLevel };
  const format = config.logFormat;
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const destination = pino.destination({ maxLength: MOST_BYTES, ...(isPretty ? { sync: true } : BUFFER) });
  let isFailing = false;
  // Without a listener it would end the process.
  destination.on('error', () => (isFailing = true));
  destination.on('write', () => (isFailing = false));
  // Before pino's own listener: that would try to write the rest for as long as it fails.
  process.prependOnceListener('beforeExit', () => {
    if (isFailing) destination.destroy();
  });
  return isPretty
    ? pino(options, pretty({ destination, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }))
    : pino(options, destination);
}
