// Days of practices: with their year, for progress takes its time.

/** @type {Intl.DateTimeFormatOptions} */
const WHOLE = {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
};
const LONG = new Intl.DateTimeFormat('en-GB', WHOLE);
const SHORT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/**
 * @param {string} iso
 * @param {Intl.DateTimeFormat} format
 */
function told(iso, format) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : format.format(date);
}

/** A day and its time, as this machine's clock has them. @param {string} iso */
export function day(iso) {
  return told(iso, LONG);
}

/** A day for a place without much room. @param {string} iso */
export function shortDay(iso) {
  return told(iso, SHORT);
}
