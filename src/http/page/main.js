// The page: its address says what is shown, Portico what is known of it. Wires the parts, and does nothing itself.
import { Api, Failure } from './api.js';
import { byId, say } from './elements.js';
import { createParser } from './eventsource-parser.js';
import { JobFeed } from './job-feed.js';
import { JobView } from './job-view.js';
import { JobsView } from './jobs-view.js';
import { LogView } from './log-view.js';
import { browserClock, Loop } from './loop.js';
import { PoolsView } from './pools-view.js';
import { hashOf, routeOf } from './route.js';
import { isOver } from './states.js';
import { StopDialog } from './stop-dialog.js';
import { Token } from './token.js';
import { commandText, outlookText, sentenceOf } from './words.js';

/**
 * @typedef {import('../../client/types.ts').Job} Job
 * @typedef {import('../../client/types.ts').Worker} Worker
 * @typedef {import('./route.js').Route} Route
 * @typedef {import('./route.js').Filter} Filter
 */

/** Nodes change seldom; that jobs have changed is heard at once. */
const POOLS_MS = 15_000;
const POOLS_LEAST_MS = 3_000;
/** Why a job waits and where it runs is told by no event. */
const UNFINISHED_MS = 3_000;
const OVER_MS = 60_000;

let route = routeOf(location.hash);
/** The job that is looked at, once something is known of it. */
let job = /** @type {Job | undefined} */ (undefined);

const token = new Token(restart);
const api = new Api({ base: document.baseURI, token: () => token.value });

const poolsView = new PoolsView();
const jobsView = new JobsView({
  route,
  choose: (filter) => goTo({ ...route, filter }),
  wantOlder: () => feed.grow(),
});
const jobView = new JobView();
const logView = new LogView();
const stopDialog = new StopDialog();

let feed = newFeed(route.filter);
const showJobs = oncePerFrame(() => jobsView.show(feed.list));

const pools = new Loop({
  turn: async (signal) => {
    const { items } = /** @type {{ items: Worker[] }} */ (await api.read('workers', signal));
    poolsView.show(items);
    return POOLS_MS;
  },
  say: sayIn('pools-problem'),
});
const sayOfJobs = sayIn('jobs-problem');
const jobs = new Loop({
  turn: (signal, begun) => feed.follow(signal, begun),
  say: (failure) => {
    sayOfJobs(failure);
    sayConnection(failure);
    if (failure) showJobs();
  },
});
const details = new Loop({
  turn: async (signal) => {
    job = /** @type {Job} */ (await api.read(`jobs/${encodeURIComponent(route.jobId)}`, signal));
    jobView.show(job);
    document.title = `${job.state} · ${commandText(job) || job.job_id} · Portico`;
    return isOver(job.state) ? OVER_MS : UNFINISHED_MS;
  },
  say: sayIn('job-problem'),
});
const sayOfLog = sayIn('log-problem');
const log = new Loop({
  turn: async (signal, begun) => {
    const next = await logView.follow({ api, jobId: route.jobId }, signal, begun);
    details.wake();
    return next;
  },
  // That there is no such job is said of the job.
  say: (failure) => sayOfLog(failure?.status === 404 ? undefined : failure),
});

addEventListener('hashchange', () => {
  const before = route;
  route = routeOf(location.hash);
  jobsView.goTo(route);
  openFilter(before);
  if (route.jobId === before.jobId) return;
  openJob();
  if (route.jobId === '') jobsView.focus(before.jobId);
  else jobView.focus();
});
addEventListener('online', () => {
  for (const loop of [pools, jobs, details, log]) loop.wake();
});
// A tab that nobody sees takes none of the few connections that a browser has for all tabs of an origin.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) stop();
  else start();
});
byId('skip', HTMLButtonElement).addEventListener('click', () => byId('jobs-title', HTMLElement).focus());
byId('stop', HTMLButtonElement).addEventListener('click', () => void stopJob());
byId('find', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  goTo({ ...route, jobId: byId('find-id', HTMLInputElement).value.trim() });
});
openJob();
if (!document.hidden) start();

/** @param {Route} next */
function goTo(next) {
  location.hash = hashOf(next);
}

function start() {
  say(byId('connection', HTMLElement), 'Connecting');
  pools.start();
  jobs.start();
  if (route.jobId === '') return;
  details.start();
  log.start();
}

function stop() {
  for (const loop of [pools, jobs, details, log]) loop.stop();
}

/** As somebody else. */
function restart() {
  stop();
  feed = newFeed(route.filter);
  poolsView.show([]);
  openJob();
  start();
}

/** @param {Filter} filter */
function newFeed(filter) {
  return new JobFeed({
    api,
    createParser,
    clock: browserClock,
    filter,
    changed: (jobIds) => {
      // Until it is whole, what was there before is better than half of it.
      if (feed.list.isSynced) showJobs();
      pools.wake(POOLS_LEAST_MS);
      if (jobIds.has(route.jobId)) details.wake();
    },
    sayOlder: sayIn('jobs-problem'),
    beginAnew: () => jobs.restart(),
  });
}

/** @param {Route} before */
function openFilter(before) {
  const { filter } = route;
  byId('close', HTMLAnchorElement).href = hashOf({ filter });
  if (hashOf({ filter }) === hashOf({ filter: before.filter })) return;
  feed = newFeed(filter);
  jobs.restart();
}

function openJob() {
  const { jobId, filter } = route;
  details.stop();
  log.stop();
  job = undefined;
  document.title = 'Portico';
  byId('close', HTMLAnchorElement).href = hashOf({ filter });
  for (const id of ['job-problem', 'log-problem', 'stop-problem']) say(byId(id, HTMLElement), '');
  jobView.open(jobId);
  logView.open();
  if (jobId === '' || document.hidden) return;
  details.start();
  log.start();
}

async function stopJob() {
  const target = job;
  if (!target || !(await stopDialog.ask(`${commandText(target)} (${target.job_id})`))) return;
  const problem = byId('stop-problem', HTMLElement);
  try {
    say(problem, '');
    await api.stop(target);
  } catch (error) {
    if (error instanceof Failure && error.status === 401) token.ask(sentenceOf(error));
    say(problem, error instanceof Error ? sentenceOf(error) : String(error));
  }
  details.wake();
}

/**
 * Where a part of the page says what is wrong with it. That nobody answers, or has to know first who asks, is said at the top, for
 * all its parts.
 * @param {string} id
 * @returns {(failure: Failure | undefined) => void}
 */
function sayIn(id) {
  const place = byId(id, HTMLElement);
  return (failure) => {
    if (failure?.status === 401) token.ask(sentenceOf(failure));
    const isOfAll = failure?.status === undefined || failure.status === 401;
    say(place, isOfAll ? '' : `${sentenceOf(failure)} ${outlookText(failure)}`);
  };
}

/** @param {Failure | undefined} failure */
function sayConnection(failure) {
  const place = byId('connection', HTMLElement);
  place.dataset['is'] = failure === undefined ? 'live' : failure.status === undefined ? 'lost' : 'refused';
  if (failure === undefined) say(place, 'Live');
  else if (failure.status === undefined) say(place, `${sentenceOf(failure)} Trying again`);
  else say(place, failure.status === 401 ? 'Not signed in' : 'Not live');
}

/** @param {() => void} task */
function oncePerFrame(task) {
  let isPlanned = false;
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => {
      isPlanned = false;
      task();
    });
  };
}
