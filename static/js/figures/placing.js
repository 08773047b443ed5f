// Where a figure stands: on the floor, and as the mirror shows it.

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
