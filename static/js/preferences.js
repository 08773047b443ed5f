// What this browser remembers of its user's wishes.

/**
 * @typedef {object} Preferences
 * @property {boolean} muted
 * @property {'gentle' | 'default' | 'strict'} strictness
 * @property {import('./routines.js').Mirror | null} mirror null where it was never chosen: the
 *   routine's own then holds
 * @property {'video' | 'free'} tempo
 * @property {'en' | 'de' | 'es' | 'hi' | 'zh'} language of the cues
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

/** @returns {Preferences} what was kept, or the default where nothing usable was */
export function loadPreferences() {
  const { muted, strictness, mirror, tempo, language } = kept();
  return {
    muted: muted === true,
    strictness: STRICTNESSES.find((name) => name === strictness) ?? 'default',
    mirror: MIRRORS.find((name) => name === mirror) ?? null,
    tempo: TEMPOS.find((name) => name === tempo) ?? 'video',
    language: LANGUAGES.find((name) => name === language) ?? 'en',
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
