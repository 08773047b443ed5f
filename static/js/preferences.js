// What this browser remembers of its user's wishes.

/**
 * @typedef {object} Preferences
 * @property {boolean} muted
 * @property {'gentle' | 'default' | 'strict'} strictness
 * @property {'same' | 'mirrored'} mirror
 */

const KEY = 'practice-preferences';

/** @type {Preferences['strictness'][]} */
const STRICTNESSES = ['gentle', 'default', 'strict'];
/** @type {Preferences['mirror'][]} */
const MIRRORS = ['same', 'mirrored'];

/** @returns {Preferences} what was kept, or the default where nothing usable was */
export function loadPreferences() {
  const { muted, strictness, mirror } = kept();
  return {
    muted: muted === true,
    strictness: STRICTNESSES.find((name) => name === strictness) ?? 'default',
    mirror: MIRRORS.find((name) => name === mirror) ?? 'same',
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
