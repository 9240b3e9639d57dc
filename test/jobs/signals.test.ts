// The texts of exit codes: what Go 1.26 prints on Linux, for every signal number.
import { expect } from 'chai';
import { constants, platform } from 'node:os';
import { exitText, signalName, signalOf, signalText } from '../../src/jobs/outcome/signals.ts';

/** Number, and what `os.ProcessState.String()` says of a process that it ended. */
const NAMED: readonly [number, string][] = [
  [1, 'signal: hangup'],
  [2, 'signal: interrupt'],
  [3, 'signal: quit'],
  [4, 'signal: illegal instruction'],
  [5, 'signal: trace/breakpoint trap'],
  [6, 'signal: aborted'],
  [7, 'signal: bus error'],
  [8, 'signal: floating point exception'],
  [9, 'signal: killed'],
  [10, 'signal: user defined signal 1'],
  [11, 'signal: segmentation fault'],
  [12, 'signal: user defined signal 2'],
  [13, 'signal: broken pipe'],
  [14, 'signal: alarm clock'],
  [15, 'signal: terminated'],
  [16, 'signal: stack fault'],
  [17, 'signal: child exited'],
  [18, 'signal: continued'],
  [19, 'signal: stopped (signal)'],
  [20, 'signal: stopped'],
  [21, 'signal: stopped (tty input)'],
  [22, 'signal: stopped (tty output)'],
  [23, 'signal: urgent I/O condition'],
  [24, 'signal: CPU time limit exceeded'],
  [25, 'signal: file size limit exceeded'],
  [26, 'signal: virtual timer expired'],
  [27, 'signal: profiling timer expired'],
  [28, 'signal: window changed'],
  [29, 'signal: I/O possible'],
  [30, 'signal: power failure'],
  [31, 'signal: bad system call'],
];
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the text of an exit code', () => {
  for (const [signal, text] of NAMED)
    it(`of ${String(128 + signal)} is "${text}"`, () => {
      expect(signalOf(128 + signal)).to.equal(signal);
      expect(exitText(128 + signal)).to.equal(text);
      expect(signalText(signal)).to.equal(text);
    });

  for (const signal of range(32, 64))
    it(`of ${String(128 + signal)} is the number of a signal without a name`, () => {
      expect(signalOf(128 + signal)).to.equal(signal);
      expect(exitText(128 + signal)).to.equal(`signal: signal ${String(signal)}`);
    });

  it('is empty for 0', () => {
    expect(exitText(0)).to.equal('');
    expect(signalOf(0)).to.equal(undefined);
  });

  it('is an exit status up to 128, and again above the last signal', () => {
    for (const code of [...range(1, 128), ...range(193, 255), 256, 65_535]) {
      expect(exitText(code)).to.equal(`exit status ${String(code)}`);
      expect(signalOf(code)).to.equal(undefined);
    }
  });

  it('have the names that the system gives them, and a number where it gives none', function () {
    if (platform() !== 'linux') this.skip();
    for (const [name, number] of Object.entries(constants.signals)) {
      // The second name of a signal is another one's first.
      if (!['SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(name)) expect(signalName(number)).to.equal(name);
    }
    expect([34, 64].map(signalName)).to.deep.equal(['SIG34', 'SIG64']);
  });
});
