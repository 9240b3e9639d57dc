// Compares what callers were told with what happened. No IO.
import type { WitnessedJob, Witness } from '../witness/witness.ts';
import { allows, type Outage, possibleTexts, recordedTexts } from './allowed.ts';
import { type Case, jobIdOf, markOf } from './case.ts';

export type ViolationKind =
  /** It was started, and is not known, or never done. */
  | 'lost'
  /** One start, two jobs or two runs; or a start that was refused, and runs on all the same. */
  | 'doubled'
  /** Told to have ended as it did not. */
  | 'wrong'
  /** Told otherwise after it was told to be done. */
  | 'changed'
  /** Told to be done while a process of it ran. */
  | 'early'
  /** It has ended, and something of it is held. */
  | 'stuck'
  /** Something is there after the retention. */
  | 'leftover'
  /** An answer that no caller may get. */
  | 'answer';

export interface Violation {
  kind: ViolationKind;
  /** In one line, for whoever looks into the logs. */
  what: string;
}

const FINALIZER = 'portico.dev/outcome';

type JobsByMark = ReadonlyMap<string, readonly WitnessedJob[]>;

/** Of the starts alone: whether each has made what it was answered with, and no more. */
export const compareStarts = (cases: readonly Case[], witness: Witness): Violation[] => {
  const byMark = jobsByMark(witness);
  return cases.flatMap((it) => startViolations(it, byMark));
};

/** Of what was said of each job, when everything is over. */
export const compareAnswers = (
  cases: readonly Case[],
  witness: Witness,
  outages: readonly Outage[],
): Violation[] => {
  const byMark = jobsByMark(witness);
  return cases.flatMap((it) => answerViolations(it, byMark, outages));
};

/** Jobs that are there, and whose id nobody was told. */
export function straysOf(cases: readonly Case[], witness: Witness): string[] {
  const told = new Set(cases.flatMap(({ starts }) => starts.flatMap(({ jobId }) => jobId ?? [])));
  return [...witness.jobs.values()]
    .filter(({ name, gone }) => !gone && !told.has(name))
    .map(({ name }) => name);
}

const jobsByMark = ({ jobs }: Witness): JobsByMark => Map.groupBy(jobs.values(), ({ mark }) => mark);

function startViolations(it: Case, byMark: JobsByMark): Violation[] {
  const violations: Violation[] = [];
  const add = (kind: ViolationKind, what: string) =>
    violations.push({ kind, what: `${nameOf(it)}: ${what}` });
  const ids = new Set(it.starts.flatMap(({ jobId }) => jobId ?? []));
  if (it.planned.keyed && ids.size > 1) add('doubled', `one key was answered with ${[...ids].join(' and ')}`);
  for (const mark of new Set(it.starts.map((start) => start.mark))) {
    const jobs = byMark.get(mark) ?? [];
    if (jobs.length > 1)
      add('doubled', `one start made the Jobs ${jobs.map(({ name }) => name).join(' and ')}`);
    const { begun } = it.traces[mark] ?? { begun: 0 };
    if (begun > 1) add('doubled', `${mark} ran ${String(begun)} times`);
    const [job] = jobs;
    if (job && wasRefused(it, mark) && !job.gone && job.deletedAt === undefined) {
      add('doubled', `a start that was refused left the Job ${job.name}`);
    }
  }
  return violations;
}

/** Told that nothing was started, by a replica that has lived on to see to it. With a key a repeat would find what is there. */
const wasRefused = ({ planned, starts }: Case, mark: string): boolean =>
  !planned.keyed &&
  starts.some((start) => start.mark === mark && (start.status ?? 0) >= 400 && !start.replicaLost);

function answerViolations(it: Case, byMark: JobsByMark, outages: readonly Outage[]): Violation[] {
  const violations: Violation[] = [];
  const add = (kind: ViolationKind, what: string) =>
    violations.push({ kind, what: `${nameOf(it)}: ${what}` });
  for (const objection of it.objections) add('answer', objection);
  const jobId = jobIdOf(it);
  if (jobId === undefined) return violations;
  const job = byMark.get(markOf(it) ?? '')?.find(({ name }) => name === jobId);
  if (!job) add('lost', 'no Job of its id was ever there');
  if (it.early) add('early', 'told to be done while a process of it ran');
  const [said, ...others] = it.said;
  if (said === undefined) {
    add('lost', 'never told to be done');
    return violations;
  }
  if (others.length > 0)
    add('changed', `told "${said}", and later ${others.map((text) => `"${text}"`).join(', ')}`);
  const recorded = job && recordedTexts(job);
  if (recorded && !allows(recorded, said)) {
    add('wrong', `told "${said}", but the cluster recorded ${quoted(recorded)}`);
  }
  const possible = possibleTexts(it, outages);
  if (!allows(possible, said))
    add('wrong', `told "${said}", but by its own traces it was ${quoted(possible)}`);
  return violations;
}

/** Once every job is over and everything has come to rest: what is still held, or still runs. */
export function stuck(witness: Witness): Violation[] {
  const jobs = [...witness.jobs.values()].filter(({ gone }) => !gone);
  return [
    ...jobs
      .filter(({ deletedAt, finalizers }) => deletedAt !== undefined || finalizers.includes(FINALIZER))
      .map(({ name, finalizers }) => `Job ${name} is held by ${finalizers.join(', ') || 'nothing'}`),
    ...[...witness.pods.values()]
      .filter(({ phase, deleted }) => deleted || (phase !== 'Succeeded' && phase !== 'Failed'))
      .map(({ name, phase, deleted }) => `pod ${name} is ${deleted ? 'on its way out' : phase}`),
  ].map((what) => ({ kind: 'stuck', what }));
}

/** After the retention. Pods that somebody cut from a Job that had ended are what was asked for. */
export function leftovers(witness: Witness, records: readonly string[]): Violation[] {
  return [
    ...[...witness.jobs.values()].filter(({ gone }) => !gone).map(({ name }) => `Job ${name}`),
    ...[...witness.pods.values()]
      .filter(({ owner, phase }) => owner !== undefined || (phase !== 'Succeeded' && phase !== 'Failed'))
      .map(({ name }) => `pod ${name}`),
    ...records.map((name) => `ConfigMap ${name}`),
  ].map((what) => ({ kind: 'leftover', what }));
}

const nameOf = (it: Case): string =>
  `job ${String(it.planned.number)} (${it.planned.ending}${it.planned.keyed ? ', keyed' : ''}) ${jobIdOf(it) ?? ''}`.trim();

const quoted = (texts: readonly string[]): string =>
  texts.map((text) => `"${text}"`).join(' or ') || 'nothing';
