// The jobs that are listed: what becomes of them as events and older pages come. Holds so many and no more. No DOM, no network.

/**
 * @typedef {import('../../client/types.ts').JobSummary} Job
 * @typedef {import('../../client/types.ts').JobPage} Page
 * @typedef {{ event: string, data: unknown }} Heard an event of GET /jobs?watch=true
 */

/** By so many the list grows. */
export const PAGE_JOBS = 100;
/** It never grows beyond that: a browser has to lay them all out. */
export const MOST_JOBS = 1_000;
/** What GET /jobs takes as limit. */
export const MOST_AT_ONCE = 500;

/**
 * As the server has it: newest first, of the same second by id; a job whose creation is not known is older than any.
 * @param {Job} a
 * @param {Job} b
 */
function newestFirst(a, b) {
  const [createdA, createdB] = [a.created_at ?? '', b.created_at ?? ''];
  if (createdA !== createdB) return createdA > createdB ? -1 : 1;
  if (a.job_id === b.job_id) return 0;
  return a.job_id < b.job_id ? -1 : 1;
}

export class JobList {
  /** @type {Job[]} newest first */
  rows = [];
  /** There are older ones than those of `rows`. */
  hasOlder = false;
  /** How many are wanted; some more may be there for a while. */
  wanted = PAGE_JOBS;
  isSynced = false;
  /** Where the older ones begin, as the server says it; undefined when there are none, or that is not known any more. */
  #next = /** @type {string | undefined} */ (undefined);
  /** The snapshot that is being told: the list stays as it was until it is whole. */
  #incoming = /** @type {Job[] | undefined} */ (undefined);
  /** What was heard of older jobs while a page of them is under way: it is newer than the page. undefined: gone. */
  #late = /** @type {Map<string, Job | undefined> | undefined} */ (undefined);

  /** @param {Heard} heard */
  hear({ event, data }) {
    switch (event) {
      case 'snapshot':
        this.#incoming = [];
        this.#late = undefined;
        break;
      case 'job':
        if (this.#incoming) this.#incoming.push(/** @type {Job} */ (data));
        else this.#put(/** @type {Job} */ (data));
        break;
      case 'gone':
        this.#remove(/** @type {{ job_id: string }} */ (data).job_id);
        break;
      case 'synced':
        this.#replace(/** @type {Pick<Page, 'continue'>} */ (data));
        break;
    }
  }

  /** No snapshot is under way. */
  get isWhole() {
    return this.isSynced && !this.#incoming;
  }

  /** More are wanted. */
  grow() {
    this.wanted = Math.min(this.wanted + PAGE_JOBS, MOST_JOBS);
  }

  get canGrow() {
    return this.hasOlder && this.wanted < MOST_JOBS;
  }

  /**
   * What has to be read so that those are there that are wanted. Half a page may be missing: jobs come and go.
   * @returns {{ do: 'nothing' } | { do: 'begin anew' } | { do: 'read', continue: string }}
   */
  next() {
    const isShort = this.rows.length <= this.wanted - PAGE_JOBS / 2;
    if (!this.isSynced || this.#late || !this.hasOlder || !isShort) return { do: 'nothing' };
    return this.#next === undefined ? { do: 'begin anew' } : { do: 'read', continue: this.#next };
  }

  /** A page of older ones is asked for. The result takes it, unless the list has begun anew meanwhile. */
  awaitPage() {
    const late = /** @type {Map<string, Job | undefined>} */ (new Map());
    this.#late = late;
    return {
      /** @param {Page} page */
      arrived: (page) => {
        if (this.#late !== late) return;
        this.#late = undefined;
        this.#next = page.continue;
        this.hasOlder = page.continue !== undefined;
        const last = page.items.at(-1);
        const isOnPage = (/** @type {Job} */ job) => !this.hasOlder || (last && newestFirst(job, last) <= 0);
        for (const job of page.items) if (!late.has(job.job_id)) this.#insert(job);
        for (const job of late.values()) if (job && isOnPage(job)) this.#insert(job);
      },
      failed: () => {
        if (this.#late === late) this.#late = undefined;
      },
    };
  }

  /** @param {Pick<Page, 'continue'>} data */
  #replace(data) {
    this.rows = this.#incoming ?? this.rows;
    this.#incoming = undefined;
    this.#next = data.continue;
    this.hasOlder = data.continue !== undefined;
    this.isSynced = true;
  }

  /** @param {Job} job */
  #put(job) {
    const { rows } = this;
    const at = this.#placeOf(job);
    const isOlder = at === rows.length && this.hasOlder;
    if (isOlder) this.#late?.set(job.job_id, job);
    else this.#insert(job);
    if (rows.length <= this.wanted + PAGE_JOBS) return;
    rows.length = this.wanted;
    this.hasOlder = true;
    this.#next = undefined;
    this.#late = undefined;
  }

  /** @param {Job} job */
  #insert(job) {
    const at = this.#placeOf(job);
    this.rows.splice(at, this.rows[at]?.job_id === job.job_id ? 1 : 0, job);
  }

  /** @param {string} jobId */
  #remove(jobId) {
    const at = this.rows.findIndex((job) => job.job_id === jobId);
    if (at >= 0) this.rows.splice(at, 1);
    else this.#late?.set(jobId, undefined);
  }

  /**
   * Of the first that is not newer. A job's own place never changes.
   * @param {Job} job
   */
  #placeOf(job) {
    const { rows } = this;
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = rows[middle];
      if (row && newestFirst(row, job) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
