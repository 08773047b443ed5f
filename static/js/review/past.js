// The practices so far, by routine: what each came to, and the way into it.

import { duration } from '../clock.js';
import { make } from '../dom.js';
import { counted } from '../sentence.js';
import { day } from './dates.js';
import { linkButton, practicePage, reviewPage } from './parts.js';
import { progressTold } from './progress.js';
import { progressChart } from './progress_chart.js';
import { byRoutine } from './sessions.js';
import { bar } from './svg.js';
import { correctionsTold } from './verdict.js';

/** @typedef {import('./sessions.js').Practice} Practice */

/**
 * @param {Practice[]} practices newest first
 * @returns {Node[]}
 */
export function pastPractices(practices) {
  const head = make(
    'header',
    'masthead',
    make('h1', '', 'Practices'),
    make(
      'p',
      '',
      'What the coach saw, each time you practised. Open one to see where you were off.',
    ),
  );
  if (practices.length === 0) return [head, nothingYet()];
  return [head, ...byRoutine(practices).map(group)];
}

function nothingYet() {
  const notice = make('section', 'refusal');
  notice.append(
    make('h2', '', 'No practice yet'),
    make('p', 'soft', 'Once you have practised with the video running, it is listed here.'),
    make(
      'div',
      'refusal-ways',
      linkButton('Choose a routine', '/'),
      linkButton('Try the demo', '/practice?routine=demo&camera=demo-faults', 'button plain'),
    ),
  );
  return notice;
}

/**
 * @param {Practice[]} practices of one routine, newest first
 * @param {number} index
 */
function group(practices, index) {
  const [{ routine, title }] = practices;
  const heading = make('h2', '', title || 'Practice');
  heading.id = `routine-${index}`;
  const again = routine
    ? [linkButton('Practise again', practicePage(routine), 'button small plain')]
    : [];
  const section = make('section', 'part past', make('div', 'past-head', heading, ...again));
  section.setAttribute('aria-labelledby', heading.id);
  if (practices.filter(({ score }) => score !== null).length > 1) {
    const told = progressTold(practices);
    section.append(
      make('p', 'soft', told),
      make('figure', '', progressChart(practices.toReversed(), '', told)),
    );
  }
  section.append(make('ul', 'past-list', ...practices.map(row)));
  return section;
}

/** @param {Practice} practice */
function row({ session, began_at, film_s, score, reached, passed, raised, mended }) {
  const number = make('span', 'past-score', score === null ? '–' : String(score));
  const link = make('a', 'past-row');
  link.href = reviewPage(session);
  const facts = `${duration(film_s)} · ${reached} of ${counted(passed, 'pose')} held · `;
  link.append(
    make(
      'span',
      'past-number',
      number,
      make('span', 'soft', score === null ? 'no score' : 'of 100'),
    ),
    make(
      'span',
      'past-told',
      make('span', 'past-day', day(began_at)),
      make('span', 'soft', facts + correctionsTold(raised, mended)),
    ),
    bar((score ?? 0) / 100),
  );
  return make('li', '', link);
}
