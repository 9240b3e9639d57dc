// What an exit code says: Go's words for exit statuses and signals, as the original printed them. No IO.
// docs/decisions/0002-exit-codes-above-128-are-signals.md

/** By number: Linux on amd64 and arm64, in the words of Go's syscall.Signal.String. */
const SIGNAL_NAMES: readonly string[] = [
  '',
  'hangup',
  'interrupt',
  'quit',
  'illegal instruction',
  'trace/breakpoint trap',
  'aborted',
  'bus error',
  'floating point exception',
  'killed',
  'user defined signal 1',
  'segmentation fault',
  'user defined signal 2',
  'broken pipe',
  'alarm clock',
  'terminated',
  'stack fault',
  'child exited',
  'continued',
  'stopped (signal)',
  'stopped',
  'stopped (tty input)',
  'stopped (tty output)',
  'urgent I/O condition',
  'CPU time limit exceeded',
  'file size limit exceeded',
  'virtual timer expired',
  'profiling timer expired',
  'window changed',
  'I/O possible',
  'power failure',
  'bad system call',
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
  `signal: ${SIGNAL_NAMES[signal] || `signal ${String(signal)}`}`;

/** What Go's os.ProcessState says: "" for 0, "exit status 3", "signal: killed". Never "(core dumped)". */
export function exitText(exitCode: number): string {
  if (exitCode === 0) return '';
  const signal = signalOf(exitCode);
  return signal === undefined ? `exit status ${String(exitCode)}` : signalText(signal);
}
