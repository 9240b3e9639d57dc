import { expect } from 'chai';
import { exitStatusOf } from '../../src/cli/exit-status.ts';
import { exitText } from '../../src/jobs/outcome/signals.ts';

describe('the exit status of a wait', () => {
  const statusOf = (error_text: string) => exitStatusOf({ done: true, error: error_text !== '', error_text });

  it('is the job’s own exit code, and 128 + N for signal N', () => {
    for (let code = 0; code <= 255; code++) expect(statusOf(exitText(code)), String(code)).to.equal(code);
  });

  const OTHERS: [text: string, status: number][] = [
    ['deadline exceeded', 124],
    ['worker lost: Evicted', 125],
    ['exec: "./run.sh": permission denied', 126],
    ['exec: "nosuch": executable file not found in $PATH', 127],
    ['could not be started: executable file `nosuch` not found in $PATH: No such file or directory', 127],
    ['could not be started: context deadline exceeded', 126],
    ['exec: "x": no such file or directory', 127],
    ['signal: a new one', 1],
    ['exit status 1234', 1],
    ['something else', 1],
  ];
  for (const [text, status] of OTHERS) {
    it(`is ${String(status)} for ${text}`, () => {
      expect(statusOf(text)).to.equal(status);
    });
  }
});
