// The top of a review: the score, the practice in a sentence, its figures, and the way on.

import { moment } from '../clock.js';
import { make } from '../dom.js';
import { day } from './dates.js';
import { linkButton, practicePage } from './parts.js';
import { scoreDial, scoreTold } from './score.js';
import { verdictOf } from './verdict.js';

/** @typedef {import('./report.js').Report} Report */
/** @typedef {import('./sessions.js').Practice} Practice */

/**
 * @param {Report} report
 * @param {boolean} hasRoutine whether it can be practised again
 * @param {Practice | null} before the practice of the same routine before this one
 */
export function headOf(report, hasRoutine, before) {
  const { began_at, routine, score, live } = report;
  const date = make('time', '', day(began_at));
  date.dateTime = began_at;
  const again =
    hasRoutine && routine
      ? linkButton('Practise this again', practicePage(routine))
      : linkButton('Choose another routine', '/');
  const ways = make('div', 'head-ways', again);
  if (live) ways.append(lookAgain());
  const told = make(
    'div',
    'head-told',
    make('p', 'soft', live ? 'Practice under way · ' : 'Practice · ', date),
    make('h1', '', report.title || 'Practice'),
    make('p', 'lead', verdictOf(report)),
    make('p', 'soft', [change(score, before), scoreTold(report)].filter(Boolean).join(' ')),
    ways,
  );
  return make('header', 'review-head', scoreDial(score), told);
}

function lookAgain() {
  const button = make('button', 'button plain', 'Look again');
  button.type = 'button';
  button.addEventListener('click', () => location.reload());
  return button;
}

/**
 * @param {number | null | undefined} score
 * @param {Practice | null} before
 */
function change(score, before) {
  if (typeof score !== 'number' || typeof before?.score !== 'number') return '';
  const more = score - before.score;
  if (more === 0) return 'The same as last time.';
  return `${Math.abs(more)} ${more > 0 ? 'more' : 'less'} than last time.`;
}

/** @param {Report} report */
export function factsOf({ time, holds, lag }) {
  const facts = [
    ['Practised', moment(time.film_s, 0), 'with the video running'],
    [
      'Judged',
      `${Math.round(100 * time.judged_share)}%`,
      `${moment(time.judged_s, 0)} of held poses`,
    ],
    ['Poses held', `${holds.reached} of ${holds.passed}`, 'for a second or more'],
  ];
  if (lag) {
    const [lower, upper] = lag.quartiles_s.map((s) => s.toFixed(1));
    const way = lag.median_s >= 0 ? 'Behind the video' : 'Ahead of the video';
    const median = `${Math.abs(lag.median_s).toFixed(1)} s`;
    facts.push([way, median, `mostly ${lower} to ${upper} s behind`]);
  }
  const items = facts.map(([name, value, more]) =>
    make('div', '', make('dt', '', name), make('dd', '', value), make('dd', 'soft', more)),
  );
  return make('dl', 'facts', ...items);
}
