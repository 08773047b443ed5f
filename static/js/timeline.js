// The whole film from left to right: its seconds, the poses' names, the holds, what was noticed.

import { moment } from './clock.js';
import { byId, make } from './dom.js';
import { LaneView } from './timeline_lane.js';

/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {import('./draft.js').Lane} Lane */
/** @typedef {import('./routines.js').Span} Span */
/** @typedef {Span & {kind: 'warning' | 'anomaly' | 'repetitions', text: string}} Mark */

/** Below this the shortest holds can no longer be taken hold of. */
const LEAST_PX_A_SECOND = 10;
const MOST_PX_A_SECOND = 240;
const ZOOM = 1.6;
const LEAST_PX_A_TICK = 72;
const TICKS_S = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

export class Timeline {
  #view = byId('timeline-view', HTMLElement);
  #whole = byId('timeline', HTMLElement);
  #ruler = make('div', 'ruler');
  #marks = make('div', 'lane lane-marks');
  #repetitions = make('div', 'under');
  #playhead = make('div', 'playhead');
  #pxASecond = LEAST_PX_A_SECOND;
  /** @type {Draft | null} */
  #draft = null;

  /**
   * @param {object} wiring
   * @param {HTMLVideoElement} wiring.film
   * @param {(lane: Lane, index: number) => void} wiring.onSelect
   */
  constructor({ film, onSelect }) {
    this.film = film;
    const draft = () => /** @type {Draft} */ (this.#draft);
    const timeAt = (/** @type {number} */ x) => this.#timeAt(x);
    const seek = (/** @type {number} */ t) => (film.currentTime = t);
    const shared = { draft, timeAt, onSelect, seek };
    /** @type {Record<Lane, LaneView>} */
    this.lanes = {
      chapters: new LaneView({
        ...shared,
        lane: 'chapters',
        noun: 'Name',
        labelOf: (index) => draft().now.chapters[index].title,
      }),
      holds: new LaneView({
        ...shared,
        lane: 'holds',
        noun: 'Hold',
        labelOf: (index) => String(index + 1),
      }),
    };
    this.lanes.holds.element.prepend(this.#repetitions);
    this.#whole.append(
      this.#ruler,
      this.lanes.chapters.element,
      this.lanes.holds.element,
      this.#marks,
      this.#playhead,
    );
    this.#scrub();
    new ResizeObserver(() => this.#lay()).observe(this.#view);
    byId('zoom-in', HTMLElement).addEventListener('click', () => this.#zoom(ZOOM));
    byId('zoom-out', HTMLElement).addEventListener('click', () => this.#zoom(1 / ZOOM));
    for (const event of ['timeupdate', 'seeking', 'seeked', 'loadedmetadata']) {
      film.addEventListener(event, () => this.#follow());
    }
    film.addEventListener('play', () => this.#run());
  }

  /**
   * @param {Draft} draft
   * @param {Mark[]} marks
   */
  begin(draft, marks) {
    this.#draft = draft;
    draft.addEventListener('change', () => this.show());
    const at = (/** @type {Mark} */ mark) => place(mark, draft.duration_s);
    this.#marks.replaceChildren(
      ...marks
        .filter(({ kind }) => kind !== 'repetitions')
        .map((mark) => at(mark)(this.#markButton(mark))),
    );
    this.#repetitions.replaceChildren(
      ...marks
        .filter(({ kind }) => kind === 'repetitions')
        .map((mark) => at(mark)(make('span', 'repetitions', mark.text))),
    );
    this.#pxASecond = Math.max(LEAST_PX_A_SECOND, this.#fitting());
    this.#lay();
    this.show();
  }

  show() {
    this.lanes.chapters.show();
    this.lanes.holds.show();
  }

  /**
   * @param {Lane} lane
   * @param {number} index
   */
  select(lane, index) {
    this.lanes.holds.select(lane === 'holds' ? index : -1);
    this.lanes.chapters.select(lane === 'chapters' ? index : -1);
  }

  /** @param {Mark} mark */
  #markButton({ kind, text, start_s }) {
    const button = make('button', `mark ${kind}`);
    button.type = 'button';
    button.title = text;
    button.ariaLabel = `${text}, at ${moment(start_s)}`;
    button.addEventListener('click', () => (this.film.currentTime = start_s));
    return button;
  }

  #duration() {
    return this.#draft?.duration_s ?? 1;
  }

  #fitting() {
    return this.#view.clientWidth / this.#duration();
  }

  /** @param {number} by */
  #zoom(by) {
    this.#pxASecond = Math.min(MOST_PX_A_SECOND, this.#pxASecond * by);
    this.#lay();
    this.#show(this.film.currentTime);
  }

  #lay() {
    // Never narrower than its view: there would be nothing to see beside it.
    this.#pxASecond = Math.max(this.#pxASecond, this.#fitting());
    const duration = this.#duration();
    this.#whole.style.setProperty('--length', `${this.#pxASecond * duration}px`);
    const step = TICKS_S.find((s) => s * this.#pxASecond >= LEAST_PX_A_TICK) ?? 1200;
    const ticks = [];
    for (let t = 0; t < duration; t += step) {
      const tick = make('span', 'tick', moment(t, step < 1 ? 1 : 0));
      tick.style.setProperty('--from', String(t / duration));
      ticks.push(tick);
    }
    this.#ruler.replaceChildren(...ticks);
    this.#follow();
  }

  /** @param {number} x */
  #timeAt(x) {
    const { left, width } = this.#whole.getBoundingClientRect();
    return Math.min(1, Math.max(0, (x - left) / width)) * this.#duration();
  }

  #scrub() {
    /** @param {PointerEvent} event */
    const seek = ({ clientX }) => (this.film.currentTime = this.#timeAt(clientX));
    this.#ruler.addEventListener('pointerdown', (event) => {
      this.#ruler.setPointerCapture(event.pointerId);
      seek(event);
      this.#ruler.addEventListener('pointermove', seek);
    });
    this.#ruler.addEventListener('lostpointercapture', () =>
      this.#ruler.removeEventListener('pointermove', seek),
    );
  }

  #run() {
    this.#follow();
    if (!this.film.paused) requestAnimationFrame(() => this.#run());
  }

  #follow() {
    const t = this.film.currentTime;
    this.#playhead.style.setProperty('--from', String(Math.min(1, t / this.#duration())));
    byId('place', HTMLOutputElement).value = moment(t, 2);
    if (!this.film.paused) this.#show(t);
  }

  /**
   * Scrolls a moment into view, unless it is there.
   * @param {number} t
   */
  #show(t) {
    const { clientWidth, scrollLeft } = this.#view;
    const x = t * this.#pxASecond;
    const seen = x >= scrollLeft && x <= scrollLeft + clientWidth * 0.95;
    if (!seen) this.#view.scrollLeft = x - clientWidth * 0.1;
  }
}

/**
 * @param {Span} span
 * @param {number} duration_s
 * @returns {<T extends HTMLElement>(element: T) => T} puts an element there
 */
function place({ start_s, end_s }, duration_s) {
  return (element) => {
    element.style.setProperty('--from', String(start_s / duration_s));
    element.style.setProperty('--share', String((end_s - start_s) / duration_s));
    return element;
  };
}
