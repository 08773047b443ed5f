// How long ago something was, as people say it.

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** @type {[seconds: number, unit: Intl.RelativeTimeFormatUnit][]} the largest first */
const UNITS = [
  [365 * DAY_S, 'year'],
  [30 * DAY_S, 'month'],
  [7 * DAY_S, 'week'],
  [DAY_S, 'day'],
  [HOUR_S, 'hour'],
  [MINUTE_S, 'minute'],
];

const WORDS = new Intl.RelativeTimeFormat('en-GB', { numeric: 'always' });

/**
 * `3 days ago`; empty where the time cannot be read.
 * @param {string} iso
 * @param {number} [nowMs] epoch milliseconds
 */
export function ago(iso, nowMs = Date.now()) {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return '';
  const [length, unit] = UNITS.find(([least]) => seconds >= least) ?? [1, 'second'];
  // Clocks that differ a little must not speak of what is to come.
  return unit === 'second' ? 'just now' : WORDS.format(-Math.floor(seconds / length), unit);
}
