// What an exit code says: Go's words for exit statuses and signals, as the original printed them. No IO.
// docs/decisions/0002-exit-codes-above-128-are-signals.md

/** By number: Linux on amd64 and arm64; the texts in the words of Go's syscall.Signal.String. */
const SIGNALS: readonly (readonly [name: string, text: string])[] = [
  ['', ''],
  ['HUP', 'hangup'],
  ['INT', 'interrupt'],
  ['QUIT', 'quit'],
  ['ILL', 'illegal instruction'],
  ['TRAP', 'trace/breakpoint trap'],
  ['ABRT', 'aborted'],
  ['BUS', 'bus error'],
  ['FPE', 'floating point exception'],
  ['KILL', 'killed'],
  ['USR1', 'user defined signal 1'],
  ['SEGV', 'segmentation fault'],
  ['USR2', 'user defined signal 2'],
  ['PIPE', 'broken pipe'],
  ['ALRM', 'alarm clock'],
  ['TERM', 'terminated'],
  ['STKFLT', 'stack fault'],
  ['CHLD', 'child exited'],
  ['CONT', 'continued'],
  ['STOP', 'stopped (signal)'],
  ['TSTP', 'stopped'],
  ['TTIN', 'stopped (tty input)'],
  ['TTOU', 'stopped (tty output)'],
  ['URG', 'urgent I/O condition'],
  ['XCPU', 'CPU time limit exceeded'],
  ['XFSZ', 'file size limit exceeded'],
  ['VTALRM', 'virtual timer expired'],
  ['PROF', 'profiling timer expired'],
  ['WINCH', 'window changed'],
  ['IO', 'I/O possible'],
  ['PWR', 'power failure'],
  ['SYS', 'bad system call'],
];

/** Container runtimes report a death by signal n as this plus n. */
const SIGNAL_BASE = 128;
const LAST_SIGNAL = 64;

export const SIGKILL = 9;
export const SIGTERM = 15;

/** The signal that ended the process, from a container's exit code; undefined when it exited by itself. */
export function signalOf(exitCode: number): number | undefined {
  const signal = exitCode - SIGNAL_BASE;
  return signal >= 1 && signal <= LAST_SIGNAL ? signal : undefined;
}

/** "signal: killed"; "signal: signal 34" for those without a name. */
export const signalText = (signal: number): string =>
  `signal: ${SIGNALS[signal]?.[1] || `signal ${String(signal)}`}`;

/** "SIGKILL"; "SIG34" for those without a name. */
export const signalName = (signal: number): string => `SIG${SIGNALS[signal]?.[0] || String(signal)}`;

/** What Go's os.ProcessState says: "" for 0, "exit status 3", "signal: killed". Never "(core dumped)". */
export function exitText(exitCode: number): string {
  if (exitCode === 0) return '';
  const signal = signalOf(exitCode);
  return signal === undefined ? `exit status ${String(exitCode)}` : signalText(signal);
}
