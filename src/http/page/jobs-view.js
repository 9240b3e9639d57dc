// The list of jobs, and what says which are listed.
import { arrange, byId, make, say, stateMark } from './elements.js';
import { MOST_JOBS } from './job-list.js';
import { hashOf } from './route.js';
import { STATES } from './states.js';
import { spanText, timeText } from './words.js';

/**
 * @typedef {import('../../client/types.ts').JobSummary} Job
 * @typedef {import('./route.js').Route} Route
 * @typedef {import('./route.js').Filter} Filter
 */

export class JobsView {
  #rows = byId('jobs-rows', HTMLElement);
  #note = byId('jobs-note', HTMLElement);
  #older = byId('older', HTMLButtonElement);
  #worker = byId('filter-worker', HTMLInputElement);
  #none = byId('filter-none', HTMLButtonElement);
  /** @type {Map<string, HTMLInputElement>} */
  #states = new Map();
  /** @type {Map<string, { row: HTMLElement, job: Job }>} */
  #shown = new Map();
  /** @type {Route} */
  #route;

  /** @param {{ route: Route, choose: (filter: Filter) => void, wantOlder: () => void }} options */
  constructor({ route, choose, wantOlder }) {
    this.#route = route;
    const form = byId('filter', HTMLFormElement);
    for (const state of STATES) {
      const box = make('input', { type: 'checkbox', value: state });
      this.#states.set(state, box);
      byId('filter-states', HTMLElement).append(make('label', {}, box, state));
      box.addEventListener('change', () => choose(this.#chosen()));
    }
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      choose(this.#chosen());
    });
    this.#worker.addEventListener('change', () => choose(this.#chosen()));
    this.#none.addEventListener('click', () => {
      choose({ workerId: '', states: [] });
      this.#worker.focus();
    });
    this.#older.addEventListener('click', wantOlder);
    this.goTo(route);
  }

  /** @param {Route} route */
  goTo(route) {
    this.#route = route;
    const { workerId, states } = route.filter;
    this.#worker.value = workerId;
    for (const state of STATES) {
      const box = this.#states.get(state);
      if (box) box.checked = states.includes(state);
    }
    this.#none.hidden = workerId === '' && states.length === 0;
    for (const { row, job } of this.#shown.values()) this.#mark(row, job);
  }

  /** @param {import('./job-list.js').JobList} list */
  show(list) {
    const before = this.#shown;
    this.#shown = new Map(
      list.rows.map((job) => {
        const shown = before.get(job.job_id);
        return [job.job_id, shown?.job === job ? shown : { job, row: this.#rowOf(job, shown?.row) }];
      }),
    );
    arrange(
      this.#rows,
      [...this.#shown.values()].map(({ row }) => row),
    );
    this.#older.hidden = !list.canGrow;
    say(this.#note, noteOf(list));
  }

  /** @param {string} jobId */
  focus(jobId) {
    const link = this.#shown.get(jobId)?.row.querySelector('a');
    (link ?? byId('jobs-title', HTMLElement)).focus();
  }

  /** @returns {Filter} */
  #chosen() {
    return {
      workerId: this.#worker.value.trim(),
      states: STATES.filter((state) => this.#states.get(state)?.checked),
    };
  }

  /**
   * @param {Job} job
   * @param {HTMLElement} [row] it was shown in; its link stays, so that it keeps the focus
   */
  #rowOf(job, row = newRow(job)) {
    const [state, , , created, took, error] = row.children;
    state?.replaceChildren(stateMark(job.state));
    created?.replaceChildren(job.created_at === undefined ? '' : timeText(job.created_at, new Date()));
    took?.replaceChildren(spanText(job.created_at, job.finished_at));
    error?.replaceChildren(job.error_text);
    error?.setAttribute('title', job.error_text);
    this.#mark(row, job);
    return row;
  }

  /**
   * @param {HTMLElement} row
   * @param {Job} job
   */
  #mark(row, { job_id: jobId }) {
    row.querySelector('a')?.setAttribute('href', hashOf({ jobId, filter: this.#route.filter }));
    if (jobId === this.#route.jobId) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
}

/** @param {Job} job */
const newRow = ({ job_id, worker_id }) =>
  make(
    'tr',
    {},
    make('td', {}),
    make('td', { class: 'job' }, make('a', {}, job_id)),
    make('td', {}, worker_id),
    make('td', {}),
    make('td', {}),
    make('td', { class: 'error' }),
  );

/** @param {import('./job-list.js').JobList} list */
function noteOf({ rows, hasOlder, canGrow, isSynced }) {
  if (!isSynced) return '';
  if (rows.length === 0 && !hasOlder) return 'No jobs.';
  if (!hasOlder) return `${rows.length} ${rows.length === 1 ? 'job' : 'jobs'}, all that there are.`;
  const newest = `The newest ${rows.length} are listed.`;
  return canGrow
    ? newest
    : `${newest} More than ${MOST_JOBS} are not: choose a worker or states, or open a job by its id.`;
}
