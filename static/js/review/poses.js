// Pose by pose: one row for each stay, in the order of the practice.

import { make } from '../dom.js';
import { barred, part } from './parts.js';
import { bar } from './svg.js';
import { percentTold, scoped } from './timeline_tables.js';

/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {import('./report.js').Report} Report */
/** @typedef {import('./report.js').Sequence} Sequence */

const COLUMNS = ['Pose', 'Within what is tolerated', 'Stood out', 'Corrections', 'Behind'];

/**
 * @param {Report} report
 * @param {Cursor} cursor
 * @param {() => void} onSee asked to show the pose in the timeline
 */
export function posesPart(report, cursor, onSee) {
  const { sequences, sequences_dropped: dropped = 0 } = report;
  const see = (/** @type {Sequence} */ { t }) => {
    cursor.moveTo(t);
    onSee();
  };
  const rows = sequences.map((each) => poseRow(each, report, see));
  const head = make('tr', '', ...COLUMNS.map((name) => scoped('col', name)));
  const body = make('tbody', '', ...rows);
  const more = dropped ? make('p', 'soft', `${dropped} later ones are not listed.`) : null;
  return part(
    'poses',
    'Pose by pose',
    make('p', 'soft', bestAndWorst(report)),
    keepRoles(make('table', 'poses', make('thead', '', head), body)),
    more,
  );
}

/**
 * Where there is little room the rows are no longer laid out as a table; they still are one.
 * @param {HTMLTableElement} table
 */
function keepRoles(table) {
  table.setAttribute('role', 'table');
  for (const group of table.children) group.setAttribute('role', 'rowgroup');
  for (const row of table.rows) {
    row.setAttribute('role', 'row');
    for (const cell of row.cells) {
      const heads = cell.scope === 'col' ? 'columnheader' : 'rowheader';
      cell.setAttribute('role', cell.scope ? heads : 'cell');
    }
  }
  return table;
}

/** @param {Report} report */
function bestAndWorst({ sequences, best, worst }) {
  const named = (/** @type {number | null} */ number) =>
    sequences.find((each) => each.number === number)?.pose;
  const [went, was] = [named(best), named(worst)];
  if (!went || !was) return 'Too few poses were judged to say which went best.';
  return `${went} went best; ${was} was the hardest.`;
}

/**
 * @param {Sequence} sequence
 * @param {Report} report
 * @param {(sequence: Sequence) => void} see
 */
function poseRow(sequence, { best, worst }, see) {
  const { number, pose, reached, judged_s, within_share, cues, lag_s } = sequence;
  const link = make('button', 'text-button', pose);
  link.type = 'button';
  link.title = 'See it in the timeline';
  link.addEventListener('click', () => see(sequence));
  const told = make('span', 'pose-told', make('span', 'soft', String(number)), link);
  if (number === best) told.append(make('span', 'badge', 'best'));
  if (number === worst) told.append(make('span', 'badge', 'hardest'));
  const name = scoped('row', told);
  name.className = 'pose-name';
  if (!reached) {
    const held = judged_s === 0 ? 'not reached' : `held for ${judged_s.toFixed(1)} s only`;
    const missed = make('td', 'soft missed-cell', held);
    missed.colSpan = COLUMNS.length - 1;
    return make('tr', '', name, missed);
  }
  const within = within_share ?? 0;
  return make(
    'tr',
    '',
    name,
    make('td', 'share', barred(bar(within), percentTold(within))),
    make('td', 'stood-out', stoodOut(sequence)),
    labelled('Corrections: ', cuesTold(cues)),
    labelled('Behind: ', lag_s === null ? '' : behind(lag_s)),
  );
}

/**
 * @param {string} label told where the table has no head
 * @param {string} text
 */
function labelled(label, text) {
  const cell = make('td', 'count', text);
  cell.dataset.label = label;
  return cell;
}

/** @param {Sequence} sequence */
function stoodOut({ worst }) {
  if (!worst) return '';
  if (Math.abs(worst.deviation_deg) < worst.band_deg) return make('span', 'soft', '✓ nothing');
  return worst.text;
}

/** @param {{raised: number, mended: number}} cues */
function cuesTold({ raised, mended }) {
  if (raised === 0) return 'none';
  if (mended === 0 || mended === raised) return `${raised}, ${mended ? '' : 'not '}mended`;
  return `${raised}, ${mended} mended`;
}

/** @param {number} seconds negative where the student was ahead */
function behind(seconds) {
  return seconds < -0.05 ? `${(-seconds).toFixed(1)} s ahead` : `${Math.max(0, seconds).toFixed(1)} s`;
}
