// The table of pools.
import { arrange, byId, make } from './elements.js';
import { hashOf } from './route.js';
import { STATES } from './states.js';
import { nodesText, nodeText, timeText } from './words.js';

/** @typedef {import('../../client/types.ts').Worker} Worker */

export class PoolsView {
  #rows = byId('pools-rows', HTMLElement);
  #choices = byId('workers', HTMLDataListElement);
  /** @type {Map<string, { row: HTMLElement, known: string }>} */
  #shown = new Map();

  /** @param {readonly Worker[]} workers */
  show(workers) {
    const before = this.#shown;
    this.#shown = new Map(
      workers.map((worker) => {
        const known = JSON.stringify(worker);
        const shown = before.get(worker.worker_id);
        return [worker.worker_id, shown?.known === known ? shown : { known, row: rowOf(worker, shown?.row) }];
      }),
    );
    arrange(
      this.#rows,
      [...this.#shown.values()].map(({ row }) => row),
    );
    if (workers.length !== before.size || workers.some(({ worker_id }) => !before.has(worker_id)))
      this.#choices.replaceChildren(...workers.map(({ worker_id }) => make('option', { value: worker_id })));
  }
}

/**
 * @param {Worker} worker
 * @param {HTMLElement | undefined} row it was shown in; its links stay, so that one that has the focus keeps it
 */
function rowOf(worker, row = newRow(worker.worker_id)) {
  const [, nodes, ...cells] = row.children;
  nodes?.replaceChildren(nodesText(worker.nodes));
  nodes?.setAttribute('title', worker.nodes.map(nodeText).join('\n'));
  STATES.forEach((state, at) => {
    const link = cells[at]?.firstElementChild;
    const count = worker.jobs[state];
    link?.replaceChildren(String(count));
    link?.classList.toggle('zero', count === 0);
  });
  const { last_job_at: last } = worker;
  cells.at(-1)?.replaceChildren(last === undefined ? '' : timeText(last, new Date()));
  return row;
}

/** @param {string} workerId */
function newRow(workerId) {
  const name = make('a', { href: hashOf({ filter: { workerId, states: [] } }) }, workerId);
  const counts = STATES.map((state) => {
    const href = hashOf({ filter: { workerId, states: [state] } });
    return make(
      'td',
      { class: 'number' },
      make('a', { href, 'aria-description': `${state} on ${workerId}` }),
    );
  });
  return make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}), ...counts, make('td', {}));
}
