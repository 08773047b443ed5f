// The page's clock as the server knows it: epoch milliseconds that never jump.

/**
 * Epoch milliseconds of a moment on `performance.now()`'s clock.
 * @param {number} moment milliseconds since the page's time origin
 */
export function epochMs(moment = performance.now()) {
  return performance.timeOrigin + moment;
}

/**
 * Minutes and seconds, as `4:05`.
 * @param {number} seconds
 */
export function minutes(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
