// The tools over the wall of routines: search, level and order.

import { byId, setText } from './dom.js';
import { ORDERS } from './library_filter.js';
import { counted } from './sentence.js';

/** @typedef {import('./library_filter.js').Wish} Wish */

const KEY = 'library-order';

export class LibraryTools {
  #form = byId('tools', HTMLFormElement);
  #search = byId('search', HTMLInputElement);
  #level = byId('level', HTMLSelectElement);
  #order = byId('order', HTMLSelectElement);

  /**
   * @param {object} wiring
   * @param {() => void} wiring.onWish told of every letter
   * @param {() => void} wiring.onSearch told when somebody is about to search
   */
  constructor({ onWish, onSearch }) {
    this.onWish = onWish;
    this.#order.value = keptOrder();
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    this.#search.addEventListener('focus', onSearch);
    this.#search.addEventListener('input', onWish);
    this.#search.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#clear());
    this.#level.addEventListener('change', onWish);
    this.#order.addEventListener('change', () => {
      keepOrder(this.#order.value);
      onWish();
    });
    byId('show-all', HTMLButtonElement).addEventListener('click', () => {
      this.#level.value = '';
      this.#clear();
      this.#search.focus();
    });
    document.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** @returns {Wish} */
  get wish() {
    return {
      text: this.#search.value,
      level: this.#level.value,
      order: ORDERS.find((name) => name === this.#order.value) ?? 'practised',
    };
  }

  /**
   * Says how many there are.
   * @param {number} found
   * @param {number} all
   */
  tell(found, all) {
    const { text, level } = this.wish;
    const narrowed = text.trim() !== '' || level !== '';
    this.#form.hidden = all === 0;
    const whole = counted(all, 'routine');
    setText(byId('found', HTMLElement), narrowed ? `${found} of ${whole}` : whole);
    byId('nothing', HTMLElement).hidden = found > 0 || all === 0;
    const wanted = text.trim() ? `“${text.trim()}”` : 'this level';
    setText(byId('nothing-title', HTMLElement), `Nothing fits ${wanted}`);
  }

  #clear() {
    this.#search.value = '';
    this.onWish();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (this.#form.hidden || document.querySelector('dialog[open]')) return;
    const { target } = event;
    if (target instanceof Element && target.closest('input, textarea, select')) return;
    event.preventDefault();
    this.#search.focus();
    this.#search.select();
  }
}

function keptOrder() {
  try {
    return localStorage.getItem(KEY) ?? 'practised';
  } catch {
    return 'practised';
  }
}

/** @param {string} order */
function keepOrder(order) {
  try {
    localStorage.setItem(KEY, order);
  } catch {
    // A browser that keeps nothing forgets the order with the page.
  }
}
