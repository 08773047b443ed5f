// The way a cue asks for, as arrows on one's own body.

import { SEEN, middle } from './body.js';

/** @typedef {import('./body.js').Keypoint} Keypoint */
/** @typedef {import('./messages.js').Direction} Direction */
/** @typedef {'left' | 'right' | 'center'} OneSide */
/**
 * Fractions of the picture's height, x too; `grows` where it comes out of the picture, `shrinks`
 * where it goes into it.
 * @typedef {{from: [number, number], to: [number, number], grows?: boolean, shrinks?: boolean,
 *   turns?: boolean}} Arrow
 */

/** How long an arrow is. */
const LENGTH = 0.15;
/** Its distance from the joint, so that it does not lie on the limb. */
const APART = 0.035;

/** COCO-17 of the left side, by joint: what moves, from the trunk outwards; the right is one on. */
const MOVING = /** @type {Record<string, number[]>} */ ({
  shoulder: [9, 7, 5],
  elbow: [9, 7],
  hip: [13, 11],
  knee: [15, 13],
});
/** The ends that bending a joint brings together. */
const ENDS = /** @type {Record<string, [number, number]>} */ ({
  elbow: [5, 9],
  knee: [11, 15],
  hip: [5, 13],
});

/**
 * The arrows of a cue; none where the part of the body is not seen.
 * @param {{joint: string, side: import('./messages.js').Side, direction: Direction}} cue
 * @param {Keypoint[]} keypoints COCO-17, fractions of the unmirrored picture
 * @param {number} aspect width over height of the picture
 * @returns {Arrow[]}
 */
export function arrowsOf({ joint, side, direction }, keypoints, aspect) {
  /** @type {OneSide[]} */
  const sides = side === 'both' ? ['left', 'right'] : [side];
  return sides.flatMap((one) => {
    const ends = ENDS[joint];
    if (ends && (direction === 'bend' || direction === 'straighten')) {
      return between(ends, one, direction, keypoints, aspect);
    }
    const at = anchor(joint, one, keypoints, aspect);
    return at ? [pointing(at, one, direction, leftOf(keypoints))] : [];
  });
}

/**
 * Two arrows that bring the ends of a bend together, or take them apart.
 * @param {[number, number]} ends
 * @param {OneSide} side
 * @param {Direction} direction
 * @param {Keypoint[]} keypoints
 * @param {number} aspect
 * @returns {Arrow[]}
 */
function between(ends, side, direction, keypoints, aspect) {
  const [a, b] = ends.map((index) => point(keypoints, ofSide(index, side), aspect));
  if (!a || !b) return [];
  const far = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (far < 1e-6) return [];
  const way = [(b[0] - a[0]) / far, (b[1] - a[1]) / far];
  const reach = Math.min(LENGTH, far * 0.4);
  // Beside the limb, on the side away from the body.
  const body = middle(keypoints, [5, 6, 11, 12]);
  const across = (a[0] + b[0]) / 2 - (body ? body[0] * aspect : 0);
  const outwards = Math.sign(-way[1] * across) || 1;
  const beside = [-way[1] * APART * 1.6 * outwards, way[0] * APART * 1.6 * outwards];
  const ownEnds = /** @type {[[number, number], number][]} */ ([[a, 1], [b, -1]]);
  return ownEnds.map(([[x, y], sign]) => {
    /** @type {[number, number]} */
    const outer = [x + beside[0], y + beside[1]];
    /** @type {[number, number]} */
    const inner = [outer[0] + sign * way[0] * reach, outer[1] + sign * way[1] * reach];
    return direction === 'bend' ? { from: outer, to: inner } : { from: inner, to: outer };
  });
}

/**
 * Where the arrow begins: at the outermost part that moves and is seen.
 * @param {string} joint
 * @param {OneSide} side
 * @param {Keypoint[]} keypoints
 * @param {number} aspect
 * @returns {[number, number] | null}
 */
function anchor(joint, side, keypoints, aspect) {
  if (joint === 'trunk' || joint === 'neck') {
    const at = middle(keypoints, joint === 'neck' ? [0] : [5, 6]);
    return at && [at[0] * aspect, at[1]];
  }
  for (const index of MOVING[joint] ?? []) {
    const at = point(keypoints, ofSide(index, side), aspect);
    if (at) return at;
  }
  return null;
}

/**
 * Where the student's left is in the picture: 1 on its right, as of all who face the camera.
 * @param {Keypoint[]} keypoints
 */
function leftOf(keypoints) {
  return keypoints[5][0] + keypoints[11][0] < keypoints[6][0] + keypoints[12][0] ? -1 : 1;
}

/**
 * @param {[number, number]} at
 * @param {OneSide} side
 * @param {Direction} direction
 * @param {number} left as of `leftOf`
 * @returns {Arrow}
 */
function pointing([x, y], side, direction, left) {
  if (direction === 'forward') return { from: [x, y], to: [x, y + LENGTH], grows: true };
  if (direction === 'back') return { from: [x, y], to: [x, y - LENGTH], shrinks: true };
  const turns = direction === 'turn_left' || direction === 'turn_right';
  const [across, dy] = WAYS[direction](side);
  const dx = across * left;
  const above = turns ? APART * 3 : 0;
  const start = turns ? dx * -LENGTH * 0.6 : dx * APART;
  return {
    from: [x + start, y + dy * APART - above],
    to: [x + start + dx * LENGTH * (turns ? 1.2 : 1), y + dy * (APART + LENGTH) - above],
    turns,
  };
}

/**
 * The way: to the student's left, and down.
 * @type {Record<Exclude<Direction, 'forward' | 'back'>, (side: OneSide) => [number, number]>}
 */
const WAYS = {
  raise: () => [0, -1],
  lower: () => [0, 1],
  straighten: () => [0, -1],
  bend: () => [0, 1],
  out: (side) => [side === 'right' ? -1 : 1, 0],
  in: (side) => [side === 'right' ? 1 : -1, 0],
  lean_left: () => [1, 0],
  lean_right: () => [-1, 0],
  turn_left: () => [1, 0],
  turn_right: () => [-1, 0],
};

/**
 * @param {number} left index of the left one
 * @param {OneSide} side
 */
function ofSide(left, side) {
  return side === 'right' ? left + 1 : left;
}

/**
 * @param {Keypoint[]} keypoints
 * @param {number} index
 * @param {number} aspect
 * @returns {[number, number] | null}
 */
function point(keypoints, index, aspect) {
  const [x, y, score] = keypoints[index];
  return score < SEEN ? null : [x * aspect, y];
}
