// `npm run bench`: what Portico costs beside what it is compared with, in one run on this machine. Bounded in load and time; leaves
// nothing behind. Ends with exit code 1 when a row breaks, and not when a goal is missed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from './bench.ts';
import type { Report } from './figures/report.ts';
import { textOf } from './figures/table.ts';
import { machineText } from './machine.ts';
import { HELP, OptionError, type Options, parseOptions } from './options.ts';
import { ROWS, SOAK } from './rows/index.ts';
import { TargetError } from './target.ts';

const begunMs = performance.now();
const say = (line: string) => {
  console.error(`${((performance.now() - begunMs) / 1000).toFixed(0).padStart(4)} s  ${line}`);
};

async function run(options: Options): Promise<Report> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  const bench = new Bench(options, interruption.signal, say);
  const rows = Object.entries(options.size === 'soak' ? SOAK : ROWS);
  try {
    for (const [name, row] of rows) {
      interruption.signal.throwIfAborted();
      if (options.only?.includes(name) ?? true) await bench.measure(name, row);
    }
  } finally {
    await bench.stop();
  }
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  return {
    machine: machineText(),
    version,
    at: new Date().toISOString(),
    size: options.size,
    rounds: bench.rounds,
    secondsARound: options.seconds,
    sections: bench.sections,
  };
}

try {
  const options = parseOptions(process.argv.slice(2), Object.keys(ROWS));
  if (options) {
    const report = await run(options);
    if (report.sections.some((section) => 'failed' in section)) process.exitCode = 1;
    console.log(options.json ? JSON.stringify(report, undefined, 2) : textOf(report));
  } else {
    console.log(HELP);
  }
} catch (error) {
  const { message, stack } = error as Error;
  console.error(error instanceof OptionError || error instanceof TargetError ? message : stack);
  process.exitCode = 1;
}
