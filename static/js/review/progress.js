// Progress over the practices of one routine: the chart, and the same as a table that leads on.

import { make } from '../dom.js';
import { day } from './dates.js';
import { linkButton, part, reviewPage } from './parts.js';
import { MOST_SHOWN, progressChart } from './progress_chart.js';
import { tableOf } from './timeline_tables.js';
import { correctionsTold } from './verdict.js';

/** @typedef {import('./sessions.js').Practice} Practice */

/**
 * @param {Practice[]} practices of one routine, newest first
 * @param {string} here the session that is looked at
 */
export function progressPart(practices, here) {
  const scored = practices.filter(({ score }) => score !== null);
  if (scored.length === 0) {
    return part('progress', 'Progress', make('p', 'soft', 'No practice has a score yet.'));
  }
  if (practices.length === 1) {
    const first = 'This is the first practice of this routine. The next one shows here beside it.';
    return part('progress', 'Progress', make('p', 'soft', first));
  }
  const told = progressTold(practices);
  return part(
    'progress',
    'Progress',
    make('p', '', told),
    make('figure', '', progressChart(practices.toReversed(), here, told), key(practices, here)),
    make('details', 'as-table', make('summary', '', 'The same as a table'), table(practices, here)),
  );
}

/** @param {Practice[]} practices newest first */
export function progressTold(practices) {
  const scored = practices.filter(({ score }) => score !== null);
  if (scored.length === 0) return 'No practice has a score yet.';
  const [last] = scored;
  const best = scored.reduce((a, b) => ((b.score ?? 0) > (a.score ?? 0) ? b : a));
  const latest = `The latest score is ${last.score}`;
  if (scored.length === 1) return `${latest}.`;
  const first = scored[scored.length - 1];
  if (best === last) return `${latest}, the best so far. The first was ${first.score}.`;
  if (best === first) return `${latest}; the first, ${first.score}, was the best.`;
  const top = `the best was ${best.score}, on ${day(best.began_at)}`;
  return `${latest}; ${top}. The first was ${first.score}.`;
}

/**
 * @param {Practice[]} practices
 * @param {string} here
 */
function key(practices, here) {
  const notes = [];
  if (practices.some(({ session }) => session === here)) notes.push('ringed: this practice');
  if (practices.some(({ score }) => score === null)) notes.push('hollow: without a score');
  if (practices.length > MOST_SHOWN) notes.push(`the latest ${MOST_SHOWN} are shown`);
  return make('figcaption', 'soft', notes.join(' · '));
}

/**
 * @param {Practice[]} practices
 * @param {string} here
 */
function table(practices, here) {
  const rows = practices.map((each) => [
    each.session === here
      ? `${day(each.began_at)} (this one)`
      : linkButton(day(each.began_at), reviewPage(each.session), 'text-link'),
    each.score === null ? 'no score' : String(each.score),
    `${each.reached} of ${each.passed}`,
    correctionsTold(each.raised, each.mended),
  ]);
  const columns = ['Practice', 'Score of 100', 'Poses held', 'Corrections'];
  return tableOf('Practices of this routine, newest first', columns, rows);
}
