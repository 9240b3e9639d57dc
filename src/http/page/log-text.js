// The text of a log in parts, the oldest of which go: what a browser has to lay out stays bounded. No DOM.

const PART_CHARACTERS = 16 * 1024;
const MOST_CHARACTERS = 512 * 1024;

/** @typedef {{ text: string, isNew: boolean, drop: number }} Addition `isNew`: a part of its own; `drop`: so many of the first go */

export class LogText {
  /** The characters of each part. */
  #sizes = /** @type {number[]} */ ([]);
  #size = 0;
  #endsLine = true;
  /** Something has gone. */
  isCut = false;

  get isEmpty() {
    return this.#size === 0;
  }

  /**
   * What to do with the parts that are shown.
   * @param {string} text
   * @returns {Addition}
   */
  add(text) {
    const kept = text.slice(-MOST_CHARACTERS);
    const last = this.#sizes.at(-1) ?? Infinity;
    // At the end of a line if there is one soon, so that the first line that is left is mostly a whole one.
    const isNew = last + kept.length > (this.#endsLine ? PART_CHARACTERS : 2 * PART_CHARACTERS);
    if (isNew) this.#sizes.push(kept.length);
    else this.#sizes.push((this.#sizes.pop() ?? 0) + kept.length);
    this.#size += kept.length;
    this.#endsLine = kept.endsWith('\n');
    let drop = 0;
    while (this.#size > MOST_CHARACTERS && drop < this.#sizes.length - 1)
      this.#size -= this.#sizes[drop++] ?? 0;
    this.#sizes.splice(0, drop);
    this.isCut ||= drop > 0 || kept.length < text.length;
    return { text: kept, isNew, drop };
  }
}
