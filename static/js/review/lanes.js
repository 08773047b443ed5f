// Each joint over the time of a practice: how far it was off, in levels that have shapes.

/** @typedef {import('./report.js').Report} Report */
/**
 * @typedef {object} Lane
 * @property {string} joint by the name of the wire; empty where it stands for all of them
 * @property {string} name
 * @property {(number | null)[]} excess how many times what is tolerated, for each row of time
 */
/** @typedef {'within' | 'beyond' | 'far'} Level */
/** @typedef {{level: Level, from: number, to: number}} Stretch rows: `to` is the first behind it */
/**
 * @typedef {object} Tally shares of the time judged
 * @property {number} judged rows
 * @property {number} within
 * @property {number} beyond
 * @property {number} far
 * @property {{row: number, excess: number} | null} furthest
 */

/** From this multiple of what is tolerated on a joint is far off. */
export const FAR = 1.5;

/** From the head down, the left one of two first. */
const JOINTS = [
  ['neck', 'Head'],
  ['left_shoulder', 'Left arm'],
  ['right_shoulder', 'Right arm'],
  ['left_elbow', 'Left elbow'],
  ['right_elbow', 'Right elbow'],
  ['trunk', 'Trunk'],
  ['left_hip', 'Left thigh'],
  ['right_hip', 'Right thigh'],
  ['left_knee', 'Left knee'],
  ['right_knee', 'Right knee'],
];

const NAMES = new Map(JOINTS.map(([joint, name]) => [joint, name]));

/**
 * What a joint is called among people.
 * @param {string} joint by the name of the wire
 */
export function jointName(joint) {
  return NAMES.get(joint) ?? joint.replaceAll('_', ' ');
}

/**
 * A lane for each joint; one for whatever was furthest off where the report tells no more.
 * @param {Report} report
 * @returns {Lane[]}
 */
export function lanesOf({ timeline }) {
  const { joints = {} } = timeline;
  const known = [...JOINTS.map(([joint]) => joint), ...Object.keys(joints)];
  const lanes = [...new Set(known)]
    .filter((joint) => joints[joint])
    .map((joint) => ({ joint, name: jointName(joint), excess: joints[joint] }));
  if (lanes.length) return lanes;
  return [{ joint: '', name: 'Furthest off', excess: timeline.excess }];
}

/**
 * @param {number | null | undefined} excess
 * @returns {Level | null} null where nothing was judged
 */
export function levelOf(excess) {
  if (excess === null || excess === undefined) return null;
  if (excess < 1) return 'within';
  return excess < FAR ? 'beyond' : 'far';
}

/**
 * Rows that follow one another on the same level, as one.
 * @param {(number | null)[]} excess
 * @param {(row: number) => boolean} follows whether a row follows the one before without a gap
 * @returns {Stretch[]}
 */
export function stretchesOf(excess, follows) {
  /** @type {Stretch[]} */
  const found = [];
  excess.forEach((value, row) => {
    const level = levelOf(value);
    if (!level) return;
    const last = found.at(-1);
    if (last && last.to === row && last.level === level && follows(row)) last.to = row + 1;
    else found.push({ level, from: row, to: row + 1 });
  });
  return found;
}

/**
 * @param {(number | null)[]} excess
 * @returns {Tally}
 */
export function tallyOf(excess) {
  const counts = { within: 0, beyond: 0, far: 0 };
  /** @type {Tally['furthest']} */
  let furthest = null;
  excess.forEach((value, row) => {
    const level = levelOf(value);
    if (!level || value === null) return;
    counts[level] += 1;
    if (!furthest || value > furthest.excess) furthest = { row, excess: value };
  });
  const judged = counts.within + counts.beyond + counts.far;
  const of = Math.max(judged, 1);
  const { within, beyond, far } = counts;
  return { judged, within: within / of, beyond: beyond / of, far: far / of, furthest };
}
