// Names of the poses of routines: looked up once somebody searches for them.

import { fetchChapters } from './chapters.js';

/** @typedef {import('./routines.js').RoutineSummary} RoutineSummary */

/** So many at once; the rest wait. */
const AT_ONCE = 3;

export class PoseNames {
  /** @type {Map<string, string[]>} by the routine's id */
  #names = new Map();

  /** @param {() => void} onMore told when more are known */
  constructor(onMore) {
    this.onMore = onMore;
  }

  /** As far as they are known. @param {string} id */
  of(id) {
    return this.#names.get(id) ?? [];
  }

  /**
   * Looks up those that are not known yet.
   * @param {RoutineSummary[]} routines
   */
  async find(routines) {
    const missing = routines.filter(({ id }) => !this.#names.has(id));
    for (const { id } of missing) this.#names.set(id, []);
    const next = async () => {
      for (let one = missing.shift(); one; one = missing.shift()) {
        const chapters = await fetchChapters(one.chapters);
        this.#names.set(one.id, [...new Set(chapters.map(({ title }) => title))]);
        this.onMore();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  /** Forgets them all: routines have changed. */
  forget() {
    this.#names.clear();
  }
}
