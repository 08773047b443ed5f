// A comparison to look at: as one of many, and whole with its film.

import { ask, tellRefusal } from './ask.js';
import { day, duration, moment } from './clock.js';
import { pageOf, removeComparison } from './comparisons.js';
import { make } from './dom.js';
import { keep } from './downloads.js';
import { ErrorCurve } from './error_curve.js';
import { fetchErrors } from './errors_table.js';
import { sentence } from './sentence.js';

/** @typedef {import('./comparisons.js').Comparison} Comparison */

/** The film is shown from a little before what it is to show. */
const LEAD_S = 0.5;

/** @param {Comparison} comparison */
function facts({ created_at, duration_s, mean_error }) {
  const apart = mean_error === null ? '' : `${mean_error.toFixed(1)}° apart on average`;
  return [day(created_at), duration(duration_s), apart].filter(Boolean).join(' · ');
}

/**
 * @param {Comparison} comparison
 * @returns {HTMLLIElement}
 */
export function resultCard(comparison) {
  const poster = make('img', 'poster');
  poster.src = comparison.poster;
  poster.alt = '';
  poster.loading = 'lazy';
  poster.addEventListener('error', () => poster.classList.add('missing'));
  const link = make('a', 'result-card');
  link.href = pageOf(comparison.id);
  const [worst] = comparison.worst;
  link.append(
    make('span', 'frame', poster),
    make('span', 'title', comparison.title),
    make('span', 'length', facts(comparison)),
    make('span', 'result-worst', worst ? sentence(worst.text) : 'No deviation stands out.'),
  );
  return make('li', '', link);
}

/**
 * The whole of one.
 * @param {Comparison} comparison
 * @param {() => void} onRemoved
 * @returns {Node[]}
 */
export function wholeResult(comparison, onRemoved) {
  const film = make('video', '');
  Object.assign(film, {
    src: comparison.overlay,
    poster: comparison.poster,
    controls: true,
    playsInline: true,
    preload: 'auto',
  });
  film.id = 'overlay';
  film.ariaLabel = 'Instructor in blue and student in red, one over the other';
  const remove = make('button', 'button small plain', 'Delete…');
  remove.type = 'button';
  remove.addEventListener('click', () => void confirmRemoval(comparison, onRemoved));
  return [
    make(
      'header',
      'result-head',
      make('h1', '', comparison.title),
      make('p', 'soft', facts(comparison)),
    ),
    make('div', 'result-main', make('figure', 'result-film', film, caption()), curve(comparison, film)),
    make(
      'section',
      'result-side',
      make('h2', '', 'Where they part most'),
      worstList(comparison, film),
      make(
        'div',
        'result-files',
        keepButton(comparison.report, 'report.json', 'Whole report (JSON)'),
        keepButton(comparison.errors, 'errors.csv', 'Error of each frame (CSV)'),
        remove,
      ),
    ),
  ];
}

/**
 * The curve of errors, once its table is there.
 * @param {Comparison} comparison
 * @param {HTMLVideoElement} film
 */
function curve({ errors, duration_s, worst }, film) {
  const place = make('div', 'curve-place', make('p', 'soft', 'The curve is on its way.'));
  const fill = async () => {
    try {
      const table = await fetchErrors(errors);
      if (table.t.length === 0 || table.columns.size === 0) {
        place.replaceChildren(make('p', 'soft', 'Nothing could be compared, so there is no curve.'));
        return;
      }
      const marks = worst.map(({ t }) => t);
      place.replaceChildren(new ErrorCurve({ table, film, duration_s, worst: marks }).element);
    } catch (error) {
      const again = make('button', 'button small plain', 'Try again');
      again.type = 'button';
      again.addEventListener('click', () => void fill());
      const told = `The curve cannot be had. ${sentence(/** @type {Error} */ (error).message)}`;
      place.replaceChildren(make('p', 'soft', told), again);
    }
  };
  void fill();
  return place;
}

function caption() {
  const entries = [
    ['instructor', 'instructor'],
    ['student', 'student'],
    ['worst-mark', 'where they part most'],
  ];
  return make(
    'figcaption',
    'soft',
    ...entries.map(([swatch, name]) => make('span', '', make('span', `swatch ${swatch}`), name)),
  );
}

/**
 * @param {Comparison} comparison
 * @param {HTMLVideoElement} film
 */
function worstList({ worst }, film) {
  if (worst.length === 0) return make('p', 'soft', 'Nothing stands out: they move as one.');
  const items = worst.map(({ t, text, deviation_deg }) => {
    const button = make(
      'button',
      'worst',
      make('span', 'worst-time', moment(t, 0)),
      make('span', '', sentence(text).replace(/\.$/, '')),
      make('span', 'worst-size', `${Math.round(Math.abs(deviation_deg))}°`),
    );
    button.type = 'button';
    button.addEventListener('click', () => {
      film.pause();
      film.currentTime = Math.max(0, t - LEAD_S);
      film.scrollIntoView({ block: 'nearest' });
      void film.play().catch(() => undefined);
    });
    return make('li', '', button);
  });
  return make('ol', 'worst-list', ...items);
}

/**
 * @param {string} address
 * @param {string} name
 * @param {string} label
 */
function keepButton(address, name, label) {
  const button = make('button', 'button small plain', label);
  button.type = 'button';
  button.addEventListener('click', () => void keep(address, name));
  return button;
}

/**
 * @param {Comparison} comparison
 * @param {() => void} onRemoved
 */
async function confirmRemoval({ id, title }, onRemoved) {
  const sure = await ask({
    title: `Delete “${title}”?`,
    text: 'The film and its figures are removed for good. The routine and its film stay.',
    yes: 'Delete',
    no: 'Keep it',
    grave: true,
  });
  if (!sure) return;
  try {
    await removeComparison(id);
    onRemoved();
  } catch (error) {
    await tellRefusal(/** @type {Error} */ (error));
  }
}
