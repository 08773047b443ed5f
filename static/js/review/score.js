// The score as a ring that is full at a hundred; its number says the same.

import { make } from '../dom.js';
import { svg } from './svg.js';

const RADIUS = 52;
const AROUND = 2 * Math.PI * RADIUS;

/**
 * @param {number | null | undefined} score 0..100
 */
export function scoreDial(score) {
  const known = typeof score === 'number';
  const ring = svg(
    'svg',
    { class: 'dial', viewBox: '0 0 120 120', 'aria-hidden': 'true' },
    svg('circle', { cx: 60, cy: 60, r: RADIUS, class: known ? 'dial-track' : 'dial-track none' }),
  );
  if (known && score > 0) {
    const length = (AROUND * Math.min(score, 100)) / 100;
    const dash = { 'stroke-dasharray': `${length.toFixed(1)} ${AROUND.toFixed(1)}` };
    const place = { cx: 60, cy: 60, r: RADIUS, transform: 'rotate(-90 60 60)' };
    ring.append(svg('circle', { ...place, ...dash, class: 'dial-fill' }));
  }
  const number = make('span', 'score-number', known ? String(score) : '–');
  const of = make('span', 'score-of', known ? 'of 100' : 'no score');
  return make('div', 'score', ring, make('p', 'score-told', number, of));
}

/**
 * What the score means, or why there is none.
 * @param {import('./report.js').Report} report
 */
export function scoreTold({ score, verdict }) {
  if (typeof score === 'number') {
    return 'The score: the share of each pose’s time in which nothing was beyond what is tolerated.';
  }
  return verdict === 'judged' ? 'This practice was kept before there were scores.' : '';
}
