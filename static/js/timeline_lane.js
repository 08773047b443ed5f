// One lane of the timeline: spans that follow each other, each with two ends to take hold of.

import { make, setText } from './dom.js';
import { Handle } from './handle.js';

/** @typedef {import('./draft.js').Lane} Lane */
/** @typedef {import('./draft.js').Edge} Edge */
/**
 * @typedef {object} LaneWiring
 * @property {Lane} lane
 * @property {string} noun what one of them is called
 * @property {() => import('./draft.js').Draft} draft
 * @property {(x: number) => number} timeAt seconds at a place of the window
 * @property {(lane: Lane, index: number) => void} onSelect
 * @property {(t: number) => void} seek
 * @property {(index: number) => string} labelOf
 */

export class LaneView {
  element = make('div', 'lane');
  /** @type {{block: HTMLElement, body: HTMLButtonElement, ends: [Handle, Handle]}[]} */
  #blocks = [];
  #selected = -1;

  /** @param {LaneWiring} wiring */
  constructor(wiring) {
    this.wiring = wiring;
    this.element.classList.add(`lane-${wiring.lane}`);
  }

  /** @param {number} index of the one being edited; -1 where none is */
  select(index) {
    this.#selected = index;
    this.show();
  }

  /** Brings what is seen up to date; what stays keeps the pointer and the keyboard's focus. */
  show() {
    const { draft, lane, noun, labelOf } = this.wiring;
    const { now, duration_s } = draft();
    const spans = now[lane];
    while (this.#blocks.length > spans.length) this.#blocks.pop()?.block.remove();
    while (this.#blocks.length < spans.length) this.#blocks.push(this.#make(this.#blocks.length));
    const reached = Math.max(0, Math.min(this.#selected, spans.length - 1));
    spans.forEach(({ start_s, end_s }, index) => {
      const { block, body, ends } = this.#blocks[index];
      block.style.setProperty('--from', String(start_s / duration_s));
      block.style.setProperty('--share', String((end_s - start_s) / duration_s));
      block.classList.toggle('selected', index === this.#selected);
      const label = labelOf(index);
      setText(body, label);
      body.title = label;
      body.ariaLabel = [`${noun} ${index + 1}`, label].filter(Boolean).join(': ');
      body.tabIndex = index === reached ? 0 : -1;
      ends[0].show(`${noun} ${index + 1}, start`, index === reached);
      ends[1].show(`${noun} ${index + 1}, end`, index === reached);
    });
  }

  /** @param {number} index */
  #make(index) {
    const { draft, lane, onSelect, seek, timeAt } = this.wiring;
    const span = () => draft().now[lane][index];
    /** @param {Edge} edge */
    const end = (edge) =>
      new Handle({
        read: () => span()[edge],
        limits: () => draft().limits(lane, index, edge),
        move: (t) => seek(draft().move(lane, index, edge, t)),
        onTake: () => onSelect(lane, index),
        timeAt,
      });
    /** @type {[Handle, Handle]} */
    const ends = [end('start_s'), end('end_s')];
    const body = make('button', 'block-body');
    body.type = 'button';
    body.addEventListener('click', () => {
      onSelect(lane, index);
      seek(span().start_s);
    });
    body.addEventListener('keydown', ({ key }) => {
      const next = this.#blocks[index + ({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? Number.NaN)];
      if (!next) return;
      next.body.focus();
      next.body.click();
    });
    const block = make('div', 'block', body, ends[0].element, ends[1].element);
    ends[0].element.classList.add('start');
    ends[1].element.classList.add('end');
    this.element.append(block);
    return { block, body, ends };
  }
}
