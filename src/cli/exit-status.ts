// The exit status that tells a shell how a job ended. No IO.
import type { QueryAnswer } from '../client/index.ts';
import { COULD_NOT_START } from '../jobs/outcome/error-texts.ts';
import { signalOf, signalText } from '../jobs/outcome/signals.ts';

/** As timeout(1) has it. */
const DEADLINE = 124;
/** As docker run has it: not the command failed, but what was to run it. */
const WORKER_LOST = 125;
/** As shells have them: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 */
const NOT_RUNNABLE = 126;
const NOT_FOUND = 127;

/** The job's own exit code, or 128 and the number of the signal that ended it; 1 for what is none of these. */
export function exitStatusOf({ error, error_text: text }: QueryAnswer): number {
  if (!error) return 0;
  const [, code] = /^exit status (\d{1,3})$/.exec(text) ?? [];
  if (code !== undefined) return Number(code);
  if (text.startsWith('signal: ')) return SIGNALS.get(text) ?? 1;
  if (text === 'deadline exceeded') return DEADLINE;
  if (text.startsWith('worker lost: ')) return WORKER_LOST;
  if (text.startsWith('exec: ')) return /not found|no such file/.test(text) ? NOT_FOUND : NOT_RUNNABLE;
  if (text.startsWith(COULD_NOT_START))
    return /executable file .* not found/.test(text) ? NOT_FOUND : NOT_RUNNABLE;
  return 1;
}

/** The words for a signal, to the exit code that shells make of it. */
const SIGNALS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, code) => code).flatMap((code): [string, number][] => {
    const signal = signalOf(code);
    return signal === undefined ? [] : [[signalText(signal), code]];
  }),
);
