// The scores of practices one after another: a dot each, with its number and its day.

import { shortDay } from './dates.js';
import { percent, svg } from './svg.js';

/** @typedef {import('./sessions.js').Practice} Practice */

const TOP = 26;
const HEIGHT = 150;
const BOTTOM = TOP + HEIGHT;
/** Practices shown: with more, neither dots nor days can be told apart. */
export const MOST_SHOWN = 16;
/** Part of the width in which the levels are named. */
const ROOM_FOR_LEVELS = 0.07;
/** With more, the scores of those between the ends are told only where there is room. */
const MOST_NUMBERED = 8;

/** Days that have room beside each other on a phone. */
const MOST_DAYS = 4;

/** @param {number} score */
function yOf(score) {
  return BOTTOM - (HEIGHT * Math.min(Math.max(score, 0), 100)) / 100;
}

/**
 * @param {Practice[]} practices oldest first
 * @param {string} here the session that is looked at; empty where none is
 * @param {string} told what is to be seen in it
 */
export function progressChart(practices, here, told) {
  const shown = practices.slice(-MOST_SHOWN);
  const left = (/** @type {number} */ index) =>
    ROOM_FOR_LEVELS + ((1 - ROOM_FOR_LEVELS) * (index + 0.5)) / shown.length;
  const drawn = svg('svg', {
    class: 'chart progress-chart',
    width: '100%',
    height: BOTTOM + 26,
    role: 'img',
    'aria-label': told,
  });
  for (const score of [0, 50, 100]) {
    const y = yOf(score);
    drawn.append(
      svg('line', { x1: 0, x2: '100%', y1: y, y2: y, class: 'grid' }),
      svg('text', { x: 0, y: y - 5, class: 'label' }, String(score)),
    );
  }
  drawn.append(...ways(shown, left));
  let lastDay = '';
  shown.forEach((practice, index) => {
    const x = percent(left(index));
    const isEdge = index === 0 || index === shown.length - 1 || practice.session === here;
    const kind = isEdge || shown.length <= MOST_NUMBERED ? 'label' : 'label wide-only';
    drawn.append(dot(practice, x, practice.session === here, kind));
    const name = shortDay(practice.began_at);
    const place = { x, y: BOTTOM + 20, 'text-anchor': 'middle' };
    // The same day is named once, and where there is little room every other one.
    const isOther = (shown.length - 1 - index) % 2 === 1 && shown.length > MOST_DAYS;
    const dayKind = isOther ? 'label wide-only' : kind;
    if (name !== lastDay) drawn.append(svg('text', { ...place, class: dayKind }, name));
    lastDay = name;
  });
  return drawn;
}

/**
 * The lines from one score to the next.
 * @param {Practice[]} shown
 * @param {(index: number) => number} left
 */
function ways(shown, left) {
  const known = shown
    .map(({ score }, index) => ({ score, x: left(index) }))
    .filter(({ score }) => score !== null);
  return known.slice(1).map((to, index) => {
    const from = known[index];
    const ends = { x1: percent(from.x), x2: percent(to.x) };
    return svg('line', {
      ...ends,
      y1: yOf(from.score ?? 0),
      y2: yOf(to.score ?? 0),
      class: 'way',
    });
  });
}

/**
 * @param {Practice} practice
 * @param {string} x
 * @param {boolean} isHere
 * @param {string} kind
 */
function dot({ score }, x, isHere, kind) {
  const group = svg('g', {});
  if (score === null) {
    group.append(svg('circle', { cx: x, cy: BOTTOM, r: 5, class: 'dot none' }));
    return group;
  }
  const y = yOf(score);
  if (isHere) group.append(svg('circle', { cx: x, cy: y, r: 11, class: 'dot-ring' }));
  group.append(svg('circle', { cx: x, cy: y, r: 5.5, class: isHere ? 'dot here' : 'dot' }));
  const place = { x, y: y - (isHere ? 17 : 12), 'text-anchor': 'middle' };
  const strong = isHere ? 'label strong' : kind.replace('label', 'label strong');
  group.append(svg('text', { ...place, class: strong }, String(score)));
  return group;
}
