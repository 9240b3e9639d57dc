// The jobs on record in the order of their creation, newest first, by worker and state: what lists are read from. No IO.
import sortedBTree from 'sorted-btree';
import { JOB_STATES, type JobRecord, type JobState } from '../../jobs/job-record.ts';

/** A place in the order. A job's own never changes, so where a list was left it can be taken up again. */
export type Position = Pick<JobRecord, 'createdAt' | 'name'>;

export interface Selection {
  workerId?: string | undefined;
  /** All of them unless told. */
  states?: readonly JobState[] | undefined;
}

export type Counts = Record<JobState, number>;

const BTree = sortedBTree.default;
type Tree = InstanceType<typeof BTree<Position, undefined>>;

/** Kubernetes counts creation in seconds, so the name decides between jobs of the same one. */
function newestFirst(a: Position, b: Position): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/**
 * Each job is in two of the trees: that of its state among all, and that among the jobs of its worker. So any selection is
 * read from six trees at most, however many jobs and workers there are, and counts are sizes.
 */
export class JobIndex {
  readonly #all = new ByState();
  readonly #byWorker = new Map<string, ByState>();

  /** `before` and `now` are of one name; undefined: not on record. */
  replace(before: JobRecord | undefined, now: JobRecord | undefined): void {
    if (before) this.#remove(before);
    if (now) this.#add(now);
  }

  has(workerId: string): boolean {
    return this.#byWorker.has(workerId);
  }

  workerIds(): Iterable<string> {
    return this.#byWorker.keys();
  }

  countsOf(workerId: string): Counts {
    return (this.#byWorker.get(workerId) ?? NONE).counts();
  }

  /** Those that come after `after`, or all; as many as are read, as long as nothing changes. */
  *select({ workerId, states = JOB_STATES }: Selection, after?: Position): Generator<JobRecord> {
    const jobs = workerId === undefined ? this.#all : this.#byWorker.get(workerId);
    if (jobs) yield* jobs.select(states, after);
  }

  #add(record: JobRecord): void {
    this.#all.add(record);
    const ofWorker = this.#byWorker.get(record.workerId) ?? new ByState();
    ofWorker.add(record);
    this.#byWorker.set(record.workerId, ofWorker);
  }

  #remove(record: JobRecord): void {
    this.#all.remove(record);
    const ofWorker = this.#byWorker.get(record.workerId);
    ofWorker?.remove(record);
    if (ofWorker?.isEmpty) this.#byWorker.delete(record.workerId);
  }
}

class ByState {
  readonly #trees = new Map<JobState, Tree>();

  add(record: JobRecord): void {
    const tree = this.#trees.get(record.state) ?? new BTree<Position, undefined>(undefined, newestFirst);
    tree.set(record, undefined);
    this.#trees.set(record.state, tree);
  }

  remove(record: JobRecord): void {
    const tree = this.#trees.get(record.state);
    tree?.delete(record);
    if (tree?.isEmpty) this.#trees.delete(record.state);
  }

  get isEmpty(): boolean {
    return this.#trees.size === 0;
  }

  counts(): Counts {
    const sizes = JOB_STATES.map((state) => [state, this.#trees.get(state)?.size ?? 0]);
    return Object.fromEntries(sizes) as Counts;
  }

  /** Merges the trees of `states`: each is in order, so the next job is the newest of their first ones. */
  *select(states: readonly JobState[], after: Position | undefined): Generator<JobRecord> {
    const heads = [...this.#trees]
      .filter(([state]) => states.includes(state))
      .map(([, tree]) => new Head(tree.keys(after) as IterableIterator<JobRecord>, after));
    for (;;) {
      let next: Head | undefined;
      for (const head of heads) {
        if (!head.job) continue;
        if (!next?.job || newestFirst(head.job, next.job) < 0) next = head;
      }
      if (!next?.job) return;
      yield next.job;
      next.advance();
    }
  }
}

/** The first job of a tree that has not been given out. */
class Head {
  readonly #jobs: Iterator<JobRecord>;
  job: JobRecord | undefined;

  constructor(jobs: Iterator<JobRecord>, after: Position | undefined) {
    this.#jobs = jobs;
    this.advance();
    // A tree begins with the position itself.
    if (this.job && after && newestFirst(this.job, after) === 0) this.advance();
  }

  advance(): void {
    const next = this.#jobs.next();
    this.job = next.done ? undefined : next.value;
  }
}

const NONE = new ByState();
