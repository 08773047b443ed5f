// Signs made with the arms, told from what arms do otherwise.

import { SEEN } from './body.js';
import { LEFT_ELBOW, LEFT_SHOULDER, LEFT_WRIST, PELVIS } from './figures/skeleton.js';
import { RIGHT_ELBOW, RIGHT_SHOULDER, RIGHT_WRIST, THORAX } from './figures/skeleton.js';

/** @typedef {[number, number, number]} Keypoint x, y as fractions of the picture, score */
/** @typedef {'arms_up' | 'arms_crossed'} Sign */
/** @typedef {[number, number]} Place to one's left and down from the chest, in lengths of the trunk */
/**
 * @typedef {object} Arms
 * @property {number} shoulders how far apart they look
 * @property {Place | null} head
 * @property {[Place | null, Place | null]} elbows left, right
 * @property {[Place | null, Place | null]} wrists
 */

/** How long a sign is held until it counts. */
const HOLD_MS = { arms_up: 1000, arms_crossed: 1200 };
/** What is seen no more is forgotten twice as fast as it was learnt. */
const FORGET = 2;
/** So long a body may be lost from sight and its sign goes on after. */
const LOST_MS = 400;
/** A gap between two poses says no more than this. */
const MOST_MS = 200;
/** A sign is shown once it has been held for this share of its time. */
const SHOWN = 0.2;
/** Wrists jitter: how far they are apart is eased over so long. */
const EASE_MS = 250;

/** All below in lengths of the trunk. How far a raised wrist is above the head. */
const ABOVE_HEAD = 0.15;
/** How far wrists have passed each other when arms begin to cross, and until they no longer do. */
const CROSS = 0.06;
const UNCROSS = -0.04;
/** Elbows of crossed arms stay so far apart; in an eagle's arms one lies on the other. */
const ELBOWS_APART = 0.25;
/** Crossed arms are before the chest: hands on the back come lower, an eagle's higher. */
const CHEST = [-0.35, 0.65];
const CENTRE = 0.45;
/** Shoulders nearer to each other are seen from the side, where left and right mean little. */
const FACING = 0.3;

export class Gestures {
  /** @type {Record<Sign, number>} */
  #shares = { arms_up: 0, arms_crossed: 0 };
  /** @type {Sign | null} what counted and has not been let go since */
  #done = null;
  #at = Number.NaN;
  #seenAt = Number.NEGATIVE_INFINITY;
  /** How far the wrists have passed each other. */
  #passed = Number.NaN;

  /** @param {(name: Sign) => void} onGesture told when a sign counts */
  constructor(onGesture) {
    this.onGesture = onGesture;
  }

  /**
   * @param {Keypoint[]} keypoints COCO-17 of the unmirrored picture; none where nobody is seen
   * @param {number} aspect width over height of the picture
   * @param {number} now milliseconds, any one clock
   */
  hear(keypoints, aspect, now) {
    const since = Math.min(Math.max(now - this.#at, 0) || 0, MOST_MS);
    this.#at = now;
    const arms = armsOf(keypoints, aspect);
    if (arms) this.#seenAt = now;
    else if (now - this.#seenAt < LOST_MS) return;
    const made = arms ? this.#signOf(arms, since) : null;
    for (const name of /** @type {Sign[]} */ (['arms_up', 'arms_crossed'])) {
      const change = (name === made ? 1 : -FORGET) * (since / HOLD_MS[name]);
      this.#shares[name] = Math.min(1, Math.max(0, this.#shares[name] + change));
      if (this.#shares[name] === 0 && this.#done === name) this.#done = null;
      if (this.#shares[name] < 1 || this.#done === name) continue;
      this.#done = name;
      this.onGesture(name);
    }
  }

  /**
   * @param {Arms} arms
   * @param {number} since milliseconds since they were seen before
   * @returns {Sign | null}
   */
  #signOf(arms, since) {
    const passed = wristsPassed(arms);
    if (passed === null) this.#passed = Number.NaN;
    else if (Number.isNaN(this.#passed)) this.#passed = passed;
    else this.#passed += (passed - this.#passed) * (1 - Math.exp(-since / EASE_MS));
    if (areUp(arms)) return 'arms_up';
    const limit = this.#shares.arms_crossed > 0 ? UNCROSS : CROSS;
    return areBeforeChest(arms) && this.#passed > limit ? 'arms_crossed' : null;
  }

  /**
   * What is being signed and does not count yet.
   * @returns {{name: Sign, share: number} | null}
   */
  get now() {
    for (const name of /** @type {Sign[]} */ (['arms_up', 'arms_crossed'])) {
      const share = this.#shares[name];
      if (share >= SHOWN && this.#done !== name) return { name, share };
    }
    return null;
  }
}

/**
 * The arms in the body's own measure; null where the trunk is not seen.
 * @param {Keypoint[]} keypoints
 * @param {number} aspect
 * @returns {Arms | null}
 */
function armsOf(keypoints, aspect) {
  if (![5, 6, 11, 12].every((index) => keypoints[index]?.[2] >= SEEN)) return null;
  const at = (/** @type {number} */ index) => [keypoints[index][0] * aspect, keypoints[index][1]];
  const seen = (/** @type {number} */ index) => (keypoints[index][2] < SEEN ? null : at(index));
  const wrist = [seen(9), seen(10)];
  return measured(at(5), at(6), at(11), at(12), [seen(7), seen(8)], wrist, seen(0));
}

/**
 * @param {number[]} leftShoulder
 * @param {number[]} rightShoulder
 * @param {number[]} leftHip
 * @param {number[]} rightHip
 * @param {(number[] | null)[]} elbows
 * @param {(number[] | null)[]} wrists
 * @param {number[] | null} head
 * @returns {Arms | null}
 */
function measured(leftShoulder, rightShoulder, leftHip, rightHip, elbows, wrists, head) {
  const chest = between(leftShoulder, rightShoulder);
  const hips = between(leftHip, rightHip);
  const length = Math.hypot(hips[0] - chest[0], hips[1] - chest[1]);
  if (length < 1e-4) return null;
  // Whoever lies or hangs signs nothing.
  if (hips[1] - chest[1] < 0.5 * length) return null;
  const across = leftShoulder[0] - rightShoulder[0];
  const left = Math.sign(across) || 1;
  /** @param {number[] | null} point @returns {Place | null} */
  const place = (point) =>
    point && [((point[0] - chest[0]) * left) / length, (point[1] - chest[1]) / length];
  return {
    shoulders: Math.abs(across) / length,
    head: place(head),
    elbows: [place(elbows[0]), place(elbows[1])],
    wrists: [place(wrists[0]), place(wrists[1])],
  };
}

/**
 * @param {number[]} a
 * @param {number[]} b
 */
function between(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** @param {Arms} arms */
function areUp({ head, elbows, wrists }) {
  const top = head?.[1] ?? -0.4;
  return [0, 1].every((side) => {
    const [elbow, wrist] = [elbows[side], wrists[side]];
    // Raised high, a hand may leave the picture: the elbow then says enough.
    if (!wrist) return elbow !== null && elbow[1] < top;
    return wrist[1] < top - ABOVE_HEAD && (elbow?.[1] ?? -1) < 0;
  });
}

/**
 * How far each wrist has gone past the other to the other's side; null where one is not seen.
 * @param {Arms} arms
 */
function wristsPassed({ wrists: [left, right] }) {
  return left && right ? right[0] - left[0] : null;
}

/**
 * Whether the forearms lie before the chest, as those of crossed arms do.
 * @param {Arms} arms
 */
function areBeforeChest({ shoulders, elbows: [left, right], wrists }) {
  if (shoulders < FACING || !left || !right) return false;
  const hang = left[1] > 0 && right[1] > 0;
  return (
    hang &&
    left[0] - right[0] > ELBOWS_APART &&
    wrists.every(
      (wrist) =>
        wrist && Math.abs(wrist[0]) < CENTRE && wrist[1] > CHEST[0] && wrist[1] < CHEST[1],
    )
  );
}

/**
 * Whether an instructor crosses the arms: a student who does so then only follows.
 * @param {Float32Array} joints H36M-17, x right, y down, z away
 */
export function armsCross(joints) {
  const at = (/** @type {number} */ joint) => [joints[3 * joint], joints[3 * joint + 1]];
  const [left, right] = [at(LEFT_SHOULDER), at(RIGHT_SHOULDER)];
  // The hips of a figure are its pelvis: only their middle is asked for.
  const elbows = [at(LEFT_ELBOW), at(RIGHT_ELBOW)];
  const wrists = [at(LEFT_WRIST), at(RIGHT_WRIST)];
  const hips = at(PELVIS);
  const arms = measured(left, right, hips, hips, elbows, wrists, at(THORAX));
  return arms !== null && areBeforeChest(arms) && (wristsPassed(arms) ?? -1) > UNCROSS;
}
