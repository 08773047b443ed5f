// The practice that this window was in a moment ago: loading the page again is no end of it.

import { RATES } from './player.js';

const KEY = 'unfinished-practice';
/** As long as the server keeps a session that nobody is connected to. */
const KEPT_MS = 60_000;

/**
 * @typedef {object} Unfinished
 * @property {string} page which it was in
 * @property {string} resume what brings the session back
 * @property {number} t seconds of the film, where it was
 * @property {number} rate how fast it went
 */

/**
 * Notes where the practice is; the next note takes its place.
 * @param {string | null} resume null while the coach was not reached: there is nothing to note
 * @param {import('./player.js').PlayerClock} clock nor is there while the film has not begun
 */
export function noteUnfinished(resume, { t, rate }) {
  if (resume === null || t === 0) return;
  try {
    const noted = { page: location.search, resume, t, rate, atMs: Date.now() };
    sessionStorage.setItem(KEY, JSON.stringify(noted));
  } catch {
    // A browser that keeps nothing begins anew.
  }
}

/** What was begun has ended. */
export function forgetUnfinished() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There is nothing to forget.
  }
}

/** Loads the page as a link does. */
export function beginAnew() {
  forgetUnfinished();
  location.reload();
}

/** @returns {Unfinished | null} what was noted within the last minute; what is older is forgotten */
export function unfinished() {
  const { page, resume, t, rate, atMs } = noted();
  const isFresh = typeof atMs === 'number' && Math.abs(Date.now() - atMs) < KEPT_MS;
  const isWhole = typeof page === 'string' && typeof resume === 'string' && typeof t === 'number';
  const known = RATES.find((each) => each === rate);
  if (isFresh && isWhole && known) return { page, resume, t, rate: known };
  forgetUnfinished();
  return null;
}

/**
 * What this page was in when it was loaded again, as often as that is.
 * @returns {Unfinished | null} null where it is another page's, or was left on purpose: that is
 *   forgotten
 */
export function unfinishedHere() {
  const found = unfinished();
  if (found?.page === location.search && wasReloaded()) return found;
  forgetUnfinished();
  return null;
}

/** @returns {Record<string, unknown>} */
function noted() {
  try {
    return Object(JSON.parse(sessionStorage.getItem(KEY) ?? '{}'));
  } catch {
    return {};
  }
}

/** Who comes by a link begins anew. */
function wasReloaded() {
  const [entry] = performance.getEntriesByType('navigation');
  return entry instanceof PerformanceNavigationTiming && entry.type === 'reload';
}
