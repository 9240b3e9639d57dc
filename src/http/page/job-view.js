// One job: all that is known of it.
import { byId, make, say, stateMark } from './elements.js';
import { commandText, durationText, spanText, timeText } from './words.js';

/** @typedef {import('../../client/types.ts').Job} Job */

export class JobView {
  #section = byId('job', HTMLElement);
  #title = byId('job-title', HTMLElement);
  #state = byId('job-state', HTMLElement);
  #waiting = byId('job-waiting', HTMLElement);
  #facts = byId('job-facts', HTMLElement);
  #stop = byId('stop', HTMLButtonElement);
  #mayNot = byId('may-not', HTMLElement);
  #known = '';

  /** @param {string} jobId '' for none */
  open(jobId) {
    this.#section.hidden = jobId === '';
    document.body.classList.toggle('has-job', jobId !== '');
    this.#title.replaceChildren('Job ', make('span', { class: 'id' }, jobId));
    this.#known = '';
    for (const part of [this.#state, this.#waiting, this.#facts]) part.replaceChildren();
    this.#stop.hidden = true;
    this.#mayNot.hidden = true;
  }

  focus() {
    this.#title.focus();
    this.#title.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Job} job */
  show(job) {
    const known = JSON.stringify(job);
    if (known === this.#known) return;
    this.#known = known;
    if (this.#state.textContent !== job.state + job.error_text)
      this.#state.replaceChildren(stateMark(job.state), make('span', { class: 'error' }, job.error_text));
    const { waiting = '' } = job;
    say(this.#waiting, waiting === '' ? '' : `It waits: ${waiting}`);
    this.#stop.hidden = job.may_stop !== true;
    this.#stop.disabled = job.state === 'stopping';
    this.#mayNot.hidden = job.may_stop !== false;
    this.#facts.replaceChildren(...factsOf(job, new Date()).flatMap(entry));
  }
}

/**
 * @param {[name: string, value: string | undefined, kind?: string]} fact
 * @returns {HTMLElement[]} none when it is not known
 */
const entry = ([name, value, kind = '']) =>
  value ? [make('dt', {}, name), make('dd', kind === '' ? {} : { class: kind }, value)] : [];

/**
 * @param {Job} job
 * @param {Date} now
 * @returns {[name: string, value: string | undefined, kind?: string][]}
 */
function factsOf(job, now) {
  /** @param {string | undefined} time */
  const at = (time) => time && timeText(time, now);
  const { created_at, started_at, finished_at, timeout_seconds: timeout } = job;
  return [
    ['Command', commandText(job), 'id'],
    ['Worker', job.worker_id],
    ['Node', job.node],
    ['Pod', job.pod, 'id'],
    ['Started by', job.started_by],
    ['Created', at(created_at)],
    ['Started', at(started_at)],
    ['Finished', at(finished_at)],
    ['Waited', spanText(created_at, started_at)],
    ['Ran', spanText(started_at, finished_at)],
    ['May take', timeout === undefined ? undefined : durationText(timeout * 1000)],
    ['Exit code', job.exit_code?.toString()],
    ['Signal', job.signal],
    ['Reason', job.reason],
  ];
}
