// A routine while it is edited: what was saved, what has become of it, and what fits.

/** @typedef {import('./routines.js').Span} Span */
/** @typedef {Span & {title: string}} Named */
/**
 * All that is edited and saved as one.
 * @typedef {object} Content
 * @property {string} title
 * @property {import('./routines.js').Mirror} mirror
 * @property {import('./routines.js').Level | null} level
 * @property {Span[]} holds in order, apart
 * @property {Named[]} chapters in order
 */
/** @typedef {'holds' | 'chapters'} Lane */
/** @typedef {'start_s' | 'end_s'} Edge */

/** A shorter hold cannot be judged, and a shorter name not be read. */
export const SHORTEST_S = 0.3;
/** Ends this near belong together, and are moved as one. */
const TOUCHING_S = 0.02;

export class Draft extends EventTarget {
  /**
   * @param {Content} content
   * @param {number} duration_s
   */
  constructor(content, duration_s) {
    super();
    this.duration_s = duration_s;
    this.saved = structuredClone(content);
    this.now = structuredClone(content);
  }

  /** What differs from what was saved; null where nothing does. */
  get change() {
    /** @type {import('./routines.js').RoutineChange} */
    const change = {};
    const { now, saved } = this;
    if (now.title.trim() !== saved.title) change.title = now.title.trim();
    if (now.mirror !== saved.mirror) change.mirror = now.mirror;
    if (now.level !== saved.level) change.level = now.level;
    if (differs(now.holds, saved.holds)) change.holds = now.holds;
    if (differs(now.chapters, saved.chapters)) change.chapters = now.chapters;
    return Object.keys(change).length ? change : null;
  }

  /** What keeps it from being saved, as a sentence; empty where nothing does. */
  get fault() {
    if (!this.now.title.trim()) return 'The routine needs a title.';
    const nameless = this.now.chapters.findIndex(({ title }) => !title.trim());
    return nameless < 0 ? '' : `Pose ${nameless + 1} needs a name.`;
  }

  /** Goes back to what was saved. */
  discard() {
    this.now = structuredClone(this.saved);
    this.#tell();
  }

  /** @param {Partial<Pick<Content, 'title' | 'mirror' | 'level'>>} wish */
  set(wish) {
    Object.assign(this.now, wish);
    this.#tell();
  }

  /**
   * @param {number} index
   * @param {string} title
   */
  rename(index, title) {
    this.now.chapters[index].title = title;
    this.#tell();
  }

  /** @param {Named[]} chapters instead of all there are */
  setChapters(chapters) {
    const fit = chapters
      .map(({ start_s, end_s, title }) => ({
        start_s: round(start_s),
        end_s: round(Math.min(end_s, this.duration_s)),
        title,
      }))
      .filter(({ start_s, end_s }) => start_s < end_s);
    this.now.chapters = fit;
    this.#tell();
    return fit.length;
  }

  /**
   * Between which times an end may lie: within the film, apart from its own other end and from
   * the neighbours.
   * @param {Lane} lane
   * @param {number} index
   * @param {Edge} edge
   * @returns {[number, number]}
   */
  limits(lane, index, edge) {
    const spans = this.now[lane];
    const own = spans[index];
    const partner = this.#partner(lane, index, edge);
    if (edge === 'start_s') {
      const before = spans[index - 1];
      const least = partner ? before.start_s + SHORTEST_S : (before?.end_s ?? 0);
      return ordered(least, own.end_s - SHORTEST_S);
    }
    const after = spans[index + 1];
    const most = partner ? after.end_s - SHORTEST_S : (after?.start_s ?? this.duration_s);
    return ordered(own.start_s + SHORTEST_S, most);
  }

  /**
   * Moves an end as far as it may go.
   * @param {Lane} lane
   * @param {number} index
   * @param {Edge} edge
   * @param {number} t
   * @returns {number} where it is now
   */
  move(lane, index, edge, t) {
    const [least, most] = this.limits(lane, index, edge);
    const at = round(Math.min(most, Math.max(least, t)));
    const partner = this.#partner(lane, index, edge);
    if (partner) partner[edge === 'start_s' ? 'end_s' : 'start_s'] = at;
    this.now[lane][index][edge] = at;
    this.#tell();
    return at;
  }

  /**
   * The neighbour that shares an end. Names follow each other without a gap, so that moving where
   * one ends moves where the next begins; holds are each for itself.
   * @param {Lane} lane
   * @param {number} index
   * @param {Edge} edge
   * @returns {Span | undefined}
   */
  #partner(lane, index, edge) {
    if (lane === 'holds') return undefined;
    const spans = this.now[lane];
    const other = spans[edge === 'start_s' ? index - 1 : index + 1];
    const theirs = edge === 'start_s' ? other?.end_s : other?.start_s;
    const touches = theirs !== undefined && Math.abs(theirs - spans[index][edge]) < TOUCHING_S;
    return touches ? other : undefined;
  }

  /**
   * Puts a new one where there is room at `t`.
   * @param {Lane} lane
   * @param {number} t
   * @param {number} wish seconds it should last
   * @returns {number} its index; -1 where there is no room
   */
  add(lane, t, wish) {
    /** @type {Span[]} */
    const spans = this.now[lane];
    const start_s = round(t);
    const index = spans.filter((span) => span.start_s <= start_s).length;
    const before = spans[index - 1];
    const room = (spans[index]?.start_s ?? this.duration_s) - start_s;
    if (room < SHORTEST_S || (lane === 'holds' && before && before.end_s > start_s)) return -1;
    let end_s = round(start_s + Math.min(room, wish));
    // A name that is under way ends where the new one begins, which takes its rest.
    if (lane === 'chapters' && before && before.end_s > start_s) {
      if (start_s - before.start_s < SHORTEST_S || before.end_s - start_s < SHORTEST_S) return -1;
      end_s = before.end_s;
      before.end_s = start_s;
    }
    if (lane === 'holds') this.now.holds.splice(index, 0, { start_s, end_s });
    else this.now.chapters.splice(index, 0, { start_s, end_s, title: '' });
    this.#tell();
    return index;
  }

  /**
   * @param {Lane} lane
   * @param {number} index
   */
  remove(lane, index) {
    this.now[lane].splice(index, 1);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

/** @param {number} t to the millisecond */
function round(t) {
  return Math.round(t * 1000) / 1000;
}

/**
 * @param {number} least
 * @param {number} most
 * @returns {[number, number]}
 */
function ordered(least, most) {
  return [least, Math.max(least, most)];
}

/**
 * @param {object} a
 * @param {object} b
 */
function differs(a, b) {
  return JSON.stringify(a) !== JSON.stringify(b);
}

/**
 * The name of the pose that a hold is in: that which it shares most time with.
 * @param {Named[]} chapters
 * @param {Span} hold
 */
export function poseOf(chapters, { start_s, end_s }) {
  let most = 0;
  let name = '';
  for (const chapter of chapters) {
    const shared = Math.min(end_s, chapter.end_s) - Math.max(start_s, chapter.start_s);
    if (shared <= most) continue;
    most = shared;
    name = chapter.title;
  }
  return name;
}
