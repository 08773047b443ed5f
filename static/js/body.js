// One's own body as lines: which there are, and which of them is off.

/** @typedef {[number, number, number]} Keypoint x, y, score */
/** @typedef {{from: number[], to: number[], joint: string}} Limb ends are the mean of keypoints */

/**
 * The limbs drawn, each with the joint whose deviation shows on it. COCO-17 indices; sides are
 * the student's own.
 * @type {Limb[]}
 */
export const LIMBS = [
  { from: [5], to: [6], joint: 'trunk' },
  { from: [11], to: [12], joint: '' },
  { from: [5], to: [11], joint: 'trunk' },
  { from: [6], to: [12], joint: 'trunk' },
  { from: [5, 6], to: [0], joint: 'neck' },
  { from: [5], to: [7], joint: 'left_shoulder' },
  { from: [7], to: [9], joint: 'left_elbow' },
  { from: [6], to: [8], joint: 'right_shoulder' },
  { from: [8], to: [10], joint: 'right_elbow' },
  { from: [11], to: [13], joint: 'left_hip' },
  { from: [13], to: [15], joint: 'left_knee' },
  { from: [12], to: [14], joint: 'right_hip' },
  { from: [14], to: [16], joint: 'right_knee' },
];

/** The keypoints marked by a dot: the limbs' ends. */
export const DOTS = [0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/** Below this score a keypoint is a guess and is not drawn. */
export const SEEN = 0.3;

/**
 * The middle of some keypoints, or null where one of them is not seen.
 * @param {Keypoint[]} keypoints
 * @param {number[]} indices
 * @returns {[number, number] | null}
 */
export function middle(keypoints, indices) {
  let [x, y] = [0, 0];
  for (const index of indices) {
    const point = keypoints[index];
    if (!point || point[2] < SEEN) return null;
    x += point[0] / indices.length;
    y += point[1] / indices.length;
  }
  return [x, y];
}

/** Degrees at which a glow is as strong as it gets. */
const FULL_DEG = 40;
/** The weakest glow there is: what is listed is seen. */
const LEAST = 0.25;
/** A limb begins to glow once so much of the latest frames listed it, weighed by EASE. */
const ENTER = 0.6;
/** A glowing limb stops once so little of them did: no flicker in between. */
const LEAVE = 0.3;
/** How much of the way to what is new a glow goes with each frame. */
const EASE = 0.25;
const GONE = 0.02;

/** @typedef {{listed: number, on: boolean, aim: number, strength: number}} JointGlow */

/** How strongly each joint's limb glows, 0..1, eased and with hysteresis. */
export class Glow {
  /** @type {Map<string, JointGlow>} */
  #joints = new Map();

  /**
   * @param {Record<string, number>} deviations degrees by joint, of those the coach finds near
   *   or over their limit: it alone knows how far each may be off
   * @param {boolean} judging whether the coach judges now; nothing glows where it does not
   * @param {string[]} cued the joints of the cue shown; listed as well, they glow strongest
   */
  update(deviations, judging, cued = []) {
    if (!judging) {
      this.#joints.clear();
      return;
    }
    for (const joint of Object.keys(deviations)) {
      if (this.#joints.has(joint)) continue;
      this.#joints.set(joint, { listed: 0, on: false, aim: 0, strength: 0 });
    }
    for (const [joint, glow] of this.#joints) {
      const degrees = deviations[joint];
      const listed = degrees !== undefined;
      if (listed) glow.aim = cued.includes(joint) ? 1 : aimOf(degrees);
      glow.listed += (Number(listed) - glow.listed) * EASE;
      glow.on = glow.listed >= ENTER || (glow.on && glow.listed > LEAVE);
      glow.strength += ((glow.on ? glow.aim : 0) - glow.strength) * EASE;
      if (glow.strength < GONE) glow.strength = 0;
    }
  }

  /** @param {string} joint */
  of(joint) {
    return this.#joints.get(joint)?.strength ?? 0;
  }
}

/** @param {number} degrees */
function aimOf(degrees) {
  return Math.min(1, Math.max(LEAST, Math.abs(degrees) / FULL_DEG));
}
