// The routine's chapters: which pose it is, how far on, and what comes next.

/** @typedef {{start: number, end: number, title: string}} Chapter seconds on the routine's clock */

const TIMING = /^(?:(\d+):)?(\d{1,2}):(\d{2}\.\d{3})\s+-->\s+(?:(\d+):)?(\d{1,2}):(\d{2}\.\d{3})/;

/**
 * Reads the cues of a WebVTT file; whatever else it holds is passed over.
 * @param {string} vtt
 * @returns {Chapter[]}
 */
export function readChapters(vtt) {
  const chapters = [];
  for (const block of vtt.replaceAll('\r', '').split(/\n{2,}/)) {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => TIMING.test(line));
    if (at < 0) continue;
    const parts = /** @type {RegExpExecArray} */ (TIMING.exec(lines[at]));
    const title = lines.slice(at + 1).join(' ').replaceAll(/<[^>]*>/g, '').trim();
    chapters.push({
      start: seconds(parts[1], parts[2], parts[3]),
      end: seconds(parts[4], parts[5], parts[6]),
      title,
    });
  }
  return chapters.sort((a, b) => a.start - b.start);
}

/**
 * @param {string | undefined} hours
 * @param {string} minutes
 * @param {string} rest
 */
function seconds(hours, minutes, rest) {
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest);
}

/** Who is further into a chapter than this means its beginning by "back". */
const SETTLED_S = 2;

/**
 * The chapter under way; between two, the one that comes.
 * @param {Chapter[]} chapters ordered by start
 * @param {number} t routine seconds
 * @returns {Chapter | null}
 */
export function chapterAt(chapters, t) {
  return chapters.find(({ end }) => t < end) ?? chapters.at(-1) ?? null;
}

/**
 * The chapter to go to: the next one, or back to the beginning of this one, then to the one before.
 * @param {Chapter[]} chapters ordered by start
 * @param {number} t routine seconds
 * @param {1 | -1} way
 * @returns {Chapter | null} null where there is none that way
 */
export function chapterBeside(chapters, t, way) {
  if (way > 0) return chapters.find(({ start }) => start > t) ?? null;
  return chapters.findLast(({ start }) => start < t - SETTLED_S) ?? chapters[0] ?? null;
}

/** @typedef {{start_s: number, end_s: number}} Hold seconds on the routine's clock */
/**
 * @typedef {object} Place
 * @property {string} title of the chapter under way; empty between chapters
 * @property {number} progress 0..1 within the hold under way; 0 on the way into one
 * @property {Hold | null} hold the one under way
 * @property {number | null} holdLeftS seconds the hold still lasts; null outside a hold
 * @property {string} next title of the chapter that follows; empty at the end
 */

/**
 * @param {Chapter[]} chapters ordered by start
 * @param {Hold[]} holds
 * @param {number} t routine seconds
 * @returns {Place}
 */
export function placeAt(chapters, holds, t) {
  const now = chapters.find(({ start, end }) => start <= t && t < end);
  const next = chapters.find(({ start }) => start > t);
  const hold = holds.find(({ start_s, end_s }) => start_s <= t && t < end_s);
  return {
    title: shortTitle(now?.title ?? ''),
    progress: hold ? (t - hold.start_s) / (hold.end_s - hold.start_s) : 0,
    hold: hold ?? null,
    holdLeftS: hold ? hold.end_s - t : null,
    next: shortTitle(next?.title ?? ''),
  };
}

/**
 * A title without the other name that stands behind it in brackets: from three metres, one is
 * enough.
 * @param {string} title
 */
export function shortTitle(title) {
  return title.replace(/\s*\([^)]*\)$/, '');
}

/**
 * @param {string} address
 * @returns {Promise<Chapter[]>} none where they cannot be had: the practice does without
 */
export async function fetchChapters(address) {
  try {
    const answer = await fetch(address);
    return answer.ok ? readChapters(await answer.text()) : [];
  } catch {
    return [];
  }
}
