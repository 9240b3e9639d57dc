// The log of one job, as it comes. Keeps to its end unless somebody reads further up.
import { textsIn } from './event-stream.js';
import { byId, say } from './elements.js';
import { LogText } from './log-text.js';

/** What is read first; a log may be gigabytes long. */
const TAIL_LINES = 2_000;
/** Pixels: so near to its end it is at its end. */
const NEAR = 24;
const KEYS_UP = ['Home', 'PageUp', 'ArrowUp'];

export class LogView {
  #log = byId('log', HTMLElement);
  #note = byId('log-note', HTMLElement);
  #follow = byId('log-follow', HTMLInputElement);
  /** Where it was scrolled to. */
  #top = 0;

  constructor() {
    this.#log.addEventListener('scroll', () => this.#scrolled());
    // Scrolling begins slowly: it would be back at the end before it is seen to have left it.
    this.#log.addEventListener('keydown', ({ key }) => {
      if (KEYS_UP.includes(key)) this.#leaveEnd();
    });
    this.#log.addEventListener('wheel', ({ deltaY }) => {
      if (deltaY < 0) this.#leaveEnd();
    });
    this.#follow.addEventListener('change', () => this.#keepToEnd());
  }

  open() {
    this.#log.replaceChildren();
    this.#follow.checked = true;
    say(this.#note, '');
  }

  /**
   * A turn of a loop: reads it to its end.
   * @param {{ api: import('./api.js').Api, jobId: string }} of
   * @param {AbortSignal} signal
   * @param {() => void} begun
   * @returns {Promise<number>} never again: what has ended stays as it is
   * @throws {import('./api.js').Failure}
   */
  async follow({ api, jobId }, signal, begun) {
    const path = `jobs/${encodeURIComponent(jobId)}/logs?tail=${TAIL_LINES}&follow=true`;
    const response = await api.send(path, { signal });
    begun();
    this.#log.replaceChildren();
    const isTail = response.headers.get('Portico-Log') === 'tail';
    say(
      this.#note,
      isTail ? 'The pod is gone: this is the end of the log, which was kept.' : 'Following the log.',
    );
    const text = new LogText();
    for await (const part of textsIn(response.body)) {
      // A part a frame: a log that comes faster than it can be laid out waits where it comes from.
      await new Promise(requestAnimationFrame);
      if (signal.aborted) return Infinity;
      this.#add(text.add(part));
      if (text.isCut) say(this.#note, 'Following the log. Its beginning is not shown any more.');
    }
    if (!isTail) say(this.#note, text.isEmpty ? 'It has printed nothing.' : 'The log has ended.');
    return Infinity;
  }

  /** @param {import('./log-text.js').Addition} addition */
  #add({ text, isNew, drop }) {
    const last = this.#log.lastChild;
    if (isNew || !(last instanceof Text)) this.#log.append(text);
    else last.appendData(text);
    for (let times = 0; times < drop; times++) this.#log.firstChild?.remove();
    this.#keepToEnd();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const rest = scrollHeight - clientHeight - scrollTop;
    const isUp = scrollTop < this.#top;
    // What is dropped at its beginning leaves it at its end.
    if (isUp && rest > 1) this.#follow.checked = false;
    if (!isUp && rest < NEAR) this.#follow.checked = true;
    this.#top = scrollTop;
  }

  #leaveEnd() {
    if (this.#log.scrollTop > 0) this.#follow.checked = false;
  }

  #keepToEnd() {
    if (this.#follow.checked) this.#log.scrollTop = this.#log.scrollHeight;
  }
}
