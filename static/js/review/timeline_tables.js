// What the timeline shows, as tables: for those who read rather than look.

import { moment } from '../clock.js';
import { make } from '../dom.js';
import { jointName, tallyOf } from './lanes.js';
import { endTold } from './moment_told.js';
import { sequenceAt } from './report.js';

/** @typedef {import('./lanes.js').Lane} Lane */
/** @typedef {import('./report.js').Correction} Correction */
/** @typedef {import('./report.js').Report} Report */

/**
 * A table with its caption; the first cell of a row is its heading.
 * @param {string} caption
 * @param {string[]} columns
 * @param {(string | Node)[][]} rows
 */
export function tableOf(caption, columns, rows) {
  const head = make('tr', '', ...columns.map((name) => scoped('col', name)));
  const body = rows.map(([first, ...others]) =>
    make('tr', '', scoped('row', first), ...others.map((cell) => make('td', '', cell))),
  );
  const table = make(
    'table',
    '',
    make('caption', '', caption),
    make('thead', '', head),
    make('tbody', '', ...body),
  );
  // What is wider than a phone is moved by finger and by key, and nothing else moves with it.
  const place = make('div', 'table-place', table);
  place.tabIndex = 0;
  place.setAttribute('role', 'region');
  place.setAttribute('aria-label', caption);
  return place;
}

/**
 * @param {'col' | 'row'} scope
 * @param {string | Node} text
 */
export function scoped(scope, text) {
  const cell = make('th', '', text);
  cell.scope = scope;
  return cell;
}

/** @param {number} share */
export function percentTold(share) {
  return `${Math.round(100 * share)}%`;
}

/**
 * @param {Report} report
 * @param {Lane[]} lanes
 */
export function jointsTable({ timeline, time }, lanes) {
  const rows = lanes.map(({ name, excess }) => {
    const { judged, within, beyond, far, furthest } = tallyOf(excess);
    if (!furthest) return [name, 'not judged', '', '', '', ''];
    const at = moment(timeline.t[furthest.row] - time.began_t, 0);
    return [
      name,
      moment(judged * timeline.row_s, 0),
      percentTold(within),
      percentTold(beyond),
      percentTold(far),
      `${furthest.excess.toFixed(1)} times, at ${at}`,
    ];
  });
  const columns = ['Joint', 'Judged', 'Within', 'Beyond', '1.5 times or more', 'Furthest off'];
  return tableOf('Each joint: how much of its time was within what is tolerated', columns, rows);
}

/**
 * @param {Report} report
 * @param {Correction[]} corrections
 */
export function correctionsTable(report, corrections) {
  const rows = corrections.map((each) => [
    moment(each.t - report.time.began_t, 0),
    each.text,
    each.joints.map(jointName).join(', '),
    sequenceAt(report, each.t)?.pose ?? '',
    `${Math.round(each.offDeg)}° off`,
    endTold(each),
  ]);
  const columns = ['Time', 'Correction', 'Joint', 'Pose', 'By how much', 'Outcome'];
  return tableOf('Corrections in order', columns, rows);
}
