// The moment of the practice that is looked at; the timeline and the figures share it.

/** @typedef {import('./report.js').Moment} Moment */
/** @typedef {(cursor: Cursor) => void} Listener */

/** As near as this a moment is the one looked at. */
const NEAR_S = 0.3;

export class Cursor {
  /** @type {Set<Listener>} */
  #listeners = new Set();

  /**
   * @param {{start: number, end: number, moments: Moment[]}} practice seconds since the student's
   *   first frame
   */
  constructor({ start, end, moments }) {
    this.start = start;
    this.end = end;
    this.moments = moments;
    this.t = moments[0]?.t ?? start;
    /** Whether a film that runs moves it, so that nobody has to seek. */
    this.running = false;
  }

  /** The worst moment that is looked at. @returns {Moment | null} */
  get moment() {
    return this.moments.find(({ t }) => Math.abs(t - this.t) < NEAR_S) ?? null;
  }

  /** @param {Listener} listener */
  onMove(listener) {
    this.#listeners.add(listener);
    listener(this);
  }

  /**
   * @param {number} t
   * @param {boolean} [running]
   */
  moveTo(t, running = false) {
    this.t = Math.min(Math.max(t, this.start), this.end);
    this.running = running;
    for (const listener of this.#listeners) listener(this);
  }
}
