// From thousands of rows to a curve that can be drawn: pure.

/**
 * Of each angle one value a row, or the largest of all of them.
 * @typedef {object} Series
 * @property {Float32Array} size degrees, never negative; NaN where nobody knows
 * @property {(row: number) => string} angleAt which angle the size at a row is of
 */
/** @typedef {{from: number, to: number, size: number}} Point seconds, degrees; NaN for a gap */

/**
 * @param {import('./errors_table.js').ErrorsTable} table
 * @param {string} angle empty for the largest of all
 * @returns {Series}
 */
export function seriesOf({ t, columns }, angle) {
  const chosen = [...columns].filter(([name]) => !angle || name === angle);
  const size = new Float32Array(t.length).fill(Number.NaN);
  const which = new Uint8Array(t.length);
  chosen.forEach(([, values], index) => {
    for (let row = 0; row < t.length; row += 1) {
      const own = Math.abs(values[row]);
      // Written so that the first known value beats what is not known.
      if (own >= 0 && !(own <= size[row])) {
        size[row] = own;
        which[row] = index;
      }
    }
  });
  return { size, angleAt: (row) => chosen[which[row]]?.[0] ?? angle };
}

/**
 * At most so many points, each the largest of its stretch: no peak is lost. Stretches without a
 * frame are left out; those in which nobody is seen are gaps.
 * @param {Float32Array} t rising
 * @param {Float32Array} size
 * @param {number} duration_s
 * @param {number} most
 * @returns {Point[]}
 */
export function thinned(t, size, duration_s, most) {
  const count = Math.max(1, Math.min(Math.floor(most), t.length));
  const each = duration_s / count;
  /** @type {Point[]} */
  const points = [];
  let last = -1;
  t.forEach((at, row) => {
    const index = Math.min(count - 1, Math.max(0, Math.floor(at / each)));
    if (index > last) {
      points.push({ from: index * each, to: (index + 1) * each, size: Number.NaN });
      last = index;
    }
    const point = /** @type {Point} */ (points.at(-1));
    if (size[row] >= 0 && !(size[row] <= point.size)) point.size = size[row];
  });
  return points;
}

/**
 * The row that is nearest to a time; -1 where there are none.
 * @param {Float32Array} t rising
 * @param {number} at
 */
export function rowAt(t, at) {
  let low = 0;
  let high = t.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - t[low - 1] < t[low] - at ? low - 1 : high;
}

/** @param {Float32Array} size */
export function largest(size) {
  return size.reduce((most, one) => (one > most ? one : most), 0);
}

/**
 * Marks of a scale from 0 on, at most so many.
 * @param {number} end
 * @param {number[]} steps that read well, rising
 * @param {number} most
 */
export function ticks(end, steps, most) {
  const step = steps.find((one) => end / one <= most) ?? end / most;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}
