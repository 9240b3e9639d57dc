// One who follows jobs: first all that are on record, then what changes, each read when there is room for it. Holds a place in what
// others keep and nothing else, so a slow one costs no more than a fast one. No IO.
import type { JobRecord } from '../../jobs/job-record.ts';
import type { Change, Changes } from '../cache/changes.ts';
import type { JobIndex, Position, Selection } from '../cache/job-index.ts';

/** How far one has come. A watch that begins with it goes on as if it had not been interrupted. */
export interface FollowerPosition {
  /** All changes up to the one of this number are told. */
  change: number;
  /** While the jobs that are on record are being told: those up to `after` are. */
  listing?: { after?: Position };
}

type News =
  | { event: 'job'; record: JobRecord }
  /** It is not on record any more, or not among the selected. */
  | { event: 'gone'; name: string };

type Milestone =
  /** What was told before is void: all jobs on record follow. */
  | { event: 'snapshot' }
  /** All jobs on record are told, or as many as were asked for: `next` is where more of them begin. From here on it is changes. */
  | { event: 'synced'; next?: Position | undefined };

/** `place`: how far one has come with it. */
export type Told = (News | Milestone) & { place: FollowerPosition };

export interface JobWatchOptions {
  index: JobIndex;
  changes: Changes;
  selection: Selection;
  /** How many of the jobs on record are told at most, the newest; all unless told. */
  limit?: number | undefined;
}

export class JobFollower {
  readonly #options: JobWatchOptions;
  /** undefined: begin anew. */
  #place: FollowerPosition | undefined;
  /** Jobs on record that were told since it began anew. */
  #listed = 0;

  constructor(options: JobWatchOptions) {
    this.#options = options;
  }

  /** Goes on from there, if what came since is still known. A listing that has a limit is not gone on with: it begins anew. */
  resume(place: FollowerPosition): void {
    if (place.listing && this.#options.limit !== undefined) return;
    this.#place = place;
  }

  /** What comes next, `most` at most; empty when all is told. */
  take(most: number): Told[] {
    const { changes } = this.#options;
    // It was away too long, or could not keep up: then the state as it is now stands for all that it has missed.
    const place = this.#place && changes.has(this.#place.change) ? this.#place : undefined;
    const told: Told[] = place ? [] : [this.#restart()];
    if (this.#place?.listing) this.#tellListed(told, most);
    if (!this.#place?.listing) this.#tellChanges(told, most);
    return told;
  }

  /** Calls `wake` soon after there is more to take. The result ends it. */
  follow(wake: () => void): () => void {
    return this.#options.changes.follow(wake);
  }

  #restart(): Told {
    this.#place = { change: this.#options.changes.latest, listing: {} };
    this.#listed = 0;
    return { event: 'snapshot', place: this.#place };
  }

  #tellListed(told: Told[], most: number): void {
    const { index, selection, limit } = this.#options;
    const { change = 0, listing } = this.#place ?? {};
    let next: Position | undefined;
    for (const record of index.select(selection, listing?.after)) {
      if (this.#listed === limit) {
        next = this.#place?.listing?.after;
        break;
      }
      if (told.length >= most) return;
      this.#listed += 1;
      this.#place = { change, listing: { after: record } };
      told.push({ event: 'job', record, place: this.#place });
    }
    this.#place = { change };
    told.push({ event: 'synced', next, place: this.#place });
  }

  #tellChanges(told: Told[], most: number): void {
    const { changes, selection } = this.#options;
    let { change = 0 } = this.#place ?? {};
    for (let next = changes.after(change); next && told.length < most; next = changes.after(change)) {
      this.#place = { change: ++change };
      const news = newsOf(next, selection);
      if (news) told.push({ ...news, place: this.#place });
    }
  }
}

/** What a change is to one who follows `selection` alone; undefined: nothing. */
function newsOf({ before, now }: Change, selection: Selection): News | undefined {
  if (now && isSelected(now, selection)) return { event: 'job', record: now };
  return before && isSelected(before, selection) ? { event: 'gone', name: before.name } : undefined;
}

const isSelected = ({ workerId, state }: JobRecord, selection: Selection): boolean =>
  (selection.workerId === undefined || selection.workerId === workerId) &&
  (selection.states === undefined || selection.states.includes(state));
