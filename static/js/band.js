// The one large line on the page.

import { CHECK, PAUSE, arrowPath, drawSign, guidePath } from './arrows.js';
import { setText } from './dom.js';

/** @typedef {import('./cues.js').Saying} Saying */

/** Parts of the full size that are tried, largest first. */
const SIZES = [1, 0.92, 0.84, 0.76, 0.68, 0.6, 0.52];

/** @type {Partial<Record<Saying['tone'], string>>} signs that no direction decides */
const SIGNS = { praise: CHECK, halt: PAUSE };

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
    new ResizeObserver(() => this.#fit()).observe(band);
  }

  /** @param {Saying} saying */
  show({ tone, text, direction, side, language, sign = '' }) {
    const key = `${tone} ${direction} ${side} ${sign} ${text}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.band.dataset.tone = tone;
    // Only what is to be done interrupts a screen reader.
    this.line.ariaLive = tone === 'correct' || tone === 'trouble' ? 'assertive' : 'polite';
    this.line.lang = language;
    setText(this.line, text);
    const outline = SIGNS[tone] ?? (direction ? arrowPath(direction, side) : guidePath(sign));
    this.sign.replaceChildren(...(outline ? [drawSign(outline)] : []));
    this.#fit();
  }

  /** Takes the largest face in which the whole sentence is seen. */
  #fit() {
    for (const size of SIZES) {
      this.line.style.setProperty('--fit', String(size));
      const { scrollWidth, clientWidth, offsetHeight } = this.line;
      if (scrollWidth <= clientWidth && offsetHeight <= this.band.clientHeight) return;
    }
  }
}
