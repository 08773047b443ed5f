// The one large line on the page.

import { arrowPath, drawSign } from './arrows.js';
import { setText } from './dom.js';

/** @typedef {import('./cues.js').Saying} Saying */

export class Band {
  #shown = '';

  /**
   * @param {HTMLElement} band
   * @param {HTMLElement} sign where the arrow goes
   * @param {HTMLElement} line where the text goes; a live region
   */
  constructor(band, sign, line) {
    this.band = band;
    this.sign = sign;
    this.line = line;
  }

  /** @param {Saying} saying */
  show({ tone, text, direction, side }) {
    const key = `${tone} ${direction} ${side} ${text}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.band.dataset.tone = tone;
    // A long sentence gets a smaller face rather than a third line.
    this.band.dataset.length = text.length > 44 ? 'long' : 'short';
    setText(this.line, text);
    const outline = tone === 'praise' ? 'check' : direction ? arrowPath(direction, side) : '';
    this.sign.replaceChildren(...(outline ? [drawSign(outline)] : []));
  }
}
