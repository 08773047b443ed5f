// What is chosen while practising: view, speed, sequence. Never in the way: a sheet that closes itself.

import { shortTitle } from './chapters.js';
import { moment } from './clock.js';
import { byId, make } from './dom.js';

/** @typedef {import('./chapters.js').Chapter} Chapter */
/** @typedef {import('./preferences.js').Preferences['view']} View */

/** Nobody stands beside the machine for so long: the sheet is in the way then. */
const CLOSES_AFTER_MS = 20_000;

export class More {
  #sheet = byId('more', HTMLDetailsElement);
  #loop = byId('loop', HTMLInputElement);
  #chapters = byId('chapters', HTMLOListElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #closing;

  /**
   * @param {{
   *   onView: (view: View) => void,
   *   onSpeed: (rate: number) => void,
   *   onLoop: (wanted: boolean) => void,
   *   onChapter: (chapter: Chapter) => void,
   * }} wiring
   */
  constructor(wiring) {
    this.wiring = wiring;
    this.#sheet.addEventListener('change', ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      if (target.name === 'view') wiring.onView(/** @type {View} */ (target.value));
      if (target.name === 'speed') wiring.onSpeed(Number(target.value));
      if (target === this.#loop) wiring.onLoop(target.checked);
    });
    for (const sign of ['toggle', 'pointerdown', 'keydown']) {
      this.#sheet.addEventListener(sign, () => this.#stayAWhile());
    }
    document.addEventListener('pointerdown', ({ target }) => {
      if (target instanceof Node && !this.#sheet.contains(target)) this.close();
    });
  }

  #stayAWhile() {
    clearTimeout(this.#closing);
    if (this.#sheet.open) this.#closing = setTimeout(() => this.#tidy(), CLOSES_AFTER_MS);
  }

  /** Closes what nobody is at. */
  #tidy() {
    if (this.#sheet.contains(document.activeElement)) this.#stayAWhile();
    else this.close();
  }

  /** @returns {boolean} whether it was open */
  close() {
    const { open } = this.#sheet;
    if (open && this.#sheet.contains(document.activeElement)) {
      // Space then does what it says beside the button.
      const main = ['start', 'toggle']
        .map((id) => byId(id, HTMLButtonElement))
        .find((button) => button.offsetParent !== null);
      main?.focus();
    }
    this.#sheet.open = false;
    return open;
  }

  /** @param {Chapter[]} chapters */
  offer(chapters) {
    const items = chapters.map((chapter) => {
      const button = make(
        'button',
        'chapter',
        make('span', 'chapter-time', moment(chapter.start, 0)),
        shortTitle(chapter.title),
      );
      button.type = 'button';
      button.addEventListener('click', () => this.wiring.onChapter(chapter));
      return make('li', '', button);
    });
    this.#chapters.replaceChildren(...items);
    byId('sequence-options', HTMLElement).hidden = chapters.length === 0;
  }

  /**
   * @param {{view: View, rate: number, loops: boolean, chapter: number}} now `chapter`: number of
   *   the one under way, -1 for none
   */
  show({ view, rate, loops, chapter }) {
    check(this.#sheet, 'view', view);
    check(this.#sheet, 'speed', String(rate));
    this.#loop.checked = loops;
    [...this.#chapters.children].forEach((item, index) => {
      const button = /** @type {HTMLElement} */ (item.firstElementChild);
      if (index === chapter) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    });
  }
}

/**
 * @param {HTMLElement} sheet
 * @param {string} name
 * @param {string} value
 */
function check(sheet, name, value) {
  for (const radio of sheet.querySelectorAll(`input[name="${name}"]`)) {
    if (radio instanceof HTMLInputElement) radio.checked = radio.value === value;
  }
}
