// The strips of the timeline: a joint's levels with the cues on it, and the poses beneath.

import { moment } from '../clock.js';
import { stretchesOf } from './lanes.js';
import { cueMark, percent, svg } from './svg.js';

/** @typedef {import('./axis.js').Axis} Axis */
/** @typedef {import('./lanes.js').Lane} Lane */
/** @typedef {import('./report.js').Correction} Correction */
/** @typedef {import('./report.js').Sequence} Sequence */
/** @typedef {import('./report.js').Timeline} Timeline */

const HEIGHT = 26;
/** Where each level begins and how high it is: the shape tells it without its colour. */
const SHAPES = {
  within: { y: 20, height: 6 },
  beyond: { y: 9, height: 17 },
  far: { y: 0, height: 26 },
};
const POSES_HEIGHT = 26;
/** Part of the width that a pose must take for its number to be written. */
const ROOM_FOR_NUMBER = 0.022;
const ROOM_ON_PHONE = 0.06;
/** More columns than this no screen tells apart. */
const MOST_COLUMNS = 480;
/** Cues that are marked; more would hide each other. */
export const MOST_MARKS = 400;

const HATCH = 'review-hatch';

/** What the strips are filled with, once in a page. */
export function hatch() {
  const size = { width: 6, height: 6, patternUnits: 'userSpaceOnUse' };
  return svg(
    'svg',
    { class: 'unseen', width: 0, height: 0, 'aria-hidden': 'true' },
    svg(
      'defs',
      {},
      svg(
        'pattern',
        { id: HATCH, ...size, patternTransform: 'rotate(45)' },
        svg('rect', { width: 6, height: 6, class: 'hatch-ground' }),
        svg('rect', { width: 3, height: 6, class: 'hatch-line' }),
      ),
    ),
  );
}

/**
 * What stands for a level; what it is filled with is drawn once, by `hatch`.
 * @param {import('./lanes.js').Level} level
 * @param {Record<string, string | number>} place
 */
export function levelShape(level, place) {
  const drawn = svg('rect', { ...place, class: `level ${level}` });
  if (level === 'beyond') drawn.setAttribute('fill', `url(#${HATCH})`);
  return drawn;
}

/**
 * Fewer rows, each the worst of those it stands for.
 * @param {Timeline} timeline
 * @param {(number | null)[]} excess
 */
export function thinned({ t, row_s }, excess) {
  const length = t.length ? t[t.length - 1] - t[0] : 0;
  const columnS = Math.max(row_s, length / MOST_COLUMNS);
  /** @type {{t: number, excess: number | null, column: number}[]} */
  const rows = [];
  t.forEach((at, row) => {
    const column = Math.floor((at - t[0]) / columnS + 1e-6);
    const value = excess[row] ?? null;
    const last = rows.at(-1);
    if (last?.column === column) last.excess = worse(last.excess, value);
    else rows.push({ t: at, excess: value, column });
  });
  return { rows, columnS };
}

/**
 * @param {number | null} a
 * @param {number | null} b
 */
function worse(a, b) {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/**
 * @param {Lane} lane
 * @param {Timeline} timeline
 * @param {Axis} axis
 * @param {Correction[]} corrections those to be marked on it
 */
export function laneStrip(lane, timeline, axis, corrections) {
  const drawn = svg('svg', {
    class: 'strip',
    width: '100%',
    height: HEIGHT,
    'aria-hidden': 'true',
  });
  drawn.append(svg('rect', { width: '100%', y: 25, height: 1, class: 'ground' }));
  const { rows, columnS } = thinned(timeline, lane.excess);
  const follows = (/** @type {number} */ row) => rows[row].column === rows[row - 1].column + 1;
  const values = rows.map(({ excess }) => excess);
  for (const { level, from, to } of stretchesOf(values, follows)) {
    const [start, end] = [axis.share(rows[from].t), axis.share(rows[to - 1].t + columnS)];
    const place = { x: percent(start), width: percent(end - start) };
    drawn.append(levelShape(level, { ...place, ...SHAPES[level] }));
  }
  for (const each of corrections) drawn.append(mark(each, axis));
  return drawn;
}

/**
 * @param {Correction} correction
 * @param {Axis} axis
 */
function mark({ t, text, mendedT }, axis) {
  const outcome = mendedT === null ? 'not mended' : 'mended';
  const told = `${moment(t - axis.start, 0)} ${text} (${outcome})`;
  const place = { x: axis.x(t), y: HEIGHT / 2, overflow: 'visible', class: 'mark' };
  return svg('svg', place, svg('title', {}, told), cueMark(mendedT !== null));
}

/**
 * The poses with their numbers where there is room; dashed where not reached.
 * @param {Sequence[]} sequences
 * @param {Axis} axis
 */
export function poseStrip(sequences, axis) {
  const size = { width: '100%', height: POSES_HEIGHT };
  const drawn = svg('svg', { class: 'chart strip', ...size, 'aria-hidden': 'true' });
  for (const { number, pose, t, end_t, reached } of sequences) {
    const start = axis.share(t);
    const width = axis.share(end_t) - start;
    const told = `${number} ${pose}${reached ? '' : ' (not reached)'}`;
    const place = { x: percent(start), width: percent(Math.max(width - 0.001, 0.002)) };
    const shape = { ...place, y: 2, height: 22, rx: 4, class: reached ? 'pose' : 'pose missed' };
    drawn.append(svg('rect', shape, svg('title', {}, told)));
    if (width < ROOM_FOR_NUMBER) continue;
    const middle = { x: percent(start + width / 2), y: 17, 'text-anchor': 'middle' };
    const kind = width < ROOM_ON_PHONE ? 'number wide-only' : 'number';
    drawn.append(svg('text', { ...middle, class: kind }, String(number)));
  }
  return drawn;
}
