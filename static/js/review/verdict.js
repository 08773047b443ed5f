// A practice in a sentence or two, as the report that can be kept says it.

import { moment } from '../clock.js';
import { counted } from '../sentence.js';
import { correctionsOf } from './report.js';

/** @typedef {import('./report.js').Report} Report */

/** @param {Report} report */
export function verdictOf(report) {
  const { verdict, time, holds } = report;
  if (verdict === 'not_begun') return 'The video never ran, so there is nothing to review.';
  if (verdict === 'too_little') {
    return (
      'This practice could not be judged: the coach saw enough of a held pose for ' +
      `${Math.round(time.judged_s)} s of ${moment(time.film_s, 0)}.`
    );
  }
  const held = `${holds.reached} of ${holds.passed} poses held`;
  const corrections = correctionsOf(report);
  if (corrections.length === 0) return `${held}, and nothing to correct in what could be judged.`;
  const mended = corrections.filter(({ mendedT }) => mendedT !== null).length;
  const said = corrections.length === 1 ? 'one correction' : `${corrections.length} corrections`;
  return `${held}; ${said}, ${outcome(corrections.length, mended)}.`;
}

/**
 * @param {number} raised
 * @param {number} mended
 */
export function outcome(raised, mended) {
  if (mended === raised) return raised === 1 ? 'mended' : 'all mended';
  return `${mended || 'none'} mended`;
}

/**
 * How many corrections, for a line among others.
 * @param {number} raised
 * @param {number} mended
 */
export function correctionsTold(raised, mended) {
  if (raised === 0) return 'nothing corrected';
  return `${counted(raised, 'correction')}, ${outcome(raised, mended)}`;
}
