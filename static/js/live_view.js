// The small live indicator, and what it opens into.

import { byId, make, setText } from './dom.js';
import { LiveFigures, liveParts } from './live.js';

/** @typedef {import('./messages.js').StateMessage} StateMessage */

export class LiveView {
  #figures = new LiveFigures();
  #indicator = byId('live', HTMLDetailsElement);
  #parts = [...byId('live-summary', HTMLElement).children];
  /** @type {Record<string, HTMLElement>} */
  #values = {};

  /** @param {import('./messages.js').PoseMessage} pose */
  hear(pose) {
    this.#figures.hear(pose, performance.now());
  }

  /** @param {import('./connection.js').Link} link */
  onLink({ state }) {
    this.#indicator.dataset.link = state;
  }

  /** @returns {boolean} whether its detail was open */
  close() {
    const { open } = this.#indicator;
    this.#indicator.open = false;
    return open;
  }

  /**
   * @param {StateMessage | null} state
   * @param {{matched: number, early: number, unmatched: number}} counts of poses drawn
   * @param {boolean} findsSides whether the coach finds out on which side the student follows
   */
  show(state, counts, findsSides) {
    const figures = this.#figures.figures(performance.now());
    const parts = liveParts(figures, state?.engine);
    parts.forEach((part, index) => setText(this.#parts[index], part));
    if (!this.#indicator.open) return;
    const rows = { ...rowsOf(figures, state, counts), Sides: sidesOf(state, findsSides) };
    for (const [name, value] of Object.entries(rows)) setText(this.#valueOf(name), value);
  }

  /** @param {string} name */
  #valueOf(name) {
    if (!this.#values[name]) {
      this.#values[name] = make('dd', '');
      byId('live-detail', HTMLElement).append(make('dt', '', name), this.#values[name]);
    }
    return this.#values[name];
  }
}

/**
 * @param {{fps: number, latencyMs: number | null}} figures
 * @param {StateMessage | null} state
 * @param {{matched: number, early: number, unmatched: number}} counts
 * @returns {Record<string, string>}
 */
function rowsOf({ fps, latencyMs }, state, { matched, early, unmatched }) {
  const { engine, load } = state ?? {};
  return {
    'Poses a second': fps.toFixed(1),
    'From camera to here': latencyMs === null ? '–' : `${Math.round(latencyMs)} ms`,
    'Server’s part': load ? `${Math.round(load.latency_ms)} ms` : '–',
    'Frames dropped': String(load?.dropped ?? '–'),
    'Drawn on their own frame': `${matched + early} of ${matched + early + unmatched}`,
    Keypoints: engine?.keypoints ?? '–',
    Lifter: engine?.lifter ?? '–',
    'Stance at ease': state?.calibrated ? 'known' : 'not seen yet',
    Device: engine ? `${engine.device} (${engine.provider})` : '–',
  };
}

/**
 * Which sides are compared, and who says so.
 * @param {StateMessage | null} state
 * @param {boolean} found
 */
function sidesOf(state, found) {
  if (!state) return '–';
  const sides = state.mirrored ? 'as in a mirror' : 'left with left';
  return found ? `${sides}, as the coach sees it` : sides;
}
