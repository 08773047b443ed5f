// The practice that this window was in a moment ago: loading the page again is no end of it.

const KEY = 'unfinished-practice';
/** As long as the server keeps a session that nobody is connected to. */
const KEPT_MS = 60_000;

/**
 * @typedef {object} Unfinished
 * @property {string} resume what brings the session back
 * @property {number} t seconds of the film, where it was
 */

/**
 * Notes where the practice is; the next note takes its place.
 * @param {string | null} resume null while the coach was not reached: there is nothing to note
 * @param {number} t seconds of the film
 */
export function noteUnfinished(resume, t) {
  if (resume === null) return;
  try {
    const noted = { page: location.search, resume, t, atMs: Date.now() };
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

/**
 * Takes what this page was in when it was loaded again, once.
 * @returns {Unfinished | null} null where it is another page's, too old, or was left on purpose
 */
export function takeUnfinished() {
  const { page, resume, t, atMs } = noted();
  forgetUnfinished();
  const isOurs = page === location.search && wasReloaded();
  const isFresh = typeof atMs === 'number' && Math.abs(Date.now() - atMs) < KEPT_MS;
  const isWhole = typeof resume === 'string' && typeof t === 'number';
  return isOurs && isFresh && isWhole ? { resume, t } : null;
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
