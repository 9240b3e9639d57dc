// What the page shows, as the part of its address after "#": so that a job, and a choice of jobs, has a link. No DOM.
import { STATES } from './states.js';

/**
 * @typedef {object} Filter which jobs are listed
 * @property {string} workerId of this worker alone; '' for all
 * @property {readonly import('./states.js').JobState[]} states in one of these alone; none for all
 *
 * @typedef {object} Route
 * @property {string} jobId the job that is looked at; '' for none
 * @property {Filter} filter
 */

/**
 * `#/jobs/ID?worker=gpu&state=failed,stopped`. Total: what it cannot read it passes over.
 * @param {string} hash
 * @returns {Route}
 */
export function routeOf(hash) {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const [, jobId = ''] = /^\/jobs\/([^/]+)$/.exec(path) ?? [];
  const sent = new URLSearchParams(query);
  const states = sent.get('state')?.split(',') ?? [];
  return {
    jobId: decoded(jobId),
    filter: { workerId: sent.get('worker') ?? '', states: STATES.filter((state) => states.includes(state)) },
  };
}

/**
 * @param {Partial<Route>} route
 * @returns {string}
 */
export function hashOf({ jobId = '', filter }) {
  const query = [
    ...(filter?.workerId ? [`worker=${encodeURIComponent(filter.workerId)}`] : []),
    ...(filter && filter.states.length > 0 ? [`state=${filter.states.join(',')}`] : []),
  ].join('&');
  const path = jobId === '' ? '#/' : `#/jobs/${encodeURIComponent(jobId)}`;
  return query === '' ? path : `${path}?${query}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
