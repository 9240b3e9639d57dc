// How quiet the machine is while something is measured on it. What the processors do is read from /proc; where there is none, the only
// sign is work that is always the same.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Noise, noiseOf, type ProcessorTime } from './figures/noise.ts';

const STEPS = 2_000_000;
const WORKS = 5;
/** Enough for the kernel's clock of a hundredth of a second, many times over. */
const CALM_MS = 60;

export const machineText = (): string =>
  `${String(cpus().length)} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`;

/** From its making until the verdict. */
export class Listening {
  readonly #works: number[] = [];
  readonly #begun = processorTime();
  #calm: ProcessorTime = { total: 0, idle: 0, stolen: 0 };

  /** To be called while nothing is being measured; takes some tens of milliseconds. */
  async sample(): Promise<void> {
    const before = processorTime();
    await delay(CALM_MS);
    this.#calm = sumOf(this.#calm, passedSince(before));
    for (let count = 0; count < WORKS; count++) this.#works.push(timeOfWork());
  }

  async noise(): Promise<Noise> {
    await this.sample();
    return noiseOf(this.#works, passedSince(this.#begun), this.#calm);
  }
}

function timeOfWork(): number {
  const begun = performance.now();
  let sum = 0;
  for (let step = 0; step < STEPS; step++) sum = (sum * 31 + step) | 0;
  // Never so: but work whose result nobody looks at need not be done.
  if (sum === 0.5) throw new Error('expected a whole number');
  return performance.now() - begun;
}

/** https://man7.org/linux/man-pages/man5/proc_stat.5.html */
function processorTime(): ProcessorTime {
  const [line = ''] = read('/proc/stat').split('\n');
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const [, , , idle = 0, waiting = 0, , , stolen = 0] = ticks;
  return { total: ticks.reduce((sum, some) => sum + some, 0), idle: idle + waiting, stolen };
}

function passedSince(before: ProcessorTime): ProcessorTime {
  const { total, idle, stolen } = processorTime();
  return { total: total - before.total, idle: idle - before.idle, stolen: stolen - before.stolen };
}

const sumOf = (a: ProcessorTime, b: ProcessorTime): ProcessorTime => ({
  total: a.total + b.total,
  idle: a.idle + b.idle,
  stolen: a.stolen + b.stolen,
});

/** Of a process, in milliseconds: what it has had of the processors. NaN where that is not told. */
function processorMs(pid: number): number {
  // The name in parentheses may hold anything; the fields after it do not.
  const fields =
    read(`/proc/${String(pid)}/stat`)
      .split(') ')
      .at(-1)
      ?.split(' ') ?? [];
  // In hundredths of a second, on every Linux that Node runs on.
  return (Number(fields[11] ?? NaN) + Number(fields[12] ?? NaN)) * 10;
}

/** What of a processor `pid` takes while `work` goes on, in microseconds for each of `count`. */
export async function withProcessor<T extends object>(
  pid: number,
  work: () => Promise<T>,
  count: (result: T) => number,
): Promise<T & { processor: number }> {
  const before = processorMs(pid);
  const result = await work();
  return { ...result, processor: ((processorMs(pid) - before) * 1000) / count(result) };
}

/** Of a process, now, in megabytes; NaN where that is not told. */
export const residentMb = (pid: number): number => megabytesOf('VmRSS', pid);

/** The most that it has been. */
export const mostResidentMb = (pid: number): number => megabytesOf('VmHWM', pid);

function megabytesOf(field: string, pid: number): number {
  const status = read(`/proc/${String(pid)}/status`);
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status) ?? [];
  return Number(kilobytes ?? NaN) / 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
