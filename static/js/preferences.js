// What this browser remembers of its user's wishes.

/**
 * @typedef {object} Preferences
 * @property {boolean} muted
 * @property {'gentle' | 'default' | 'strict'} strictness
 * @property {import('./routines.js').Mirror | null} mirror null where it was never chosen: the
 *   routine's own then holds
 * @property {'video' | 'free'} tempo
 * @property {'en' | 'de' | 'es' | 'hi' | 'zh'} language of the cues
 * @property {'side' | 'inset' | 'over' | 'figures'} view how student and instructor are seen:
 *   beside each other, oneself in a corner, the instructor's pose over one's own picture, or both
 *   as figures in space
 * @property {boolean} gestures whether raised and crossed arms mean something
 * @property {boolean} listens whether the page takes spoken commands
 */

const KEY = 'practice-preferences';

/** @type {Preferences['strictness'][]} */
const STRICTNESSES = ['gentle', 'default', 'strict'];
/** @type {import('./routines.js').Mirror[]} */
const MIRRORS = ['same', 'mirrored', 'auto'];
/** @type {Preferences['tempo'][]} */
const TEMPOS = ['video', 'free'];
/** @type {Preferences['language'][]} */
const LANGUAGES = ['en', 'de', 'es', 'hi', 'zh'];

/** @type {Preferences['view'][]} */
export const VIEWS = ['side', 'inset', 'over', 'figures'];

/** @returns {Preferences} what was kept, or the default where nothing usable was */
export function loadPreferences() {
  const { muted, strictness, mirror, tempo, language, view, gestures, listens } = kept();
  return {
    muted: muted === true,
    strictness: STRICTNESSES.find((name) => name === strictness) ?? 'default',
    mirror: MIRRORS.find((name) => name === mirror) ?? null,
    tempo: TEMPOS.find((name) => name === tempo) ?? 'video',
    language: LANGUAGES.find((name) => name === language) ?? 'en',
    view: VIEWS.find((name) => name === view) ?? 'side',
    gestures: gestures !== false,
    listens: listens === true,
  };
}

/** @returns {Record<string, unknown>} */
function kept() {
  try {
    return Object(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    return {};
  }
}

/** @param {Preferences} preferences */
export function savePreferences(preferences) {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing forgets the wish with the page.
  }
}

/** The rendered student goes with the film, on the instructor's own sides, whoever watches. */
const FILM_FOLLOWS = /** @type {const} */ ({ mirror: 'same', tempo: 'video' });

/**
 * What the coach has to know of them.
 * @param {Preferences} preferences
 * @param {import('./routines.js').Mirror} routineMirror how the routine is followed unless the
 *   student chooses
 * @param {boolean} isFilm whether the student is a film
 */
export function wishOf({ strictness, mirror, tempo, language }, routineMirror, isFilm) {
  const own = { mirror: mirror ?? routineMirror, tempo };
  return { strictness, language, ...(isFilm ? FILM_FOLLOWS : own) };
}
