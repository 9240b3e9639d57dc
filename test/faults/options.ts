// The flags of `npm run test:faults`. No IO.
import { parseArgs } from 'node:util';

export interface Options {
  cluster: 'embedded' | 'real';
  /** What goes wrong, when, and to whom; the same seed, the same run, as far as time lets it. */
  seed: number;
  jobs: number;
  /** For how long jobs are started and things go wrong. */
  minutes: number;
}

export class OptionError extends Error {
  override readonly name = 'OptionError';
}

export const HELP = `npm run test:faults -- [--cluster embedded|real] [--seed N] [--jobs N] [--minutes N]

  --cluster   what to run on (embedded)
  --seed      repeats a run (another each time)
  --jobs      how many jobs (1000)
  --minutes   for how long they are started while things go wrong (6)
`;

/** @throws OptionError. undefined: --help */
export function parseOptions(args: string[], newSeed: () => number): Options | undefined {
  const { values } = readFlags(args);
  if (values.help) return undefined;
  const { cluster = 'embedded', seed, jobs = '1000', minutes = '6' } = values;
  if (cluster !== 'embedded' && cluster !== 'real') {
    throw new OptionError(`expected --cluster to be embedded or real, got ${cluster}`);
  }
  return {
    cluster,
    seed: seed === undefined ? newSeed() : numberIn('--seed', seed, 0, 2 ** 31 - 1, true),
    jobs: numberIn('--jobs', jobs, 1, 100_000, true),
    minutes: numberIn('--minutes', minutes, 0.1, 24 * 60, false),
  };
}

function readFlags(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: {
        cluster: text,
        seed: text,
        jobs: text,
        minutes: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message, { cause: error });
  }
}

function numberIn(flag: string, value: string, low: number, high: number, whole: boolean): number {
  const number = value.trim() === '' ? NaN : Number(value);
  if (number >= low && number <= high && (!whole || Number.isInteger(number))) return number;
  const kind = whole ? 'a whole number' : 'a number';
  throw new OptionError(
    `expected ${flag} to be ${kind} from ${String(low)} to ${String(high)}, got ${value}`,
  );
}
