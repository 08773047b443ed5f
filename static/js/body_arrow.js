// The way a cue asks for, as arrows on one's own body; where a picture cannot show it, none.

import { SEEN, middle } from './body.js';

/** @typedef {import('./body.js').Keypoint} Keypoint */
/** @typedef {import('./messages.js').Direction} Direction */
/** @typedef {import('./messages.js').Side} Side */
/** @typedef {'left' | 'right' | 'center'} OneSide */
/** @typedef {[number, number]} Place fractions of the picture's height, x too */
/** @typedef {{from: Place, to: Place, turns?: boolean}} Arrow `turns`: as a body does about itself */
/**
 * How the student stands in the picture.
 * @typedef {object} Stance
 * @property {boolean} upright whether up in the picture is up along the body
 * @property {number} left where the student's left is: 1 on the picture's right, as of all who
 *   face the camera, -1 on its left; 0 seen from the side, where it is towards the camera or away
 */

/** How long an arrow is. */
const LENGTH = 0.15;
/** Its distance from the joint, so that it does not lie on the limb. */
const APART = 0.035;
/** Shoulders narrower than this part of the trunk are seen from the side. */
const PROFILE = 0.3;
/** A trunk that leans more than this, sideways over upwards, does not stand. */
const LEANS = 0.6;
/** A limb that rises less than this, upwards over sideways, lies level. */
const LEVEL = 0.6;

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
});

/**
 * Ways across the picture: to the student's left, and down.
 * @type {Partial<Record<Direction, (side: OneSide) => Place>>}
 */
const WAYS = {
  raise: () => [0, -1],
  lower: () => [0, 1],
  out: (side) => [side === 'right' ? -1 : 1, 0],
  in: (side) => [side === 'right' ? 1 : -1, 0],
  lean_left: () => [1, 0],
  lean_right: () => [-1, 0],
  turn_left: () => [1, 0],
  turn_right: () => [-1, 0],
};

/**
 * The arrows of a cue; none where what it asks for is not to be seen in the picture: forward and
 * back go into it, and who folds, lies or hangs has no up.
 * @param {{joint: string, side: Side, direction: Direction}} cue
 * @param {Keypoint[]} keypoints COCO-17, fractions of the unmirrored picture
 * @param {number} aspect width over height of the picture
 * @returns {Arrow[]}
 */
export function arrowsOf({ joint, side, direction }, keypoints, aspect) {
  const stance = stanceOf(keypoints, aspect);
  if (!stance) return [];
  /** @type {OneSide[]} */
  const sides = side === 'both' ? ['left', 'right'] : [side];
  return sides.flatMap((one) => {
    const ends = ENDS[joint];
    if (ends && (direction === 'bend' || direction === 'straighten')) {
      return between(ends, one, direction, keypoints, aspect, stance);
    }
    // Both hips raised are a fold, and lowered ones its end: neither is the way of a knee.
    const folds = joint === 'hip' && side === 'both' && direction !== 'out' && direction !== 'in';
    const at = folds ? null : anchor(joint, one, keypoints, aspect);
    return at ? pointing(at, one, direction, stance) : [];
  });
}

/**
 * @param {Keypoint[]} keypoints
 * @param {number} aspect
 * @returns {Stance | null} null where the trunk is not seen
 */
function stanceOf(keypoints, aspect) {
  const [shoulders, hips] = [middle(keypoints, [5, 6]), middle(keypoints, [11, 12])];
  if (!shoulders || !hips) return null;
  const [dx, dy] = [(hips[0] - shoulders[0]) * aspect, hips[1] - shoulders[1]];
  const width = (keypoints[5][0] - keypoints[6][0]) * aspect;
  const profile = Math.abs(width) < PROFILE * Math.hypot(dx, dy);
  return { upright: Math.abs(dx) < LEANS * dy, left: profile ? 0 : Math.sign(width) };
}

/**
 * Two arrows that bring the ends of a bend together, or take them apart.
 * @param {[number, number]} ends
 * @param {OneSide} side
 * @param {Direction} direction
 * @param {Keypoint[]} keypoints
 * @param {number} aspect
 * @param {Stance} stance
 * @returns {Arrow[]}
 */
function between(ends, side, direction, keypoints, aspect, { left }) {
  const [a, b] = ends.map((index) => point(keypoints, ofSide(index, side), aspect));
  if (!a || !b) return [];
  const far = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (far < 1e-6) return [];
  const way = [(b[0] - a[0]) / far, (b[1] - a[1]) / far];
  const reach = Math.min(LENGTH, far * 0.4);
  // Above a level limb; else on the outer side. Never by a hair's breadth: it would jump.
  const level = Math.abs(way[1]) < LEVEL * Math.abs(way[0]);
  const outer = (side === 'right' ? -1 : 1) * (left || 1);
  const turn = level ? Math.sign(-way[0]) : outer * Math.sign(-way[1]) || 1;
  const beside = [-way[1] * APART * 1.6 * turn, way[0] * APART * 1.6 * turn];
  const ownEnds = /** @type {[Place, number][]} */ ([[a, 1], [b, -1]]);
  return ownEnds.map(([[x, y], sign]) => {
    /** @type {Place} */
    const end = [x + beside[0], y + beside[1]];
    /** @type {Place} */
    const inner = [end[0] + sign * way[0] * reach, end[1] + sign * way[1] * reach];
    return direction === 'bend' ? { from: end, to: inner } : { from: inner, to: end };
  });
}

/**
 * Where the arrow begins: at the outermost part that moves and is seen.
 * @param {string} joint
 * @param {OneSide} side
 * @param {Keypoint[]} keypoints
 * @param {number} aspect
 * @returns {Place | null}
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
 * @param {Place} at
 * @param {OneSide} side
 * @param {Direction} direction
 * @param {Stance} stance
 * @returns {Arrow[]}
 */
function pointing([x, y], side, direction, { upright, left }) {
  const way = WAYS[direction]?.(side);
  if (!way || !upright || (way[0] !== 0 && left === 0)) return [];
  const turns = direction === 'turn_left' || direction === 'turn_right';
  const [dx, dy] = [way[0] * left, way[1]];
  const above = turns ? APART * 3 : 0;
  const start = turns ? dx * -LENGTH * 0.6 : dx * APART;
  /** @type {Place} */
  const from = [x + start, y + dy * APART - above];
  const reach = LENGTH * (turns ? 1.2 : 1);
  return [{ from, to: [from[0] + dx * reach, from[1] + dy * LENGTH], turns }];
}

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
 * @returns {Place | null}
 */
function point(keypoints, index, aspect) {
  const [x, y, score] = keypoints[index];
  return score < SEEN ? null : [x * aspect, y];
}
