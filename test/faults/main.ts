// `npm run test:faults`: jobs in great number while everything goes wrong that can, and then the question whether any was lost. Ends with
// exit code 1 when one was, and says where the logs are; or when it could not run at all.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HELP, OptionError, parseOptions, type Options } from './options.ts';
import { reportOf } from './report.ts';
import { run } from './run.ts';

async function main(options: Options): Promise<boolean> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  const folder = await mkdtemp(join(tmpdir(), 'portico-faults-'));
  const begunMs = performance.now();
  const say = (line: string) => {
    console.error(`${((performance.now() - begunMs) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  };
  say(`seed ${String(options.seed)}`);
  let keep = true;
  try {
    const result = await run(options, { folder, say, signal: interruption.signal });
    if (typeof result === 'string') {
      // Nothing was shown, so it is no success.
      console.log(`skipped: ${result}`);
      keep = false;
      return false;
    }
    console.log(reportOf(result, options, (performance.now() - begunMs) / 1000));
    keep = result.violations.length > 0;
    return !keep;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    say('interrupted');
    return false;
  } finally {
    if (keep) console.error(`the logs are kept in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

try {
  const options = parseOptions(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 31));
  if (options) process.exitCode = (await main(options)) ? 0 : 1;
  else console.log(HELP);
} catch (error) {
  const { message, stack } = error as Error;
  console.error(error instanceof OptionError ? message : stack);
  // What was under way when it broke is not waited for.
  process.exit(1);
}
