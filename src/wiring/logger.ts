// The logger: JSON lines for machines, colour and times for a person at a terminal.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { sleep, systemClock } from '../base/clock.ts';
import type { Config } from '../settings/config.ts';

/** A system call for every line would cost more than the answer that the line is about. */
const BUFFER = { minLength: 4096, periodicFlush: 200, sync: false };
/** Kept while nobody takes it: where a disk is full, lines get lost, and neither memory nor the process. */
const MOST_BYTES = 1_048_576;

/** How long the last lines may take. */
const CLOSE_MS = 1_000;

export interface OpenLogger {
  log: Logger;
  /** Writes what is left, and gives up on it where nobody takes it: pino itself would try for ever when the process ends. */
  close: () => Promise<void>;
}

export function newLogger(config: Pick<Config, 'logLevel' | 'logFormat'>, isTerminal: boolean): OpenLogger {
  const options = { level: config.logLevel };
  const format = config.logFormat;
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const destination = pino.destination({ maxLength: MOST_BYTES, ...(isPretty ? { sync: true } : BUFFER) });
  // Without a listener it would end the process.
  destination.on('error', () => undefined);
  const stream = isPretty
    ? pretty({ destination, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
    : destination;
  const close = async (): Promise<void> => {
    const ended = new Promise<void>((resolve) => {
      destination.once('close', resolve).once('error', () => resolve());
    });
    stream.end();
    await Promise.race([ended, sleep(systemClock, CLOSE_MS)]);
    destination.destroy();
  };
  return { log: pino(options, stream), close };
}
