// The page's clock as the server knows it: epoch milliseconds that never jump.

/**
 * Epoch milliseconds of a moment on `performance.now()`'s clock.
 * @param {number} moment milliseconds since the page's time origin
 */
export function epochMs(moment = performance.now()) {
  return performance.timeOrigin + moment;
}

/**
 * How long something lasts, as people say it: `50 s`, `12 min`.
 * @param {number} seconds
 */
export function duration(seconds) {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
