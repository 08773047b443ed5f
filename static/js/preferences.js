// What this browser remembers of its user's wishes.

/**
 * @typedef {object} Preferences
 * @property {boolean} muted
 * @property {'gentle' | 'default' | 'strict'} strictness
 * @property {'same' | 'mirrored' | 'auto'} mirror
 */

const KEY = 'practice-preferences';

/** @type {Preferences} */
const DEFAULTS = { muted: false, strictness: 'default', mirror: 'same' };

/** @returns {Preferences} */
export function loadPreferences() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return { ...DEFAULTS };
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
