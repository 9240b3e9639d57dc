// Finds and makes elements. All text becomes text, never HTML.

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`expected #${id} to be a ${type.name}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Says nothing anew that stands there already, so that nothing is read out twice.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {import('../../client/types.ts').JobState} state */
export const stateMark = (state) => make('span', { class: 'state', 'data-state': state }, state);

/**
 * Puts rows into this order, and moves those alone that are elsewhere: what has the focus keeps it.
 * @param {HTMLElement} parent
 * @param {readonly HTMLElement[]} rows
 */
export function arrange(parent, rows) {
  const kept = new Set(rows);
  for (const row of [...parent.children]) if (!kept.has(/** @type {HTMLElement} */ (row))) row.remove();
  rows.forEach((row, at) => {
    const there = parent.children[at] ?? null;
    if (there !== row) parent.insertBefore(row, there);
  });
}
