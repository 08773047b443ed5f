// Where in the routine one is: the pose, how long it is still held, and what comes next.

import { placeAt } from './chapters.js';
import { byId, setText } from './dom.js';

export class PlaceView {
  /** @type {import('./chapters.js').Chapter[]} */
  chapters = [];
  /** @type {import('./chapters.js').Hold[]} */
  holds = [];
  title = '';
  #name = byId('pose-name', HTMLElement);
  #next = byId('pose-next', HTMLElement);
  #progress = byId('pose-progress', HTMLProgressElement);
  #hold = byId('hold', HTMLElement);

  /**
   * @param {boolean} practising
   * @param {number} t routine seconds
   * @returns {import('./chapters.js').Hold | null} the hold under way
   */
  show(practising, t) {
    const { title, progress, hold, holdLeftS, next } = placeAt(this.chapters, this.holds, t);
    setText(this.#name, (practising && title) || this.title);
    setText(this.#next, next ? `next: ${next}` : '');
    this.#progress.value = progress;
    this.#hold.hidden = !practising || holdLeftS === null;
    if (holdLeftS === null) return null;
    setText(this.#hold, String(Math.ceil(holdLeftS)));
    this.#hold.style.setProperty('--share', progress.toFixed(3));
    return hold;
  }
}
