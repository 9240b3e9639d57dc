// Asks whether a job is really to be stopped.
import { byId, say } from './elements.js';

export class StopDialog {
  #dialog = byId('stop-dialog', HTMLDialogElement);
  #job = byId('stop-job', HTMLElement);
  /** @type {(isYes: boolean) => void} */
  #answer = () => {};

  constructor() {
    byId('stop-no', HTMLButtonElement).addEventListener('click', () => this.#dialog.close(''));
    byId('stop-yes', HTMLButtonElement).addEventListener('click', () => this.#dialog.close('yes'));
    this.#dialog.addEventListener('close', () => {
      // The event comes later than the end: by now the dialog may have been opened again, and that question is still open.
      if (!this.#dialog.open) this.#answer(this.#dialog.returnValue === 'yes');
    });
  }

  /**
   * @param {string} what is stopped, in words
   * @returns {Promise<boolean>}
   */
  ask(what) {
    this.#answer(false);
    say(this.#job, what);
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }
}
