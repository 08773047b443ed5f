// Where a figure stands: on the floor, as the mirror shows it, turned as the other one.

import * as joint from './skeleton.js';

/** Lowest parts of a body: how thick each is below its joint, metres. */
const SOLES = [
  [joint.LEFT_ANKLE, 0.06],
  [joint.RIGHT_ANKLE, 0.06],
  [joint.LEFT_KNEE, 0.06],
  [joint.RIGHT_KNEE, 0.06],
  [joint.LEFT_WRIST, 0.04],
  [joint.RIGHT_WRIST, 0.04],
  [joint.LEFT_ELBOW, 0.045],
  [joint.RIGHT_ELBOW, 0.045],
  [joint.PELVIS, 0.1],
  [joint.THORAX, 0.09],
  [joint.HEAD, 0.06],
];
/** Hips and shoulders that, seen from above, are shorter than this point nowhere; metres. */
const LEAST_LINE = 0.15;

/**
 * How far below the pelvis the floor is: where the lowest part of the body is, metres.
 * @param {ArrayLike<number>} joints
 */
export function floorOf(joints) {
  let lowest = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < SOLES.length; place += 1) {
    lowest = Math.max(lowest, joints[3 * SOLES[place][0] + 1] + SOLES[place][1]);
  }
  return lowest;
}

/**
 * Puts a pose where it is drawn, the floor at height 0.
 * @param {ArrayLike<number>} joints
 * @param {number} floor below the pelvis, metres
 * @param {boolean} mirror
 * @param {Float32Array} into
 */
export function stand(joints, floor, mirror, into) {
  const sign = mirror ? -1 : 1;
  for (let index = 0; index < 3 * joint.JOINTS; index += 3) {
    into[index] = sign * joints[index];
    into[index + 1] = joints[index + 1] - floor;
    into[index + 2] = joints[index + 2];
  }
}

/**
 * Turns a pose about the vertical through its pelvis until it faces where another one does.
 * @param {Float32Array} joints is turned
 * @param {ArrayLike<number>} other
 */
export function faceLike(joints, other) {
  const ownX = acrossOf(joints, 0);
  const ownZ = acrossOf(joints, 2);
  const otherX = acrossOf(other, 0);
  const otherZ = acrossOf(other, 2);
  const length = Math.hypot(ownX, ownZ) * Math.hypot(otherX, otherZ);
  if (length < LEAST_LINE * LEAST_LINE) return;
  const cos = (ownX * otherX + ownZ * otherZ) / length;
  const sin = (ownX * otherZ - ownZ * otherX) / length;
  for (let index = 0; index < 3 * joint.JOINTS; index += 3) {
    const x = joints[index];
    const z = joints[index + 2];
    joints[index] = x * cos - z * sin;
    joints[index + 2] = x * sin + z * cos;
  }
}

/**
 * From the right to the left side, by hips and shoulders together.
 * @param {ArrayLike<number>} joints
 * @param {number} axis
 */
function acrossOf(joints, axis) {
  const hips = joints[3 * joint.LEFT_HIP + axis] - joints[3 * joint.RIGHT_HIP + axis];
  const left = joints[3 * joint.LEFT_SHOULDER + axis];
  return hips + left - joints[3 * joint.RIGHT_SHOULDER + axis];
}
