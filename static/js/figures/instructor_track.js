// The instructor in space, at any moment of the routine.

import { JOINTS, emptyJoints } from './skeleton.js';

const NUMBERS = 3 * JOINTS;
/** What stands for a number in a row of nobody. */
const NOBODY = -32768;
const MM = 1000;
const ROWS_PER_SECOND = 15;

export class InstructorTrack {
  #rows;
  #rate;
  #count;
  #now = emptyJoints();

  /**
   * @param {Int16Array} rows millimetres, 51 numbers a row
   * @param {number} rate rows a second
   */
  constructor(rows, rate) {
    this.#rows = rows;
    this.#rate = rate;
    this.#count = Math.floor(rows.length / NUMBERS);
  }

  /**
   * The track of a routine, or null where it cannot be had: the page does without.
   * @param {string} routineId
   * @returns {Promise<InstructorTrack | null>}
   */
  static async fetch(routineId) {
    try {
      const answer = await fetch(`/api/routines/${encodeURIComponent(routineId)}/figures`);
      if (!answer.ok) return null;
      const bytes = await answer.arrayBuffer();
      if (bytes.byteLength === 0 || bytes.byteLength % (2 * NUMBERS) !== 0) return null;
      const rate = Number(answer.headers.get('X-Rows-Per-Second')) || ROWS_PER_SECOND;
      return new InstructorTrack(littleEndian(bytes), rate);
    } catch {
      return null;
    }
  }

  /**
   * The pose then, between the rows on either side; the first or last one outside of them. The
   * array is the same at each call.
   * @param {number} t routine seconds
   * @returns {Float32Array | null} 51 numbers in metres; null where nobody is there
   */
  at(t) {
    const place = Math.min(this.#count - 1, Math.max(0, t * this.#rate));
    if (Number.isNaN(place)) return null;
    const before = Math.floor(place);
    const after = Math.min(before + 1, this.#count - 1);
    let share = place - before;
    if (this.#isNobody(after)) share = share < 0.5 ? 0 : 1;
    else if (this.#isNobody(before)) share = share > 0.5 ? 1 : 0;
    if (this.#isNobody(share === 1 ? after : before)) return null;
    for (let index = 0; index < NUMBERS; index += 1) {
      const from = this.#rows[before * NUMBERS + index];
      const to = this.#rows[after * NUMBERS + index];
      this.#now[index] = (share === 1 ? to : from + (to - from) * share) / MM;
    }
    return this.#now;
  }

  /** @param {number} row */
  #isNobody(row) {
    return this.#rows[row * NUMBERS] === NOBODY;
  }
}

/** @param {ArrayBuffer} bytes */
function littleEndian(bytes) {
  const view = new DataView(bytes);
  const numbers = new Int16Array(bytes.byteLength / 2);
  for (let index = 0; index < numbers.length; index += 1) {
    numbers[index] = view.getInt16(2 * index, true);
  }
  return numbers;
}
