// Which routines are wanted, and in which order: pure, so that it is instant.

/** @typedef {import('./routines.js').RoutineSummary} RoutineSummary */
/** @typedef {'practised' | 'title' | 'newest'} Order */
/**
 * @typedef {object} Wish
 * @property {string} text words that all have to be found
 * @property {string} level empty for any
 * @property {Order} order
 */
/**
 * @typedef {object} Match
 * @property {RoutineSummary} routine
 * @property {string} pose the pose by which it was found; empty where its title or level says it
 */

/** @type {Order[]} */
export const ORDERS = ['practised', 'title', 'newest'];

const BY_TITLE = new Intl.Collator('en-GB', { numeric: true, sensitivity: 'base' });

/**
 * As it is compared: no capitals, no accents.
 * @param {string} text
 */
function folded(text) {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase();
}

/**
 * @param {RoutineSummary[]} routines
 * @param {Wish} wish
 * @param {(id: string) => string[]} posesOf names of a routine's poses, as far as they are known
 * @returns {Match[]} in the order that is wished
 */
export function matching(routines, { text, level, order }, posesOf) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  return routines
    .filter((routine) => !level || routine.level === level)
    .map((routine) => found(routine, words, posesOf(routine.id)))
    .filter((match) => match !== null)
    .sort((a, b) => COMPARE[order](a.routine, b.routine));
}

/**
 * @param {RoutineSummary} routine
 * @param {string[]} words
 * @param {string[]} poses
 * @returns {Match | null}
 */
function found(routine, words, poses) {
  const own = folded(`${routine.title} ${routine.level ?? ''}`);
  const missing = words.filter((word) => !own.includes(word));
  if (missing.length === 0) return { routine, pose: '' };
  const pose = poses.find((name) => missing.every((word) => folded(name).includes(word)));
  return pose === undefined ? null : { routine, pose };
}

/** @param {string | null | undefined} iso */
function time(iso) {
  return Date.parse(iso ?? '') || 0;
}

/** @type {Record<Order, (a: RoutineSummary, b: RoutineSummary) => number>} */
const COMPARE = {
  title: (a, b) => BY_TITLE.compare(a.title, b.title),
  newest: (a, b) => time(b.created_at) - time(a.created_at) || COMPARE.title(a, b),
  practised: (a, b) => time(b.practised_at) - time(a.practised_at) || COMPARE.newest(a, b),
};
