// The small live indicator: how fast, how late, and by which engine.

import { epochMs } from './clock.js';

/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./messages.js').StateMessage} StateMessage */

const WINDOW_MS = 2000;

export class LiveFigures {
  /** @type {number[]} when the last poses came */
  #times = [];
  /** @type {number[]} how old their frames were */
  #ages = [];

  /**
   * @param {PoseMessage} pose
   * @param {number} now milliseconds on `performance.now()`'s clock
   */
  hear(pose, now) {
    this.#times.push(now);
    this.#ages.push(pose.capture_ms === null ? Number.NaN : epochMs(now) - pose.capture_ms);
    while (this.#times[0] < now - WINDOW_MS) {
      this.#times.shift();
      this.#ages.shift();
    }
  }

  /**
   * @param {number} now
   * @returns {{fps: number, latencyMs: number | null}} poses a second over the last two
   *   seconds, and the median age of their frames on arrival
   */
  figures(now) {
    const from = this.#times.findIndex((time) => time >= now - WINDOW_MS);
    if (from < 0) return { fps: 0, latencyMs: null };
    const ages = this.#ages.slice(from).filter(Number.isFinite).sort((a, b) => a - b);
    return {
      fps: (this.#times.length - from) / (WINDOW_MS / 1000),
      latencyMs: ages.length ? ages[ages.length >> 1] : null,
    };
  }
}

/**
 * The figures in words, as `30 poses/s`, `45 ms`, `blazepose-full`; what matters most first.
 * @param {{fps: number, latencyMs: number | null}} figures
 * @param {StateMessage['engine']} engine
 */
export function liveParts({ fps, latencyMs }, engine) {
  const parts = [`${Math.round(fps)} poses/s`];
  if (latencyMs !== null) parts.push(`${Math.round(latencyMs)} ms`);
  if (engine) parts.push(engine.keypoints);
  return parts;
}
