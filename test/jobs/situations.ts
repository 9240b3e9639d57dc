// The fixtures: a Job and what there is of its pod, as a cluster left them, and what must be read from them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Outcome, Verdict } from '../../src/jobs/outcome/outcome.ts';
import type { Job, Pod } from '../../src/kube/wire.ts';

export interface Situation {
  name: string;
  job: Job;
  pod?: Pod;
  verdict: Verdict;
  outcome: Outcome | undefined;
  /** When it differs from `outcome`: what is left to say once the pod is gone. */
  outcomeWithoutPod: Outcome | undefined;
  finishedBeforeDeletion: boolean;
}

const FOLDER = join(import.meta.dirname, 'fixtures');

/** In the files, an outcome that is undefined is the word none. */
type Expected = Outcome | 'none';
type Written = Omit<Situation, 'outcome' | 'outcomeWithoutPod'> & {
  outcome: Expected;
  outcomeWithoutPod?: Expected;
};

const orUndefined = (expected: Expected): Outcome | undefined => (expected === 'none' ? undefined : expected);

/** In the files, a pod without a name is not written at all. */
const verdictOf = (written: Verdict): Verdict =>
  written.is === 'unclear' ? { is: 'unclear', podName: written.podName } : written;

function read(file: string): Situation {
  const written = parse(readFileSync(join(FOLDER, file), 'utf8')) as Written;
  return {
    ...written,
    name: file.replace(/\.yaml$/, '').replaceAll('-', ' '),
    verdict: verdictOf(written.verdict),
    outcome: orUndefined(written.outcome),
    outcomeWithoutPod: orUndefined(written.outcomeWithoutPod ?? written.outcome),
  };
}

export const situations: readonly Situation[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .map(read);
