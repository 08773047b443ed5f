// Which way somebody faces: turning one about the vertical until they face as another does.

import * as joint from './skeleton.js';

/** Hips and shoulders shorter than this, seen from above, point nowhere; metres. */
const LEAST_LINE = 0.15;
/** How wide people are there, metres. */
const HIPS = 0.2;
const SHOULDERS = 0.32;
/** Frames over which the way somebody faces is taken together: about twenty seconds. */
const FRAMES = 600;

/**
 * How far right and left sides are apart along an axis, by hips and shoulders together; as wide
 * as these are in most people, since it is the direction that is asked for.
 * @param {ArrayLike<number>} joints
 * @param {0 | 2} axis
 */
function acrossOf(joints, axis) {
  const hips = along(joints, joint.RIGHT_HIP, joint.LEFT_HIP, axis);
  return HIPS * hips + SHOULDERS * along(joints, joint.RIGHT_SHOULDER, joint.LEFT_SHOULDER, axis);
}

/**
 * The direction from one joint to another, along an axis.
 * @param {ArrayLike<number>} joints
 * @param {number} from
 * @param {number} to
 * @param {0 | 2} axis
 */
function along(joints, from, to, axis) {
  const x = joints[3 * to] - joints[3 * from];
  const y = joints[3 * to + 1] - joints[3 * from + 1];
  const z = joints[3 * to + 2] - joints[3 * from + 2];
  const length = Math.sqrt(x * x + y * y + z * z);
  return length > 0 ? (axis === 0 ? x : z) / length : 0;
}

/** The turn that brings one person to face as another: at this moment, or by and large. */
export class Facing {
  #cos = 1;
  #sin = 0;
  #count = 0;

  forget() {
    this.#count = 0;
  }

  /**
   * Takes the turn from one to the other as it is now.
   * @param {ArrayLike<number>} one
   * @param {ArrayLike<number>} other
   */
  take(one, other) {
    this.forget();
    this.learn(one, other);
  }

  /**
   * Learns from a moment of both: how they stand to the cameras, not that one turns later.
   * @param {ArrayLike<number>} one
   * @param {ArrayLike<number>} other
   */
  learn(one, other) {
    const oneX = acrossOf(one, 0);
    const oneZ = acrossOf(one, 2);
    const otherX = acrossOf(other, 0);
    const otherZ = acrossOf(other, 2);
    if (this.#count === 0) this.#set(1, 0);
    const least = Math.min(Math.hypot(oneX, oneZ), Math.hypot(otherX, otherZ));
    if (least < LEAST_LINE) return;
    this.#count = Math.min(this.#count + 1, FRAMES);
    const cos = oneX * otherX + oneZ * otherZ;
    const sin = oneX * otherZ - oneZ * otherX;
    const size = Math.hypot(cos, sin);
    const share = 1 / this.#count;
    this.#set(
      this.#cos + (cos / size - this.#cos) * share,
      this.#sin + (sin / size - this.#sin) * share,
    );
  }

  /**
   * @param {number} cos
   * @param {number} sin
   */
  #set(cos, sin) {
    this.#cos = cos;
    this.#sin = sin;
  }

  /**
   * Turns a pose about the vertical through its pelvis.
   * @param {Float32Array} joints
   */
  turn(joints) {
    const size = Math.hypot(this.#cos, this.#sin);
    if (size < 1e-3) return;
    const cos = this.#cos / size;
    const sin = this.#sin / size;
    for (let index = 0; index < 3 * joint.JOINTS; index += 3) {
      const x = joints[index];
      const z = joints[index + 2];
      joints[index] = x * cos - z * sin;
      joints[index + 2] = x * sin + z * cos;
    }
  }
}
