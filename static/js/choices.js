// What the student chooses before the practice, in the selects of the first sheet.

import { byId } from './dom.js';

/** @typedef {import('./preferences.js').Preferences} Preferences */

/** @type {('strictness' | 'mirror' | 'tempo' | 'language')[]} */
const CHOICES = ['strictness', 'mirror', 'tempo', 'language'];

/** @type {('gestures' | 'listens')[]} */
const SWITCHES = ['gestures', 'listens'];

/** @param {string} name */
function selectOf(name) {
  return byId(`choice-${name}`, HTMLSelectElement);
}

/**
 * Shows what was chosen before, and tells of every change.
 * @param {Preferences} preferences
 * @param {(wish: Partial<Preferences>) => void} prefer
 */
export function offerChoices(preferences, prefer) {
  for (const name of CHOICES) {
    const select = selectOf(name);
    const chosen = preferences[name];
    if (chosen !== null) select.value = chosen;
    select.addEventListener('change', () => prefer({ [name]: select.value }));
  }
  for (const name of SWITCHES) {
    const box = byId(`choice-${name}`, HTMLInputElement);
    box.checked = preferences[name];
    box.addEventListener('change', () => prefer({ [name]: box.checked }));
  }
}

/**
 * Shows the side that a routine is followed on unless the student chooses another.
 * @param {import('./routines.js').Mirror} mirror
 */
export function suggestMirror(mirror) {
  selectOf('mirror').value = mirror;
}

/** The chosen language by its own name. */
export function languageName() {
  return selectOf('language').selectedOptions[0].text;
}
