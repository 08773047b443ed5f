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
const TALL = 0.88;
const WANTED = 0.7;
const SMALL = 0.32;
/** One of which neither head nor feet are seen. */
const LARGE = 1.4;
/** Parts of a body's height: shoulders to hips, shoulder to shoulder, nose to shoulders. */
const TRUNK = 0.29;
const SHOULDERS = 0.22;
const NECK = 0.13;
/** Toes are below ankles: so much of the body's height. */
const TOES = 0.06;
/** Lengths of the trunk that a head, held high or bowed, is above the shoulders at least. */
const HEAD = 0.5;
/** Of the way from shoulders to nose: how far the top of the head is above that. */
const CROWN = 0.75;
/** Room above or below that turning the screen can use. */
const ROOM = 0.16;
/** The middle of the body is to be this far from either side. */
const ASIDE = 0.2;
/** Metres: a body, a step, and what is seen at 1 m from top to bottom, by a webcam or a phone. */
const BODY_M = 1.7;
const STEP_M = 0.6;
const SHOWS_M = { wide: 0.85, tall: 1.25 };

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
  if (!keypoints?.length || silence === 'no_person') {
    return advice(brightness !== null && brightness < DIM ? 'more_light' : 'no_person');
  }
  const shoulders = middle(keypoints, [5, 6]);
  const hips = middle(keypoints, [11, 12]);
  const found =
    shoulders && hips && hips[1] < 1
      ? (upAndDown(keypoints, shoulders, hips, aspect) ?? aside(hips))
      : halfSeen(keypoints, shoulders, hips, silence, aspect);
  if (found) return found;
  if (brightness !== null && brightness < DIM) return advice('more_light');
  return silence === 'sides_unsure' ? advice('face_camera') : null;
}

/**
 * Of a body of which the picture has only a part: at the side, above, below, or too large.
 * @param {Keypoint[]} keypoints
 * @param {[number, number] | null} shoulders
 * @param {[number, number] | null} hips
 * @param {import('./messages.js').Silence | null} silence
 * @param {number} aspect
 * @returns {Advice | null}
 */
function halfSeen(keypoints, shoulders, hips, silence, aspect) {
  if (shoulders && !hips && silence === 'occluded') return null;
  const seen = keypoints.filter(([x, y, score]) => score >= SEEN && within([x, y]));
  const beside = seen.length > 0 ? aside([mean(seen, 0), mean(seen, 1)]) : null;
  if (beside) return beside;
  const nose = middle(keypoints, [0]);
  if (!shoulders) {
    if (nose && nose[1] > 0.4) return advice('tilt_down');
    return !nose && hasFeet(keypoints) ? advice('tilt_up') : stepBack(nose ? 1 : LARGE, aspect);
  }
  const [left, right] = [keypoints[5], keypoints[6]];
  const width = Math.hypot((left[0] - right[0]) * aspect, left[1] - right[1]);
  const neck = nose ? Math.abs(shoulders[1] - nose[1]) : 0;
  const height = Math.max(width / SHOULDERS, neck / NECK);
  const top = shoulders[1] - (1 + CROWN) * neck;
  return nose && top > ROOM && height < TALL ? advice('tilt_down') : stepBack(height, aspect);
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
  // Some detectors press what is outside against the picture's edge: the trunk knows better.
  const least = shoulders[1] - HEAD * trunk;
  const top = nose ? Math.min(least, nose[1] - CROWN * Math.abs(shoulders[1] - nose[1])) : least;
  const feetSeen = hasFeet(keypoints);
  const ankle = Math.max(keypoints[15][1], keypoints[16][1]);
  const height = trunk / TRUNK;
  const bottom = feetSeen ? ankle + TOES * height : top + height;
  const headCut = top < 0;
  const feetCut = bottom > 1 || !feetSeen;
  if (headCut && !feetCut && 1 - bottom > ROOM) return advice('tilt_up');
  if (feetCut && !headCut && top > ROOM && bottom - top < TALL) return advice('tilt_down');
  const tall = Math.max(height, bottom - top);
  if (headCut || feetCut || bottom - top > TALL) return aside(hips, 0) ?? stepBack(tall, aspect);
  return tall < SMALL ? advice('come_closer') : null;
}

/**
 * @param {[number, number]} middle of the body
 * @param {number} [limit]
 * @returns {Advice | null}
 */
function aside([x], limit = ASIDE) {
  // The student's right is on the left of the unmirrored picture.
  if (x < limit) return advice('move_left');
  return x > 1 - limit ? advice('move_right') : null;
}

/**
 * @param {number} height of the body, part of the picture's
 * @param {number} aspect
 * @returns {Advice}
 */
function stepBack(height, aspect) {
  const shows = aspect < 1 ? SHOWS_M.tall : SHOWS_M.wide;
  const steps = Math.round((BODY_M / WANTED - BODY_M / height) / shows / STEP_M);
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

/** @param {Keypoint[]} keypoints */
function hasFeet(keypoints) {
  return [15, 16].every((index) => {
    const [x, y, score] = keypoints[index];
    return score >= SEEN && within([x, y]);
  });
}

/**
 * @param {Keypoint[]} keypoints
 * @param {0 | 1} axis
 */
function mean(keypoints, axis) {
  return keypoints.reduce((sum, point) => sum + point[axis], 0) / keypoints.length;
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
  #wanted = '';
  #wantedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {Seen} seen
   * @param {number} now milliseconds, any one clock
   * @returns {Advice | null}
   */
  hear(seen, now) {
    const found = framingAdvice(seen);
    const text = found?.text ?? '';
    if (text !== this.#wanted) {
      this.#wanted = text;
      this.#wantedAt = now;
    }
    const sure = now - this.#wantedAt >= SURE_MS;
    const stays = this.#shown !== null && now - this.#shownAt < STAYS_MS;
    // Fewer steps are left to take with each that was taken.
    if (sure && !stays && found?.text !== this.#shown?.text) {
      this.#shown = found;
      this.#shownAt = now;
    }
    return this.#shown;
  }
}
