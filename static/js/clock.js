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
 * A moment of a film as players write it: `1:05.3`; a second has its name until it is over.
 * @param {number} seconds
 * @param {number} [digits] behind the point
 */
export function moment(seconds, digits = 1) {
  const unit = 10 ** digits;
  const whole = (digits ? Math.round : Math.floor)(Math.max(0, seconds) * unit);
  const letters = digits ? 3 + digits : 2;
  const rest = ((whole % (60 * unit)) / unit).toFixed(digits).padStart(letters, '0');
  const minutes = Math.floor(whole / (60 * unit));
  const hours = Math.floor(minutes / 60);
  return hours
    ? `${hours}:${String(minutes % 60).padStart(2, '0')}:${rest}`
    : `${minutes}:${rest}`;
}

const MOMENT = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)$/;

/**
 * Reads what people type for a moment: `65.3`, `1:05.3`, `1:05,3`, `0:01:05`.
 * @param {string} text
 * @returns {number} seconds; NaN where it is none
 */
export function readMoment(text) {
  const found = MOMENT.exec(text.trim());
  if (!found) return Number.NaN;
  const [, hours = '0', minutes = '0', seconds] = found;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'));
}

/**
 * How long something still takes, as roughly as it is known.
 * @param {number | null} seconds
 */
export function timeLeft(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return '';
  if (seconds < 8) return 'a few seconds left';
  if (seconds < 90) return `about ${Math.ceil(seconds / 10) * 10} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}

const DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/**
 * A day and its time, as this machine's clock has them.
 * @param {string} iso
 */
export function day(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : DAY.format(date);
}

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
