// The practices so far, as the server lists them.

import { fetchJson } from '../routines.js';

/**
 * @typedef {object} Practice
 * @property {string} session
 * @property {string} routine
 * @property {string} title
 * @property {string} began_at
 * @property {number} film_s
 * @property {number | null} score
 * @property {number} passed
 * @property {number} reached
 * @property {number} raised
 * @property {number} mended
 */

/**
 * @param {string} [routine] of all of them where there is none
 * @returns {Promise<Practice[]>} newest first
 */
export async function listPractices(routine) {
  const wish = routine ? `?routine=${encodeURIComponent(routine)}` : '';
  const answer = await fetchJson(`/api/sessions${wish}`);
  return /** @type {{sessions?: Practice[]}} */ (answer).sessions ?? [];
}

/**
 * By routine, the one practised last first.
 * @param {Practice[]} practices newest first
 * @returns {Practice[][]}
 */
export function byRoutine(practices) {
  /** @type {Map<string, Practice[]>} */
  const groups = new Map();
  for (const each of practices) {
    const key = each.routine || each.title;
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}

/**
 * The practice before another one, that a score can be held against.
 * @param {Practice[]} practices newest first
 * @param {string} beganAt of the other
 */
export function practiceBefore(practices, beganAt) {
  const moment = Date.parse(beganAt);
  return (
    practices.find((each) => Date.parse(each.began_at) < moment && each.score !== null) ?? null
  );
}
