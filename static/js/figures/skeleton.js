// The skeleton in space, H36M-17: which bones there are and what a mirror makes of them.

/** Joints by their places, as the server orders them. */
export const PELVIS = 0;
export const RIGHT_HIP = 1;
export const RIGHT_KNEE = 2;
export const RIGHT_ANKLE = 3;
export const LEFT_HIP = 4;
export const LEFT_KNEE = 5;
export const LEFT_ANKLE = 6;
export const SPINE = 7;
export const THORAX = 8;
export const NECK = 9;
export const HEAD = 10;
export const LEFT_SHOULDER = 11;
export const LEFT_ELBOW = 12;
export const LEFT_WRIST = 13;
export const RIGHT_SHOULDER = 14;
export const RIGHT_ELBOW = 15;
export const RIGHT_WRIST = 16;

export const JOINTS = 17;

/** @typedef {{from: number, to: number, joint: string}} Bone */

/**
 * The bones from the pelvis outwards, each with the joint whose deviation shows on it; none for
 * those too short to say much. Sides are the person's own.
 * @type {readonly Bone[]}
 */
export const BONES = [
  { from: PELVIS, to: RIGHT_HIP, joint: '' },
  { from: RIGHT_HIP, to: RIGHT_KNEE, joint: 'right_hip' },
  { from: RIGHT_KNEE, to: RIGHT_ANKLE, joint: 'right_knee' },
  { from: PELVIS, to: LEFT_HIP, joint: '' },
  { from: LEFT_HIP, to: LEFT_KNEE, joint: 'left_hip' },
  { from: LEFT_KNEE, to: LEFT_ANKLE, joint: 'left_knee' },
  { from: PELVIS, to: SPINE, joint: 'trunk' },
  { from: SPINE, to: THORAX, joint: 'trunk' },
  { from: THORAX, to: NECK, joint: 'neck' },
  { from: NECK, to: HEAD, joint: 'neck' },
  { from: THORAX, to: LEFT_SHOULDER, joint: 'trunk' },
  { from: LEFT_SHOULDER, to: LEFT_ELBOW, joint: 'left_shoulder' },
  { from: LEFT_ELBOW, to: LEFT_WRIST, joint: 'left_elbow' },
  { from: THORAX, to: RIGHT_SHOULDER, joint: 'trunk' },
  { from: RIGHT_SHOULDER, to: RIGHT_ELBOW, joint: 'right_shoulder' },
  { from: RIGHT_ELBOW, to: RIGHT_WRIST, joint: 'right_elbow' },
];

/** The joint that takes a joint's place in the mirror. */
export const MIRROR = [0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13];

/** The bone that takes a bone's place in the mirror. */
export const MIRROR_BONE = BONES.map((bone) =>
  BONES.findIndex((other) => other.to === MIRROR[bone.to]),
);

export function emptyJoints() {
  return new Float32Array(3 * JOINTS);
}

/**
 * A pose as in a mirror: sides change places and x its sign.
 * @param {ArrayLike<number>} joints 51 numbers
 * @param {Float32Array} [into] another array than `joints`
 */
export function mirroredJoints(joints, into = emptyJoints()) {
  for (let joint = 0; joint < JOINTS; joint += 1) {
    const other = 3 * MIRROR[joint];
    into[3 * joint] = -joints[other];
    into[3 * joint + 1] = joints[other + 1];
    into[3 * joint + 2] = joints[other + 2];
  }
  return into;
}

/**
 * A pose as messages and reports carry it, as one array; null where there is none.
 * @param {readonly (readonly number[])[] | null | undefined} rows 17 of x, y, z
 * @param {Float32Array} [into]
 */
export function readJoints(rows, into = emptyJoints()) {
  if (rows?.length !== JOINTS) return null;
  for (let joint = 0; joint < JOINTS; joint += 1) {
    for (let axis = 0; axis < 3; axis += 1) into[3 * joint + axis] = rows[joint][axis];
  }
  return isWhole(into) ? into : null;
}

/**
 * Whether all of a pose is known.
 * @param {ArrayLike<number>} joints
 */
export function isWhole(joints) {
  for (let index = 0; index < 3 * JOINTS; index += 1) {
    if (!Number.isFinite(joints[index])) return false;
  }
  return true;
}
