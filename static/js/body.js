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

/** Degrees at which a limb is off, by strictness. */
export const BANDS = { gentle: 25, default: 15, strict: 10 };
/** A limb that is off stays so down to this part of the band: no flicker at the threshold. */
const LEAVE = 0.7;
/** How much of the way to its new strength a glow goes with each frame. */
const EASE = 0.25;
const GONE = 0.02;

/** How strongly each joint's limb glows, 0..1, eased and with hysteresis. */
export class Glow {
  /** @type {Map<string, {on: boolean, strength: number}>} */
  #joints = new Map();

  /** @param {number} band degrees */
  constructor(band) {
    this.band = band;
  }

  /**
   * @param {Record<string, number>} deviations degrees by joint
   * @param {boolean} judging whether the coach judges now; nothing glows where it does not
   */
  update(deviations, judging) {
    for (const joint of Object.keys(deviations)) {
      if (!this.#joints.has(joint)) this.#joints.set(joint, { on: false, strength: 0 });
    }
    for (const [joint, glow] of this.#joints) {
      const off = judging ? Math.abs(deviations[joint] ?? 0) : 0;
      glow.on = off >= this.band || (glow.on && off >= this.band * LEAVE);
      // Half at the band, full at twice the band.
      const aim = glow.on ? Math.min(1, off / (2 * this.band)) : 0;
      glow.strength += (aim - glow.strength) * EASE;
      if (glow.strength < GONE) glow.strength = 0;
    }
  }

  /** @param {string} joint */
  of(joint) {
    return this.#joints.get(joint)?.strength ?? 0;
  }
}
