// How long somebody's bones are, and other people's poses in that build.

import { BONES, MIRROR_BONE } from './skeleton.js';

/** One pose of so many is looked at: neighbours say the same. */
const EVERY = 6;
/** Poses the median is taken of: about ten seconds. */
const KEPT = 51;

/** Learns the lengths of somebody's bones: slow medians, both sides alike. */
export class Build {
  /** Metres, by the order of BONES. */
  lengths = new Float32Array(BONES.length);
  #kept = BONES.map(() => new Float32Array(KEPT));
  #sorted = new Float32Array(KEPT);
  #heard = 0;
  #count = 0;

  get isKnown() {
    return this.#count > 0;
  }

  forget() {
    this.#heard = 0;
    this.#count = 0;
  }

  /** @param {ArrayLike<number>} joints of this person, all known */
  learn(joints) {
    this.#heard += 1;
    if (this.#count > 0 && this.#heard % EVERY !== 0) return;
    const place = this.#count % KEPT;
    this.#count += 1;
    for (let bone = 0; bone < BONES.length; bone += 1) {
      this.#kept[bone][place] = lengthOf(joints, bone);
    }
    for (let bone = 0; bone < BONES.length; bone += 1) this.lengths[bone] = this.#median(bone);
    for (let bone = 0; bone < BONES.length; bone += 1) {
      const other = MIRROR_BONE[bone];
      if (other <= bone) continue;
      const mean = (this.lengths[bone] + this.lengths[other]) / 2;
      this.lengths[bone] = mean;
      this.lengths[other] = mean;
    }
  }

  /** @param {number} bone */
  #median(bone) {
    const count = Math.min(this.#count, KEPT);
    this.#sorted.fill(Number.POSITIVE_INFINITY);
    for (let index = 0; index < count; index += 1) {
      this.#sorted[index] = this.#kept[bone][index];
    }
    this.#sorted.sort();
    return (this.#sorted[(count - 1) >> 1] + this.#sorted[count >> 1]) / 2;
  }

  /**
   * A pose of somebody else with these bones: the directions are theirs.
   * @param {ArrayLike<number>} joints
   * @param {Float32Array} into the pose, pelvis at the origin
   */
  wear(joints, into) {
    into[0] = 0;
    into[1] = 0;
    into[2] = 0;
    for (let bone = 0; bone < BONES.length; bone += 1) {
      const from = 3 * BONES[bone].from;
      const to = 3 * BONES[bone].to;
      const share = this.lengths[bone] / Math.max(lengthOf(joints, bone), 1e-6);
      for (let axis = 0; axis < 3; axis += 1) {
        into[to + axis] = into[from + axis] + (joints[to + axis] - joints[from + axis]) * share;
      }
    }
    return into;
  }
}

/**
 * @param {ArrayLike<number>} joints
 * @param {number} bone
 */
function lengthOf(joints, bone) {
  const from = 3 * BONES[bone].from;
  const to = 3 * BONES[bone].to;
  const x = joints[to] - joints[from];
  const y = joints[to + 1] - joints[from + 1];
  const z = joints[to + 2] - joints[from + 2];
  return Math.sqrt(x * x + y * y + z * z);
}
