// The holds, or the names of poses, as a list: what each is, and its times to be typed.

import { moment, readMoment } from './clock.js';
import { make, setText } from './dom.js';
import { poseOf } from './draft.js';
import { announce } from './news.js';

/** @typedef {import('./draft.js').Edge} Edge */
/** @typedef {import('./draft.js').Lane} Lane */

const DIGITS = 2;
const LONGEST_NAME = 200;

/** What a row is called, by lane. */
const NOUN = { holds: 'Hold', chapters: 'Name' };

export class SpanList {
  /** @type {Row[]} */
  #rows = [];
  #selected = -1;

  /**
   * @param {object} wiring
   * @param {HTMLElement} wiring.list
   * @param {Lane} wiring.lane
   * @param {() => import('./draft.js').Draft} wiring.draft
   * @param {HTMLVideoElement} wiring.film
   * @param {(lane: Lane, index: number) => void} wiring.onSelect
   */
  constructor(wiring) {
    this.wiring = wiring;
  }

  show() {
    const { draft, lane, list } = this.wiring;
    const spans = draft().now[lane];
    while (this.#rows.length > spans.length) this.#rows.pop()?.element.remove();
    while (this.#rows.length < spans.length) {
      const row = new Row(this.#rows.length, this.wiring);
      this.#rows.push(row);
      list.append(row.element);
    }
    this.#rows.forEach((row, index) => row.show(index === this.#selected));
  }

  /** @param {number} index -1 for none */
  select(index) {
    this.#selected = index;
    this.show();
    const row = this.#rows[index]?.element;
    if (row) reveal(row);
  }

  /** Puts the keyboard where the name of a row is written. @param {number} index */
  focus(index) {
    this.#rows[index]?.focus();
  }
}

/**
 * Scrolls a row into view within its panel; never the page, on which the timeline would be lost.
 * @param {HTMLElement} row
 */
function reveal(row) {
  const panel = row.closest('.tab-panel');
  if (!panel) return;
  const [inner, outer] = [row.getBoundingClientRect(), panel.getBoundingClientRect()];
  if (inner.top < outer.top) panel.scrollTop += inner.top - outer.top;
  if (inner.bottom > outer.bottom) panel.scrollTop += inner.bottom - outer.bottom;
}

class Row {
  /** @type {HTMLButtonElement | HTMLInputElement} */
  #name;
  /** @type {Record<Edge, HTMLInputElement>} */
  #times;
  #here = make('div', 'span-here');

  /**
   * @param {number} index
   * @param {SpanList['wiring']} wiring
   */
  constructor(index, wiring) {
    this.index = index;
    this.wiring = wiring;
    this.#name = wiring.lane === 'chapters' ? this.#nameInput() : this.#nameButton();
    this.#times = { start_s: this.#time('start_s'), end_s: this.#time('end_s') };
    this.#here.append(
      this.#hereButton('start_s', 'Start here'),
      this.#hereButton('end_s', 'End here'),
    );
    const remove = make('button', 'span-remove', '×');
    remove.type = 'button';
    remove.ariaLabel = `Remove ${this.#noun().toLowerCase()}`;
    remove.addEventListener('click', () => wiring.draft().remove(wiring.lane, index));
    this.element = make(
      'li',
      'span',
      make('span', 'span-number', String(index + 1)),
      this.#name,
      make('span', 'span-times', this.#times.start_s, '–', this.#times.end_s),
      remove,
      this.#here,
    );
    this.element.addEventListener('focusin', () => wiring.onSelect(wiring.lane, index));
  }

  focus() {
    this.#name.focus();
  }

  /** @param {boolean} selected */
  show(selected) {
    const { draft, lane } = this.wiring;
    const { now } = draft();
    this.element.classList.toggle('selected', selected);
    this.#here.hidden = !selected;
    if (this.#name instanceof HTMLInputElement) {
      const { title } = now.chapters[this.index];
      if (document.activeElement !== this.#name) this.#name.value = title;
      this.#name.ariaInvalid = String(!title.trim());
    } else {
      setText(this.#name, poseOf(now.chapters, now.holds[this.index]) || this.#noun());
    }
    const span = now[lane][this.index];
    this.#write('start_s', span.start_s);
    this.#write('end_s', span.end_s);
  }

  /**
   * @param {Edge} edge
   * @param {number} t
   */
  #write(edge, t) {
    const input = this.#times[edge];
    if (document.activeElement !== input || input.dataset.typing !== 'yes') {
      input.value = moment(t, DIGITS);
    }
  }

  #noun() {
    return `${NOUN[this.wiring.lane]} ${this.index + 1}`;
  }

  #nameButton() {
    const button = make('button', 'span-name');
    button.type = 'button';
    button.addEventListener('click', () => {
      const { draft, film } = this.wiring;
      film.currentTime = draft().now.holds[this.index].start_s;
    });
    return button;
  }

  #nameInput() {
    const input = make('input', 'input');
    Object.assign(input, { maxLength: LONGEST_NAME, autocomplete: 'off', spellcheck: false });
    input.setAttribute('list', 'known-names');
    input.ariaLabel = `Name ${this.index + 1}`;
    input.addEventListener('input', () => this.wiring.draft().rename(this.index, input.value));
    return input;
  }

  /** @param {Edge} edge */
  #time(edge) {
    const input = make('input', 'input time');
    Object.assign(input, { inputMode: 'decimal', autocomplete: 'off' });
    input.ariaLabel = `${this.#noun()} ${edge === 'start_s' ? 'starts' : 'ends'} at`;
    input.addEventListener('input', () => (input.dataset.typing = 'yes'));
    input.addEventListener('change', () => {
      input.dataset.typing = 'no';
      this.#moveTo(edge, readMoment(input.value));
    });
    return input;
  }

  /**
   * @param {Edge} edge
   * @param {string} label
   */
  #hereButton(edge, label) {
    const button = make('button', 'button small plain', label);
    button.type = 'button';
    button.ariaLabel = `${label}, at the film’s place: ${this.#noun()}`;
    button.addEventListener('click', () => this.#moveTo(edge, this.wiring.film.currentTime));
    return button;
  }

  /**
   * @param {Edge} edge
   * @param {number} t
   */
  #moveTo(edge, t) {
    const { draft, lane } = this.wiring;
    const [least, most] = draft().limits(lane, this.index, edge);
    const bounds = `between ${moment(least, DIGITS)} and ${moment(most, DIGITS)}`;
    if (Number.isNaN(t)) {
      announce(`That is no time. Give one ${bounds}.`);
      this.show(true);
      return;
    }
    const at = draft().move(lane, this.index, edge, t);
    if (Math.abs(at - t) > 0.01) announce(`It can lie ${bounds}.`);
    // What was typed may lie where it cannot be: what is shown is where it is.
    this.#times[edge].value = moment(at, DIGITS);
  }
}
