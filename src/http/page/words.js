// What is known, as people say it. No DOM.
import { isRefused } from './loop.js';

/**
 * @typedef {import('../../client/types.ts').Job} Job
 * @typedef {import('../../client/types.ts').Worker} Worker
 */

const SECONDS = /** @type {const} */ ([
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]);

/**
 * The two largest units: "2 h 5 min".
 * @param {number} ms
 */
export function durationText(ms) {
  let rest = Math.max(0, Math.round(ms / 1000));
  const first = SECONDS.findIndex(([, size]) => rest >= size);
  if (first < 0) return '0 s';
  const parts = SECONDS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? `${count} ${unit}` : '';
  });
  return parts.filter(Boolean).join(' ');
}

/**
 * From one RFC 3339 time to another; '' when one is not known.
 * @param {string | undefined} from
 * @param {string | undefined} to
 */
export const spanText = (from, to) =>
  from === undefined || to === undefined ? '' : durationText(Date.parse(to) - Date.parse(from));

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const DAY = { day: 'numeric', month: 'short' };

/**
 * The time of day, and the day when it is not today.
 * @param {string} time RFC 3339
 * @param {Date} now
 * @param {string} [locale] the reader's own unless told
 */
export function timeText(time, now, locale) {
  const at = new Date(time);
  const isToday = at.toDateString() === now.toDateString();
  const options = /** @type {Intl.DateTimeFormatOptions} */ ({
    ...TIME,
    hourCycle: 'h23',
    ...(!isToday && DAY),
  });
  return at.toLocaleString(locale, options);
}

/**
 * The words of the command line; those that are not plain ones as JSON has them. It is for reading, not for a shell.
 * @param {Pick<Job, 'command' | 'path' | 'args'>} job
 */
export const commandText = ({ command, path, args = [] }) =>
  [command, path, ...args]
    .filter((word) => word !== undefined)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');

/**
 * How a pool's nodes are: "3 ready", "2 of 3 ready, 1 cordoned", "none".
 * @param {Worker['nodes']} nodes
 */
export function nodesText(nodes) {
  if (nodes.length === 0) return 'none';
  const ready = nodes.filter((node) => node.ready).length;
  const tainted = nodes.filter((node) => node.taints).length;
  const cordoned = nodes.filter((node) => node.schedulable === false && !node.taints).length;
  if (nodes.every((node) => node.ready === undefined)) return `${nodes.length}, state not known`;
  const readyText = ready === nodes.length ? `${ready} ready` : `${ready} of ${nodes.length} ready`;
  const barred = [cordoned > 0 && `${cordoned} cordoned`, tainted > 0 && `${tainted} tainted`];
  return [readyText, ...barred].filter(Boolean).join(', ');
}

/**
 * @param {Worker['nodes'][number]} node
 */
export function nodeText({ name, ready, schedulable, taints }) {
  const barred = taints ? `tainted ${taints.join(', ')}` : schedulable === false && 'cordoned';
  const words = [ready === false && 'not ready', barred].filter(Boolean);
  return words.length === 0 ? name : `${name} (${words.join(', ')})`;
}

/**
 * What went wrong, as a sentence.
 * @param {{ message: string }} failure
 */
export const sentenceOf = ({ message }) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

/**
 * What becomes of it by itself.
 * @param {Parameters<typeof isRefused>[0]} failure
 */
export const outlookText = (failure) =>
  isRefused(failure) ? 'It is tried again every half minute.' : 'Trying again.';
