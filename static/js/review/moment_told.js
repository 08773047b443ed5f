// A moment of the practice in words, for the line under the timeline and for its slider.

import { shortTitle } from '../chapters.js';
import { moment } from '../clock.js';
import { sentence } from '../sentence.js';
import { lanesOf, levelOf } from './lanes.js';
import { correctionsOf, sequenceAt } from './report.js';

/** @typedef {import('./report.js').Report} Report */
/** @typedef {{at: string, pose: string, off: string, said: string}} Told */

const MOST_NAMED = 3;
/** A correction is part of the moments this near to it. */
const SAID_S = 0.75;

/**
 * @param {Report} report
 * @returns {(t: number) => Told}
 */
export function teller(report) {
  const lanes = lanesOf(report);
  const corrections = correctionsOf(report);
  const { timeline, time } = report;
  return (t) => {
    const row = rowAt(timeline, t);
    const off = lanes
      .map(({ joint, name, excess }) => ({ joint, name, excess: row < 0 ? null : excess[row] }))
      .filter(({ excess }) => levelOf(excess) !== null)
      .sort((a, b) => (b.excess ?? 0) - (a.excess ?? 0));
    const said = corrections.find((each) => Math.abs(each.t - t) < SAID_S);
    return {
      at: moment(t - time.began_t, 0),
      pose: shortTitle(sequenceAt(report, t)?.pose ?? 'Between poses'),
      off: offTold(off),
      said: said ? `The coach said: ${sentence(said.text)} ${endTold(said)}` : '',
    };
  };
}

/** @param {{joint: string, name: string, excess: number | null}[]} judged the worst first */
function offTold(judged) {
  if (judged.length === 0) return 'Nothing was judged here.';
  const beyond = judged.filter(({ excess }) => levelOf(excess) !== 'within');
  if (beyond.length === 0) return 'Within what is tolerated.';
  const named = beyond
    .slice(0, MOST_NAMED)
    .map(({ name, excess }) => `${name} at ${(excess ?? 0).toFixed(1)} times`);
  const more = beyond.length > MOST_NAMED ? `, ${beyond.length - MOST_NAMED} more beyond it` : '';
  return `${named.join(', ')} what is tolerated${more}.`;
}

/** @param {import('./report.js').Correction} correction */
export function endTold({ t, mendedT }) {
  return mendedT === null ? 'Not mended.' : `Mended after ${Math.round(mendedT - t)} s.`;
}

/**
 * @param {import('./report.js').Timeline} timeline
 * @param {number} t
 * @returns {number} -1 where nothing is known
 */
function rowAt({ t: starts, row_s }, t) {
  return starts.findLastIndex((start) => start <= t + 1e-6 && t < start + row_s);
}
