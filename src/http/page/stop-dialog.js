// Asks whether a job is really to be stopped.
import { byId, say } from './elements.js';

export class StopDialog {
  #dialog = byId('stop-dialog', HTMLDialogElement);
  #job = byId('stop-job', HTMLElement);

  constructor() {
    byId('stop-no', HTMLButtonElement).addEventListener('click', () => this.#dialog.close(''));
    byId('stop-yes', HTMLButtonElement).addEventListener('click', () => this.#dialog.close('yes'));
  }

  /**
   * @param {string} what is stopped, in words
   * @returns {Promise<boolean>}
   */
  ask(what) {
    say(this.#job, what);
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#dialog.addEventListener('close', () => resolve(this.#dialog.returnValue === 'yes'), {
        once: true,
      });
    });
  }
}
