// The instructor's pose in the student's build, laid on the student's own picture.

import { SEEN } from '../body.js';
import { Build } from './build.js';
import { Facing } from './facing.js';
import * as joint from './skeleton.js';

/** @typedef {import('../body.js').Keypoint} Keypoint */

/** Joints that both skeletons have: H36M-17, COCO-17. */
const BOTH = [
  [joint.LEFT_HIP, 11],
  [joint.RIGHT_HIP, 12],
  [joint.LEFT_KNEE, 13],
  [joint.RIGHT_KNEE, 14],
  [joint.LEFT_ANKLE, 15],
  [joint.RIGHT_ANKLE, 16],
  [joint.LEFT_SHOULDER, 5],
  [joint.RIGHT_SHOULDER, 6],
  [joint.LEFT_ELBOW, 7],
  [joint.RIGHT_ELBOW, 8],
  [joint.LEFT_WRIST, 9],
  [joint.RIGHT_WRIST, 10],
];
const LEFT_ANKLE = 15;
const RIGHT_ANKLE = 16;
const LEFT_HIP = 11;
const RIGHT_HIP = 12;

/** Of fewer joints a scale cannot be told. */
const FEWEST = 4;
/** Nor where they lie so close together, metres squared over all of them. */
const LEAST_SPREAD = 0.15;
/** Feet that differ less in height than this both stand; more than the second, no longer. */
const LEVEL_M = 0.1;
const LIFTED_M = 0.16;
/** How much of the way to what is new is gone with each frame. */
const EASE_SCALE = 0.08;
const EASE_PLACE = 0.45;
const EASE_STANDING = 0.12;
/** A place further off than this, in metres, is another one: it is taken at once. */
const LEAP_M = 0.6;
/** Frames without anybody after which it may be somebody else who comes. */
const GONE = 45;

export class Ghost {
  #build = new Build();
  /** A camera that stands aside sees the student from there: so it does the ghost. */
  #facing = new Facing();
  #pose = joint.emptyJoints();
  #drawn = new Float32Array(2 * joint.JOINTS);
  #missed = GONE;
  #scale = 0;
  /** Whether it is drawn already, and where its pelvis is, in pixels. */
  #isHeld = false;
  #x = 0;
  #y = 0;
  /** Whether both stand on both feet, and how far the ghost has come to be held by its feet. */
  #stands = false;
  #standing = 0;
  /** What the latest frame says of scale and of the pelvis's place, in pixels. */
  #fit = { scale: 0, x: 0, y: 0 };

  forget() {
    this.#build.forget();
    this.#facing.forget();
    this.#scale = 0;
    this.#isHeld = false;
    this.#missed = GONE;
  }

  /**
   * Where to draw the instructor so that the student can step into it. The array is the same at
   * each call.
   * @param {ArrayLike<number> | null} instructor 51 numbers, on the student's sides
   * @param {ArrayLike<number> | null} student 51 numbers
   * @param {readonly Keypoint[] | null} keypoints COCO-17, fractions of the unmirrored picture
   * @param {number} width of the picture
   * @param {number} height
   * @returns {Float32Array | null} x, y of the H36M-17 joints, fractions of the picture
   */
  of(instructor, student, keypoints, width, height) {
    const isThere = student && keypoints && joint.isWhole(student) && width > 0 && height > 0;
    if (!isThere || !this.#fits(student, keypoints, width, height)) {
      this.#missed += 1;
      if (this.#missed === GONE) this.forget();
      return null;
    }
    this.#missed = 0;
    this.#build.learn(student);
    const share = this.#scale === 0 ? 1 : EASE_SCALE;
    this.#scale += (this.#fit.scale - this.#scale) * share;
    if (!instructor || !joint.isWhole(instructor)) return null;
    const pose = this.#build.wear(instructor, this.#pose);
    this.#facing.learn(instructor, student);
    this.#facing.turn(pose);
    this.#stand(student, pose, keypoints);
    this.#hold(pose, keypoints, width, height);
    this.#isHeld = true;
    for (let index = 0; index < joint.JOINTS; index += 1) {
      this.#drawn[2 * index] = (this.#x + pose[3 * index] * this.#scale) / width;
      this.#drawn[2 * index + 1] = (this.#y + pose[3 * index + 1] * this.#scale) / height;
    }
    return this.#drawn;
  }

  /**
   * Least squares of what is seen against the pose: one scale, one place of the pelvis.
   * @param {ArrayLike<number>} student
   * @param {readonly Keypoint[]} keypoints
   * @param {number} width
   * @param {number} height
   * @returns {boolean} whether enough is seen
   */
  #fits(student, keypoints, width, height) {
    let [count, weight, x, y, u, v] = [0, 0, 0, 0, 0, 0];
    for (const [index, keypoint] of BOTH) {
      const [across, down, score] = keypoints[keypoint];
      if (score < SEEN) continue;
      count += 1;
      weight += score;
      x += score * student[3 * index];
      y += score * student[3 * index + 1];
      u += score * across * width;
      v += score * down * height;
    }
    if (count < FEWEST) return false;
    x /= weight;
    y /= weight;
    u /= weight;
    v /= weight;
    let [spread, common] = [0, 0];
    for (const [index, keypoint] of BOTH) {
      const [across, down, score] = keypoints[keypoint];
      if (score < SEEN) continue;
      const right = student[3 * index] - x;
      const below = student[3 * index + 1] - y;
      spread += score * (right * right + below * below);
      common += score * (right * (across * width - u) + below * (down * height - v));
    }
    const isWide = spread >= LEAST_SPREAD && common > 0;
    if (!isWide && this.#scale === 0) return false;
    const scale = isWide ? common / spread : this.#scale;
    this.#fit.scale = scale;
    this.#fit.x = u - scale * x;
    this.#fit.y = v - scale * y;
    return true;
  }

  /**
   * Feet hold the ghost while they are what both stand on: it then shows how much lower or
   * higher the body belongs.
   * @param {ArrayLike<number>} student
   * @param {ArrayLike<number>} pose
   * @param {readonly Keypoint[]} keypoints
   */
  #stand(student, pose, keypoints) {
    const most = this.#stands ? LIFTED_M : LEVEL_M;
    const isLow = isLevel(student, most) && isLevel(pose, most);
    this.#stands = isLow && isSeen(keypoints, LEFT_ANKLE, RIGHT_ANKLE);
    const aim = this.#stands ? 1 : 0;
    this.#standing += (aim - this.#standing) * (this.#isHeld ? EASE_STANDING : 1);
  }

  /**
   * @param {ArrayLike<number>} pose
   * @param {readonly Keypoint[]} keypoints
   * @param {number} width
   * @param {number} height
   */
  #hold(pose, keypoints, width, height) {
    let { x, y } = this.#fit;
    if (isSeen(keypoints, LEFT_HIP, RIGHT_HIP)) {
      x = between(keypoints, LEFT_HIP, RIGHT_HIP, 0) * width;
      y = between(keypoints, LEFT_HIP, RIGHT_HIP, 1) * height;
      x -= middle(pose, joint.LEFT_HIP, joint.RIGHT_HIP, 0) * this.#scale;
      y -= middle(pose, joint.LEFT_HIP, joint.RIGHT_HIP, 1) * this.#scale;
    }
    if (isSeen(keypoints, LEFT_ANKLE, RIGHT_ANKLE)) {
      let feetX = between(keypoints, LEFT_ANKLE, RIGHT_ANKLE, 0) * width;
      let feetY = between(keypoints, LEFT_ANKLE, RIGHT_ANKLE, 1) * height;
      feetX -= middle(pose, joint.LEFT_ANKLE, joint.RIGHT_ANKLE, 0) * this.#scale;
      feetY -= middle(pose, joint.LEFT_ANKLE, joint.RIGHT_ANKLE, 1) * this.#scale;
      x += (feetX - x) * this.#standing;
      y += (feetY - y) * this.#standing;
    }
    const isLeap = Math.hypot(x - this.#x, y - this.#y) > LEAP_M * this.#scale;
    const share = this.#isHeld && !isLeap ? EASE_PLACE : 1;
    this.#x += (x - this.#x) * share;
    this.#y += (y - this.#y) * share;
  }
}

/**
 * Between two joints of a pose.
 * @param {ArrayLike<number>} joints
 * @param {number} one
 * @param {number} other
 * @param {number} axis
 */
function middle(joints, one, other, axis) {
  return (joints[3 * one + axis] + joints[3 * other + axis]) / 2;
}

/**
 * Between two keypoints.
 * @param {readonly Keypoint[]} keypoints
 * @param {number} one
 * @param {number} other
 * @param {0 | 1} axis
 */
function between(keypoints, one, other, axis) {
  return (keypoints[one][axis] + keypoints[other][axis]) / 2;
}

/**
 * @param {readonly Keypoint[]} keypoints
 * @param {number} one
 * @param {number} other
 */
function isSeen(keypoints, one, other) {
  return keypoints[one][2] >= SEEN && keypoints[other][2] >= SEEN;
}

/**
 * Whether both feet are down: at one height, and well below the pelvis.
 * @param {ArrayLike<number>} joints pelvis at the origin
 * @param {number} most metres between them
 */
function isLevel(joints, most) {
  const left = joints[3 * joint.LEFT_ANKLE + 1];
  const right = joints[3 * joint.RIGHT_ANKLE + 1];
  return Math.abs(left - right) < most && Math.min(left, right) > 0.2;
}
