// A routine on the wall: its picture, what it is, what is wrong with its film, what can be done.

import { ago } from './ago.js';
import { ask, askText, tellRefusal } from './ask.js';
import { menu } from './card_menu.js';
import { duration, moment } from './clock.js';
import { make, setText } from './dom.js';
import { keep } from './downloads.js';
import { TRACK_FORMATS, changeRoutine, holdsOf, removeRoutine, routineFile } from './routines.js';
import { counted, sentence } from './sentence.js';

/** @typedef {import('./routines.js').RoutineSummary} RoutineSummary */

const LONGEST_TITLE = 200;

/** @type {Record<import('./routines.js').Level, string>} */
const LEVELS = { beginner: 'Beginner', intermediate: 'Intermediate', advanced: 'Advanced' };

export class RoutineCard {
  #pose = make('span', 'pose');

  /**
   * @param {RoutineSummary} routine
   * @param {() => void} onChange told when the library is no longer what it was
   */
  constructor(routine, onChange) {
    const poster = make('img', 'poster');
    poster.src = routine.poster;
    poster.alt = '';
    poster.loading = 'lazy';
    poster.addEventListener('error', () => poster.classList.add('missing'));
    const link = make('a', 'card');
    link.href = pageOf('practice', routine);
    link.append(
      make('span', 'frame', poster),
      make('span', 'title', routine.title),
      make('span', 'facts', ...level(routine), make('span', 'length', facts(routine))),
      ...practised(routine),
      this.#pose,
    );
    const more = menu(routine.title, () => choices(routine, onChange));
    this.element = make('li', 'routine', link, more);
    const { warnings = [] } = routine;
    if (warnings.length) this.element.append(caution(routine, warnings));
    this.showPose('');
  }

  /**
   * Says by which of its poses the routine was found.
   * @param {string} pose empty where it was not
   */
  showPose(pose) {
    setText(this.#pose, pose && `With ${pose}`);
    this.#pose.hidden = !pose;
  }
}

/** @param {RoutineSummary} routine */
function level({ level: name }) {
  if (!name) return [];
  const badge = make('span', 'level', LEVELS[name] ?? name);
  badge.dataset.level = name;
  return [badge];
}

/** @param {RoutineSummary} routine */
function practised({ practised_at }) {
  // A server that does not say is no server that says never.
  if (practised_at === undefined) return [];
  const since = practised_at && ago(practised_at);
  return [make('span', 'practised', since ? `Last practised ${since}` : 'Not practised yet')];
}

/**
 * @param {'practice' | 'review' | 'edit' | 'compare'} page
 * @param {RoutineSummary} routine
 */
function pageOf(page, { id }) {
  return `/${page}?routine=${encodeURIComponent(id)}`;
}

/** @param {RoutineSummary} routine */
function facts(routine) {
  const holds = holdsOf(routine).length;
  const length = duration(routine.duration_s);
  return holds ? `${length} · ${counted(holds, 'hold')}` : length;
}

/**
 * The first warning whole, the others counted; leads to where all of them stand.
 * @param {RoutineSummary} routine
 * @param {import('./routines.js').FilmWarning[]} warnings
 */
function caution(routine, [first, ...others]) {
  const [span] = first.spans;
  const at = span ? ` (at ${moment(span.start_s, 0)})` : '';
  const more = others.length ? `, and ${others.length} more` : '';
  const link = make('a', 'caution', sentence(first.message).replace(/\.$/, ''), `${at}${more}`);
  link.href = `${pageOf('edit', routine)}#warnings`;
  return link;
}

/**
 * @param {RoutineSummary} routine
 * @param {() => void} onChange
 * @returns {(import('./card_menu.js').Choice | HTMLElement)[]}
 */
function choices(routine, onChange) {
  return [
    { label: 'Practise', href: pageOf('practice', routine) },
    { label: 'Past practices', href: pageOf('review', routine) },
    { label: 'Edit', href: pageOf('edit', routine) },
    { label: 'Compare a film with it', href: pageOf('compare', routine) },
    { label: 'Rename…', press: () => void rename(routine, onChange) },
    { label: 'Export the routine', href: routineFile(routine.id, 'export'), file: true },
    tracks(routine),
    { label: 'Delete…', grave: true, press: () => void remove(routine, onChange) },
  ];
}

/** @param {RoutineSummary} routine */
function tracks({ id, title }) {
  const name = make('span', 'menu-name', 'Joint track as');
  const buttons = TRACK_FORMATS.map((format) => {
    const button = make('button', 'chip', format === 'npz' ? format : format.toUpperCase());
    button.type = 'button';
    button.setAttribute('aria-label', `Joint track as ${format}`);
    button.addEventListener('click', () => {
      button.closest('details')?.removeAttribute('open');
      void keep(routineFile(id, `track.${format}`), `${title}.${format}`);
    });
    return button;
  });
  return make('div', 'menu-group', name, make('div', 'chips', ...buttons));
}

/**
 * @param {RoutineSummary} routine
 * @param {() => void} onChange
 */
async function rename({ id, title }, onChange) {
  const wish = { title: 'Rename', label: 'Title', value: title, yes: 'Rename' };
  const given = await askText({ ...wish, longest: LONGEST_TITLE });
  if (given === null || given === title) return;
  await attempt(() => changeRoutine(id, { title: given }), onChange);
}

/**
 * @param {RoutineSummary} routine
 * @param {() => void} onChange
 */
async function remove({ id, title }, onChange) {
  const sure = await ask({
    title: `Delete “${title}”?`,
    text: 'Its film and everything made of it are removed for good.',
    yes: 'Delete',
    no: 'Keep it',
    grave: true,
  });
  if (sure) await attempt(() => removeRoutine(id), onChange);
}

/**
 * @param {() => Promise<unknown>} act
 * @param {() => void} onChange
 */
async function attempt(act, onChange) {
  try {
    await act();
  } catch (error) {
    await tellRefusal(/** @type {Error} */ (error));
  }
  onChange();
}
