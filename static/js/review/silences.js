// What the time of the practice went into.

import { moment } from '../clock.js';
import { make } from '../dom.js';
import { barred, part } from './parts.js';
import { bar } from './svg.js';
import { scoped } from './timeline_tables.js';

/** @typedef {import('../messages.js').Silence} Silence */
/** @typedef {import('./report.js').Report} Report */

/** @type {Record<Silence, string>} */
const REASONS = {
  no_person: 'nobody in view',
  out_of_frame: 'not wholly in the picture',
  too_near: 'too near the camera',
  occluded: 'partly hidden',
  sides_unsure: 'left and right not told apart',
  several_people: 'somebody else in view',
  not_following: 'in another pose than the instructor',
  paused: 'the video stood still',
  moving: 'moving between poses',
};

/** What took less time than this is not worth a row. */
const LEAST_S = 0.5;

/**
 * @param {Report} report
 * @returns {HTMLElement[]} none where no time passed
 */
export function silencesPart({ time }) {
  if (time.film_s <= 0) return [];
  const shares = /** @type {[string, number][]} */ ([
    ['judged', time.judged_s],
    ...Object.entries(time.silent_s ?? {}).map(([reason, s]) => [reasonName(reason), s]),
  ]);
  const rows = shares
    .filter(([, seconds]) => seconds >= LEAST_S)
    .map(([name, seconds]) =>
      make(
        'tr',
        '',
        scoped('row', name),
        make('td', '', barred(bar(seconds / time.film_s), moment(seconds, 0))),
      ),
    );
  return [part('time', 'What the coach saw', make('table', 'times', make('tbody', '', ...rows)))];
}

/** @param {string} reason */
function reasonName(reason) {
  return /** @type {Record<string, string>} */ (REASONS)[reason] ?? reason.replaceAll('_', ' ');
}
