// What this browser keeps of its user, as it is kept.

import { unfinished } from './unfinished.js';

/** @type {Record<string, string>} what an entry is for, by its key */
const MEANINGS = {
  'practice-preferences': 'How you like to practise',
  'practice-camera': 'Which camera you use, by the browser’s own id for it',
  'library-order': 'How the library is ordered',
  'unfinished-practice': 'Where your practice is, for a minute after this window leaves it',
};

/**
 * @typedef {object} Entry
 * @property {string} key
 * @property {string} meaning
 * @property {string} value as it is kept
 */

/** @returns {Entry[]} nothing where the browser keeps nothing */
export function keptHere() {
  unfinished(); // forgets what is too old
  try {
    return [localStorage, sessionStorage].flatMap((storage) =>
      Object.keys(storage)
        .sort()
        .map((key) => ({
          key,
          meaning: MEANINGS[key] ?? key,
          value: storage.getItem(key) ?? '',
        })),
    );
  } catch {
    return [];
  }
}

/** Forgets all of it. */
export function forgetAll() {
  try {
    localStorage.clear();
    sessionStorage.clear();
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
