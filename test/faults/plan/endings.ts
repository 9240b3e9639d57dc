// The kinds of jobs of a fault run: what each runs, what is done to it, and what may be said of it in the end. No IO.

/** What somebody does to a job that is there. */
export type Act =
  | { do: 'stop' }
  /** As kubectl delete job --cascade=… does it. */
  | { do: 'deleteJob'; propagationPolicy: 'Background' | 'Foreground' | 'Orphan' }
  | { do: 'deletePod' }
  | { do: 'evictPod' };

export interface Ending {
  /** How many of these for each of the others. */
  weight: number;
  /** Bash, after it has said that it begins; undefined: the command cannot be found. RUN is for how long it runs, in seconds. */
  script?: string;
  timeoutSeconds?: number;
  /** Its pool has no node. */
  pends?: true;
  act?: Act;
  /** What it writes before it comes to its own end; undefined: there is nothing to write. */
  lastWords?: string;
  /** What may be said of its own end; undefined: it has none. */
  own?: string;
  /** What may be said of it after the act. */
  acted?: readonly string[];
}

const LOOP = 'while :; do sleep 0.2; done';
const KILLED = 'signal: killed';
const TERMINATED = 'signal: terminated';
export const MISSING_PROGRAM = 'portico-no-such-program';
/** Says what it will do, and does it. */
const last = (words: string, deed: string): string =>
  `sleep $RUN; echo "last words: ${words}" >>"$TRACE"; ${deed}`;
const exits = (code: number, own: string): Ending => ({
  weight: 2,
  script: last(`exit ${String(code)}`, `exit ${String(code)}`),
  lastWords: `exit ${String(code)}`,
  own,
});
const dies = (signal: string, own: string): Ending => ({
  weight: 1,
  script: last(signal, `kill -${signal} $$; ${LOOP}`),
  lastWords: signal,
  own,
});
const ended = (act: Act, ...acted: string[]): Ending => ({ weight: 1, script: LOOP, act, acted });

export const ENDINGS = {
  'exit 0': exits(0, ''),
  'exit 3': exits(3, 'exit status 3'),
  'exit 255': { ...exits(255, 'exit status 255'), weight: 1 },
  SIGKILL: dies('KILL', KILLED),
  SIGTERM: dies('TERM', TERMINATED),
  SIGSEGV: dies('SEGV', 'signal: segmentation fault'),
  SIGABRT: dies('ABRT', 'signal: aborted'),
  'missing executable': {
    weight: 1,
    own: `exec: "${MISSING_PROGRAM}": executable file not found in $PATH`,
  },
  deadline: { weight: 1, script: LOOP, timeoutSeconds: 2, own: 'deadline exceeded' },
  stopped: { ...ended({ do: 'stop' }, KILLED), weight: 3 },
  'stopped while pending': { ...ended({ do: 'stop' }, KILLED), pends: true },
  'ignores SIGTERM': { ...ended({ do: 'stop' }, KILLED), script: `trap "" TERM; ${LOOP}` },
  'stopped as it ends': { ...exits(3, 'exit status 3'), act: { do: 'stop' }, acted: [KILLED] },
  'kubectl delete, background': ended({ do: 'deleteJob', propagationPolicy: 'Background' }, KILLED),
  'kubectl delete, foreground': ended({ do: 'deleteJob', propagationPolicy: 'Foreground' }, KILLED),
  'kubectl delete, orphan': ended({ do: 'deleteJob', propagationPolicy: 'Orphan' }, KILLED),
  // SIGKILL at the end of its grace period at the latest.
  'pod deleted': ended({ do: 'deletePod' }, TERMINATED, KILLED),
  'pod evicted': ended(
    { do: 'evictPod' },
    'worker lost: EvictionByEvictionAPI',
    // Its pod could not be asked any more.
    'worker lost: DisruptionTarget',
  ),
} as const satisfies Record<string, Ending>;

export type EndingName = keyof typeof ENDINGS;

export const endingOf = (name: EndingName): Ending => ENDINGS[name];
