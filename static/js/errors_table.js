// `errors.csv`: how far apart two people are, a row for each frame of the student's film.

import { outOfReach, refusalOf } from './routines.js';

/**
 * @typedef {object} ErrorsTable
 * @property {Float32Array} t seconds in the student's film, rising
 * @property {Map<string, Float32Array>} columns degrees by the angle's name, student minus
 *   instructor; NaN where somebody is not seen
 */

const ANGLE = /^(.+)_deg$/;

/**
 * @param {string} csv
 * @returns {ErrorsTable} without rows where the text is no such table
 */
export function readErrors(csv) {
  const [head = '', ...lines] = csv.trimEnd().split('\n');
  const names = head.split(',');
  const at = names.indexOf('t');
  const rows = at < 0 ? [] : lines;
  const t = new Float32Array(rows.length);
  /** @type {[column: number, values: Float32Array][]} */
  const wanted = [];
  /** @type {Map<string, Float32Array>} */
  const columns = new Map();
  names.forEach((name, column) => {
    const angle = ANGLE.exec(name)?.[1];
    if (!angle) return;
    const values = new Float32Array(rows.length);
    columns.set(angle, values);
    wanted.push([column, values]);
  });
  rows.forEach((line, row) => {
    const cells = line.split(',');
    t[row] = Number(cells[at]);
    for (const [column, values] of wanted) {
      values[row] = cells[column] ? Number(cells[column]) : Number.NaN;
    }
  });
  return { t, columns };
}

/**
 * @param {string} address
 * @returns {Promise<ErrorsTable>} rejects with a ServerRefusal
 */
export async function fetchErrors(address) {
  const answer = await fetch(address).catch(() => {
    throw outOfReach();
  });
  if (!answer.ok) throw refusalOf(answer.status, await answer.json().catch(() => null));
  return readErrors(await answer.text());
}
