// Starting and pausing without a hand on the machine: what arms and voice mean, and when.

import { Gestures, armsCross } from './gestures.js';

/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./figures/instructor_track.js').InstructorTrack} InstructorTrack */

/** Whoever crosses their arms while the instructor does, or nearly, only follows. */
const AROUND_S = [-2, -1, 0, 1];

export class Hands {
  /** Whether arms mean anything at all. */
  enabled = true;
  /** @type {InstructorTrack | null} */
  track = null;
  /** Where in the routine the student is, or the film. */
  #t = 0;
  #gestures;

  /**
   * @param {{
   *   mayGo: () => boolean,
   *   mayPause: () => boolean,
   *   onGo: () => void,
   *   onPause: () => void,
   *   filmTime: () => number,
   * }} wiring `filmTime`: where the film is, seconds, for a student who is matched nowhere;
   *    `mayGo`: whether raised arms would start something now: not where the film waits
   *   for the student, for they may be the very pose that it waits for
   */
  constructor(wiring) {
    this.wiring = wiring;
    this.#gestures = new Gestures((name) => this.#act(name));
  }

  /**
   * @param {PoseMessage} pose
   * @param {number} aspect width over height of the picture
   * @param {number} now milliseconds, any one clock
   */
  hear({ keypoints, routine_t: t }, aspect, now) {
    if (!this.enabled) return;
    this.#t = t ?? this.wiring.filmTime();
    this.#gestures.hear(keypoints ?? [], aspect, now);
  }

  /**
   * What is being signed, for the page to show how long it must still be held.
   * @returns {{label: string, share: number} | null}
   */
  get signing() {
    const sign = this.enabled ? this.#gestures.now : null;
    if (!sign || !this.#means(sign.name)) return null;
    return { label: sign.name === 'arms_up' ? 'Start' : 'Pause', share: sign.share };
  }

  /** @param {'arms_up' | 'arms_crossed'} name */
  #means(name) {
    if (name === 'arms_up') return this.wiring.mayGo();
    return this.wiring.mayPause() && !this.#instructorCrosses();
  }

  #instructorCrosses() {
    const [track, t] = [this.track, this.#t];
    if (!track) return false;
    return AROUND_S.some((apart) => {
      const joints = track.at(t + apart);
      return joints !== null && armsCross(joints);
    });
  }

  /** @param {'arms_up' | 'arms_crossed'} name */
  #act(name) {
    if (!this.enabled || !this.#means(name)) return;
    if (name === 'arms_up') this.wiring.onGo();
    else this.wiring.onPause();
  }
}
