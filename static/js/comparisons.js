// Comparisons of two films, as the server keeps them.

import { fetchJson } from './routines.js';

/**
 * One of the largest deviations. `t` is in the student's film, `routine_t` in the instructor's.
 * @typedef {object} Deviation
 * @property {string} joint
 * @property {string} side
 * @property {number} deviation_deg
 * @property {number} t
 * @property {number} routine_t
 * @property {string} text
 */
/**
 * @typedef {object} Comparison
 * @property {string} id
 * @property {string} title
 * @property {string} created_at ISO 8601
 * @property {number} duration_s
 * @property {string} overlay address of the film
 * @property {string} report address of the whole as JSON
 * @property {string} errors address of the table
 * @property {string} poster address of a picture
 * @property {Deviation[]} worst
 * @property {number | null} mean_error degrees, of what was judged; null where nothing was
 */

const ALL = '/api/comparisons';

/** @param {string} id */
function addressOf(id) {
  return `${ALL}/${encodeURIComponent(id)}`;
}

/** @returns {Promise<Comparison[]>} */
export async function listComparisons() {
  const answer = /** @type {{comparisons?: Comparison[]}} */ (await fetchJson(ALL));
  return answer.comparisons ?? [];
}

/** @param {string} id */
export async function getComparison(id) {
  return /** @type {Comparison} */ (await fetchJson(addressOf(id)));
}

/** @param {string} id */
export async function removeComparison(id) {
  await fetchJson(addressOf(id), { method: 'DELETE' });
}

/** @param {string} id */
export function pageOf(id) {
  return `/compare?id=${encodeURIComponent(id)}`;
}
