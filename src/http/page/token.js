// The token that calls are made with, where callers have to say who they are: asked for, kept in this tab, forgotten.
import { byId, say } from './elements.js';

const KEY = 'portico-token';
/** RFC 6750, section 2.1. */
const TOKEN = /^[\w.~+/-]+=*$/;

export class Token {
  #form = byId('token', HTMLFormElement);
  #text = byId('token-text', HTMLInputElement);
  #problem = byId('token-problem', HTMLElement);
  #forget = byId('forget', HTMLButtonElement);

  /** @param {() => void} changed */
  constructor(changed) {
    byId('token-clear', HTMLElement).hidden = isSecureContext;
    this.#forget.hidden = this.value === '';
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = this.#text.value.trim();
      if (!TOKEN.test(token)) {
        say(this.#problem, 'Expected a token: letters, digits and -._~+/ alone.');
        return;
      }
      sessionStorage.setItem(KEY, token);
      this.#text.value = '';
      this.#form.hidden = true;
      this.#forget.hidden = false;
      changed();
    });
    this.#forget.addEventListener('click', () => {
      sessionStorage.removeItem(KEY);
      this.#forget.hidden = true;
      changed();
    });
  }

  /** '' when there is none. */
  get value() {
    return sessionStorage.getItem(KEY) ?? '';
  }

  /** @param {string} problem what is wrong with the one that was sent, or that there was none */
  ask(problem) {
    say(this.#problem, this.value === '' ? '' : problem);
    if (!this.#form.hidden) return;
    this.#form.hidden = false;
    this.#text.focus();
  }
}
