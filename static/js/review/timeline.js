// The practice joint by joint over time, with the corrections on it and the poses beneath.

import { moment } from '../clock.js';
import { make, setText } from '../dom.js';
import { Axis } from './axis.js';
import { lanesOf, tallyOf } from './lanes.js';
import { teller } from './moment_told.js';
import { nextStop, playhead, stopBefore } from './playhead.js';
import { correctionsOf } from './report.js';
import { part } from './parts.js';
import { MOST_MARKS, hatch, laneStrip, levelShape, poseStrip } from './strips.js';
import { cueSymbol, svg } from './svg.js';
import { correctionsTable, jointsTable, percentTold } from './timeline_tables.js';

/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {import('./lanes.js').Lane} Lane */
/** @typedef {import('./report.js').Report} Report */

/**
 * @param {Report} report
 * @param {Cursor} cursor
 * @param {() => void} onWatch asked to show the moment in the film
 */
export function timelinePart(report, cursor, onWatch) {
  const lanes = lanesOf(report);
  const corrections = correctionsOf(report);
  const axis = new Axis(cursor.start, cursor.end);
  const tell = teller(report);
  const stops = [...new Set(corrections.map(({ t }) => t))];
  const marked = corrections.slice(0, MOST_MARKS);
  const rows = lanes.map((lane) => {
    const own = marked.filter(({ joints }) => !lane.joint || joints.includes(lane.joint));
    return laneRow(lane, laneStrip(lane, report.timeline, axis, own));
  });
  const strips = make(
    'div',
    'lanes',
    ...rows,
    row('Poses', '', poseStrip(report.sequences, axis)),
    row('', '', axis.ticks()),
    playhead(cursor, axis, stops, tell),
  );
  return part(
    'over-time',
    'Joint by joint, over time',
    make('p', 'soft', told(report, lanes, corrections.length)),
    hatch(),
    strips,
    readout(cursor, tell, stops, onWatch),
    legend(),
    asTables(report, lanes, corrections),
  );
}

/**
 * @param {Report} report
 * @param {Lane[]} lanes
 * @param {number} corrections how many
 */
function told({ timeline, time }, lanes, corrections) {
  const all = tallyOf(timeline.excess);
  if (!all.furthest) return 'Nothing could be judged.';
  const within = `Within what is tolerated for ${percentTold(all.within)} of the time judged.`;
  const at = moment(timeline.t[all.furthest.row] - time.began_t, 0);
  const single = lanes.length === 1 && !lanes[0].joint;
  const less = single
    ? ' Of this practice only the joint that was furthest off has been kept.'
    : ` Furthest off at ${at}.`;
  const more = corrections > MOST_MARKS ? ` The first ${MOST_MARKS} corrections are marked.` : '';
  return within + less + more;
}

/**
 * @param {Lane} lane
 * @param {SVGSVGElement} strip
 */
function laneRow(lane, strip) {
  const { judged, beyond, far } = tallyOf(lane.excess);
  const off = Math.round(100 * (beyond + far));
  return row(lane.name, judged === 0 ? 'not judged' : off ? `${off}% off` : '✓', strip);
}

/**
 * @param {string} name
 * @param {string} figure
 * @param {SVGSVGElement} strip
 */
function row(name, figure, strip) {
  const label = make('div', 'lane-name', make('span', '', name), make('span', 'soft', figure));
  return make('div', 'lane', label, strip);
}

/**
 * What is at the playhead, and the ways on from there.
 * @param {Cursor} cursor
 * @param {ReturnType<typeof teller>} tell
 * @param {number[]} stops
 * @param {() => void} onWatch
 */
function readout(cursor, tell, stops, onWatch) {
  const at = make('strong', 'readout-at');
  const pose = make('span', 'readout-pose');
  const off = make('p', '');
  const said = make('p', 'readout-said');
  const back = step('Correction before', () =>
    cursor.moveTo(stopBefore(stops, cursor.t) ?? cursor.t),
  );
  const on = step('Next correction', () => cursor.moveTo(nextStop(stops, cursor.t) ?? cursor.t));
  const watch = step('Watch this moment', onWatch);
  cursor.onMove(({ t }) => {
    const words = tell(t);
    setText(at, words.at);
    setText(pose, words.pose);
    setText(off, words.off);
    setText(said, words.said);
    back.disabled = stopBefore(stops, t) === undefined;
    on.disabled = nextStop(stops, t) === undefined;
  });
  const ways = make('div', 'readout-ways', ...(stops.length ? [back, on] : []), watch);
  return make(
    'div',
    'readout',
    make('div', 'readout-told', make('p', '', at, pose), off, said),
    ways,
  );
}

/**
 * @param {string} label
 * @param {() => void} act
 */
function step(label, act) {
  const button = make('button', 'button small plain', label);
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}

function legend() {
  const item = (/** @type {Node} */ sign, /** @type {string} */ words) =>
    make('li', '', sign, words);
  return make(
    'ul',
    'legend',
    item(levelSign('within', 12, 6), 'within what is tolerated'),
    item(levelSign('beyond', 4, 14), 'beyond it'),
    item(levelSign('far', 0, 18), '1.5 times that or more'),
    item(cueSymbol(true), 'correction, mended'),
    item(cueSymbol(false), 'correction, not mended'),
    item(make('span', 'swatch pose-swatch'), 'pose, numbered as below'),
    item(make('span', 'swatch missed-swatch'), 'pose not reached'),
  );
}

/**
 * @param {import('./lanes.js').Level} level
 * @param {number} y
 * @param {number} height
 */
function levelSign(level, y, height) {
  return svg(
    'svg',
    { class: 'strip', width: 22, height: 18, 'aria-hidden': 'true' },
    levelShape(level, { y, height, width: 22 }),
  );
}

/**
 * @param {Report} report
 * @param {Lane[]} lanes
 * @param {import('./report.js').Correction[]} corrections
 */
function asTables(report, lanes, corrections) {
  const all = make('details', 'as-table', make('summary', '', 'The same as a table'));
  all.append(jointsTable(report, lanes));
  if (corrections.length) all.append(correctionsTable(report, corrections));
  return all;
}
