// The flags of `npm run bench`. No IO.
import { parseArgs } from 'node:util';

export interface Options {
  size: 'short' | 'full' | 'soak';
  /** Of rows, in the order of ROWS; all unless told. */
  only: readonly string[] | undefined;
  json: boolean;
  /** How long each round of a rate is measured. */
  seconds: number;
  /** Of the soak. */
  minutes: number;
  /** A cluster of the caller's, for the rows that need a real one; one of our own unless told. */
  kubeconfig: string | undefined;
  /** It may be elsewhere. */
  anyCluster: boolean;
}

export class OptionError extends Error {
  override readonly name = 'OptionError';
}

export const HELP = `npm run bench -- [--full | --soak [--minutes N]] [--only ROW[,ROW]] [--json] [--seconds N] [--kubeconfig FILE [--any-cluster]]

  --full         at the sizes that the goals are for: up to an hour; short ones unless told
  --soak         jobs and queries for a long time, and whether memory and latency stay flat
  --minutes      how long that is (60)
  --only         these rows
  --json         the figures as JSON
  --seconds      how long each round of a rate is measured (1; with --full 3)
  --kubeconfig   a cluster for the rows that need a real one; one is started unless told
  --any-cluster  also one that is not on this machine: it will be loaded as much as it bears
`;

/** @throws OptionError. undefined: --help */
export function parseOptions(args: string[], rows: readonly string[]): Options | undefined {
  const values = readFlags(args);
  if (values.help) return undefined;
  if (values.full && values.soak) throw new OptionError('expected --full or --soak, got both');
  if (values['any-cluster'] && values.kubeconfig === undefined) {
    throw new OptionError('expected --kubeconfig FILE with --any-cluster, got none');
  }
  const only = values.only?.split(',').map((row) => row.trim());
  const unknown = only?.filter((row) => !rows.includes(row)) ?? [];
  if (unknown.length > 0) {
    throw new OptionError(`expected --only to be of ${rows.join(', ')}, got ${unknown.join(', ')}`);
  }
  const size = values.soak ? 'soak' : values.full ? 'full' : 'short';
  return {
    size,
    only,
    json: values.json,
    seconds: numberIn('--seconds', values.seconds ?? (values.full ? '3' : '1'), 0.5, 60),
    minutes: numberIn('--minutes', values.minutes ?? '60', 1, 24 * 60),
    kubeconfig: values.kubeconfig,
    anyCluster: values['any-cluster'],
  };
}

function readFlags(args: string[]) {
  const [text, flag] = [{ type: 'string' } as const, { type: 'boolean', default: false } as const];
  try {
    return parseArgs({
      args,
      options: {
        ...{ full: flag, soak: flag, json: flag, 'any-cluster': flag, help: { ...flag, short: 'h' } },
        ...{ only: text, seconds: text, minutes: text, kubeconfig: text },
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message, { cause: error });
  }
}

function numberIn(flag: string, value: string, low: number, high: number): number {
  const number = value.trim() === '' ? NaN : Number(value);
  if (number >= low && number <= high) return number;
  throw new OptionError(
    `expected ${flag} to be a number from ${String(low)} to ${String(high)}, got ${value}`,
  );
}
