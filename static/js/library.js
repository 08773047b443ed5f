// The library page: choose a routine.

import { duration } from './clock.js';
import { byId, make } from './dom.js';
import { ServerRefusal, listRoutines } from './routines.js';

/** @typedef {import('./routines.js').RoutineSummary} RoutineSummary */

const list = byId('routines', HTMLUListElement);
const notice = byId('notice', HTMLElement);

/** @param {RoutineSummary} routine */
function card(routine) {
  const poster = make('img', 'poster');
  poster.src = routine.poster;
  poster.alt = '';
  poster.loading = 'lazy';
  poster.addEventListener('error', () => poster.classList.add('missing'));
  const link = make('a', 'card');
  link.href = `/practice?routine=${encodeURIComponent(routine.id)}`;
  link.append(
    make('span', 'frame', poster),
    make('span', 'title', routine.title),
    make('span', 'length', duration(routine.duration_s)),
  );
  return make('li', '', link);
}

/**
 * @param {string} title
 * @param {string} text
 * @param {boolean} retry
 */
function tell(title, text, retry) {
  notice.replaceChildren(make('h2', '', title), make('p', '', text));
  if (retry) {
    const again = make('button', 'button', 'Try again');
    again.type = 'button';
    again.addEventListener('click', () => void fill());
    notice.append(again);
  }
  notice.hidden = false;
}

async function fill() {
  notice.hidden = true;
  list.setAttribute('aria-busy', 'true');
  try {
    const routines = await listRoutines();
    list.replaceChildren(...routines.map(card));
    if (routines.length === 0) {
      tell(
        'No routine yet',
        'Make one from any film of an instructor: ./coach prepare FILM.mp4, then reload this page.',
        false,
      );
    }
  } catch (error) {
    const { message, hint } = /** @type {ServerRefusal} */ (error);
    list.replaceChildren();
    tell(message, hint, true);
  } finally {
    list.removeAttribute('aria-busy');
  }
}

void fill();
