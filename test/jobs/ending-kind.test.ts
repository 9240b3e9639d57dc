import { expect } from 'chai';
import { endingKindOf } from '../../src/jobs/outcome/ending-kind.ts';
import { situations } from './situations.ts';

describe('the kind of an ending', () => {
  const KINDS: Record<string, string> = {
    'exit 0': 'succeeded',
    'exit 3': 'exit_status',
    'exit 128 by the script itself': 'exit_status',
    'out of memory': 'signal',
    'executable not found': 'not_executable',
    'start error timed out': 'not_executable',
    deadline: 'deadline',
    drained: 'worker_lost',
    'failed after deletion': 'stopped',
  };
  for (const [name, kind] of Object.entries(KINDS)) {
    it(`is ${kind}: ${name}`, () => {
      const found = situations.find((situation) => situation.name === name);
      expect(found?.outcome && endingKindOf(found.outcome)).to.equal(kind);
    });
  }
});
