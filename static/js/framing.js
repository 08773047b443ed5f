// How to be seen whole: what to move, the student or the screen, and which way.

import { SEEN, middle } from './body.js';

/** @typedef {[number, number, number]} Keypoint x, y as fractions of the picture, score */
/**
 * @typedef {'step_back' | 'come_closer' | 'tilt_up' | 'tilt_down' | 'move_left' | 'move_right'
 *   | 'more_light' | 'somebody_else' | 'no_person' | 'face_camera'} AdviceCode
 */
/** @typedef {{code: AdviceCode, text: string, arrow: string}} Advice `arrow`: name of a sign */
/**
 * @typedef {object} Seen
 * @property {Keypoint[] | null} keypoints COCO-17 of the unmirrored picture
 * @property {import('./messages.js').Silence | null} silence
 * @property {number | null} brightness 0..1
 * @property {number} aspect width over height of the picture
 */

/** Darker than this nobody is seen well; darker than the other, nobody at all. */
const DIM = 0.16;
const DARK = 0.07;
/** Parts of the picture's height: a body that leaves room for raised arms, and one that is small. */
const TALL = 0.86;
const WANTED = 0.7;
const SMALL = 0.32;
/** The trunk's part of a body's height, from the middle of the shoulders to that of the hips. */
const TRUNK = 0.29;
/** Of the way from shoulders to nose: how far the top of the head is above that. */
const CROWN = 0.75;
/** Room above or below that turning the screen can use. */
const ROOM = 0.16;
/** The middle of the body is to be this far from either side. */
const ASIDE = 0.2;
/** Metres: a body, a step, and what a webcam shows at 1 m from top to bottom. */
const BODY_M = 1.7;
const STEP_M = 0.6;
const SHOWS_M = 0.85;

const STEPS = ['', 'One step back', 'Two steps back', 'Three steps back', 'A few steps back'];

/** @type {Record<Exclude<AdviceCode, 'step_back'>, [string, string]>} */
const WORDS = {
  come_closer: ['Come a little closer', 'nearer'],
  tilt_up: ['Tilt the screen up a little', 'up'],
  tilt_down: ['Tilt the screen down a little', 'down'],
  move_left: ['A step to your left', 'left'],
  move_right: ['A step to your right', 'right'],
  more_light: ['More light, please', 'light'],
  somebody_else: ['Someone else is in view', 'people'],
  no_person: ['Step into the picture', 'people'],
  face_camera: ['Turn to face the camera', 'nearer'],
};

/**
 * The first thing to mend.
 * @param {Seen} seen
 * @returns {Advice | null} null where all is well
 */
export function framingAdvice({ keypoints, silence, brightness, aspect }) {
  if (brightness !== null && brightness < DARK) return advice('more_light');
  if (silence === 'several_people') return advice('somebody_else');
  if (!keypoints || silence === 'no_person') {
    return advice(brightness !== null && brightness < DIM ? 'more_light' : 'no_person');
  }
  const shoulders = middle(keypoints, [5, 6]);
  const hips = middle(keypoints, [11, 12]);
  if (!shoulders || !hips || !within(hips)) {
    return shoulders && silence === 'occluded' ? null : stepBack(1);
  }
  const found = upAndDown(keypoints, shoulders, hips, aspect) ?? aside(hips);
  if (found) return found;
  if (brightness !== null && brightness < DIM) return advice('more_light');
  return silence === 'sides_unsure' ? advice('face_camera') : null;
}

/**
 * @param {Keypoint[]} keypoints
 * @param {[number, number]} shoulders
 * @param {[number, number]} hips
 * @param {number} aspect
 * @returns {Advice | null}
 */
function upAndDown(keypoints, shoulders, hips, aspect) {
  const trunk = Math.hypot((hips[0] - shoulders[0]) * aspect, hips[1] - shoulders[1]);
  const nose = middle(keypoints, [0]);
  const top = nose ? nose[1] - CROWN * Math.abs(shoulders[1] - nose[1]) : shoulders[1] - trunk;
  const ankles = [keypoints[15], keypoints[16]];
  const feetSeen = ankles.every(([x, y, score]) => score >= SEEN && within([x, y]));
  const height = trunk / TRUNK;
  const bottom = feetSeen ? Math.max(...ankles.map(([, y]) => y)) + 0.03 * height : top + height;
  const headCut = top < 0;
  const feetCut = bottom > 1 || !feetSeen;
  if (headCut && !feetCut && 1 - bottom > ROOM) return advice('tilt_up');
  if (feetCut && !headCut && top > ROOM && bottom - top < TALL) return advice('tilt_down');
  const tall = Math.max(height, bottom - top);
  if (headCut || feetCut || bottom - top > TALL) return stepBack(tall);
  return bottom - top < SMALL ? advice('come_closer') : null;
}

/**
 * @param {[number, number]} hips
 * @returns {Advice | null}
 */
function aside([x]) {
  // The student's right is on the left of the unmirrored picture.
  if (x < ASIDE) return advice('move_left');
  return x > 1 - ASIDE ? advice('move_right') : null;
}

/**
 * @param {number} height of the body, part of the picture's
 * @returns {Advice}
 */
function stepBack(height) {
  const away = (part = WANTED) => BODY_M / (part * SHOWS_M);
  const steps = Math.round((away() - away(height)) / STEP_M);
  const text = STEPS[Math.min(STEPS.length - 1, Math.max(1, steps))];
  return { code: 'step_back', text, arrow: 'back' };
}

/**
 * @param {Exclude<AdviceCode, 'step_back'>} code
 * @returns {Advice}
 */
function advice(code) {
  const [text, arrow] = WORDS[code];
  return { code, text, arrow };
}

/** @param {[number, number]} point */
function within([x, y]) {
  return x > 0 && x < 1 && y > 0 && y < 1;
}

/** So long the same must hold until it is said, and so long it then stays. */
const SURE_MS = 500;
const STAYS_MS = 1500;

/** Advice that does not flicker. */
export class FramingGuide {
  /** @type {Advice | null} */
  #shown = null;
  #shownAt = Number.NEGATIVE_INFINITY;
  /** @type {AdviceCode | null} */
  #wanted = null;
  #wantedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {Seen} seen
   * @param {number} now milliseconds, any one clock
   * @returns {Advice | null}
   */
  hear(seen, now) {
    const found = framingAdvice(seen);
    const code = found?.code ?? null;
    if (code !== this.#wanted) {
      this.#wanted = code;
      this.#wantedAt = now;
    }
    const sure = now - this.#wantedAt >= SURE_MS;
    const stays = this.#shown !== null && now - this.#shownAt < STAYS_MS;
    if (sure && !stays && code !== (this.#shown?.code ?? null)) {
      this.#shown = found;
      this.#shownAt = now;
    }
    return this.#shown;
  }
}
