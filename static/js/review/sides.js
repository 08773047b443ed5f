// Left against right.

import { make } from '../dom.js';
import { part } from './parts.js';
import { bar } from './svg.js';
import { scoped } from './timeline_tables.js';

/** @typedef {import('./report.js').Balance} Balance */
/** @typedef {import('./report.js').Report} Report */

/** In fewer poses a difference is chance. */
const FEWEST_POSES = 3;
/** A pair of angles nearer to what is tolerated than this needs no row. */
const LEAST_SHOWN_DEG = 0.5;
/** The widest bar stands for at least so much. */
const LEAST_WIDTH_DEG = 5;

/** @param {Report} report */
export function sidesPart({ symmetry }) {
  return part('sides', 'Left and right', ...sides(symmetry));
}

/** @param {Balance[]} symmetry */
function sides(symmetry) {
  const soft = (/** @type {string} */ text) => make('p', 'soft', text);
  if (symmetry.every(({ poses }) => poses < FEWEST_POSES)) {
    const few = `In fewer than ${FEWEST_POSES} poses both sides were judged: too few to compare.`;
    return [soft(few)];
  }
  const off = symmetry.filter((each) => widestOf(each) >= LEAST_SHOWN_DEG);
  if (off.length === 0) return [soft('Both sides stayed within what is tolerated.')];
  const widest = Math.max(LEAST_WIDTH_DEG, ...off.map(widestOf));
  const head = ['Angle', 'Left', 'Right'].map((name) => scoped('col', name));
  head[1].className = 'left';
  const table = make(
    'table',
    'sides',
    make('thead', '', make('tr', '', ...head)),
    make('tbody', '', ...off.map((each) => sideRow(each, widest))),
  );
  const others = 'All other angles stayed within what is tolerated, on either side.';
  return [
    make('p', '', furtherOff(off)),
    soft('By how much each side was beyond what is tolerated, on average:'),
    table,
    ...(off.length < symmetry.length ? [soft(others)] : []),
  ];
}

/** @param {Balance} balance */
function widestOf({ left_deg, right_deg }) {
  return Math.max(left_deg, right_deg);
}

/** @param {Balance[]} balances */
function furtherOff(balances) {
  const told = balances
    .filter(({ real }) => real)
    .map(({ joints, left_minus_right_deg: more }) => {
      const side = more > 0 ? 'left' : 'right';
      return `${joints}: ${Math.abs(more).toFixed(0)}° further off on the ${side}`;
    })
    .join('; ');
  if (!told) return 'No side lags behind the other.';
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
}

/**
 * @param {Balance} balance
 * @param {number} widest
 */
function sideRow({ joints, left_deg, right_deg, left_minus_right_deg: more, real }, widest) {
  const [left, right] = [real && more > 0, real && more < 0];
  return make(
    'tr',
    '',
    scoped('row', joints),
    side(left_deg, widest, left, 'left'),
    side(right_deg, widest, right, ''),
  );
}

/**
 * @param {number} degrees
 * @param {number} widest
 * @param {boolean} isWorse
 * @param {string} kind
 */
function side(degrees, widest, isWorse, kind) {
  const drawn = bar(degrees / widest, isWorse ? 'fill worse' : 'fill', kind === 'left');
  const told = `${degrees.toFixed(1)}°${isWorse ? ' further off' : ''}`;
  return make('td', kind, drawn, make('span', '', told));
}
