// The logger: JSON lines for machines, colour and times for a person at a terminal.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';

/** A system call for every line would cost more than the answer that the line is about. */
const BUFFER = { minLength: 4096, periodicFlush: 200, sync: false };

export function newLogger(config: Pick<Config, 'log-level' | 'log-format'>, isTerminal: boolean): Logger {
  const options = { level: config['log-level'] };
  const format = config['log-format'];
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  return isPretty
    ? pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }))
    : pino(options, pino.destination(BUFFER));
}
