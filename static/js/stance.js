// Before the film: the stance at ease that the coach gets to know the student by.

import { say } from './cues.js';

/** @typedef {import('./messages.js').StateMessage} StateMessage */
/** @typedef {import('./cues.js').Saying} Saying */

/** Who has not stood so by then does without: it is asked for, not demanded. */
const ASKED_FOR_MS = 12_000;
const THANKED_FOR_MS = 3000;

const STEP_BACK = 'Stand about three metres away, then start.';
const START = 'Start when you like.';
const START_HANDS = 'Raise both arms to start.';
const GET_READY = 'Get ready';

export class Stance {
  /** Whether the student is a film: there is nobody here to stand anywhere. */
  isFilm = false;
  /** Whether raised arms start the film. */
  handsFree = false;
  #isKnown = false;
  #seesStudent = false;
  /** When it was first asked for, and when it became known; milliseconds, any one clock. */
  #askedAt = Number.NaN;
  #knownAt = Number.NaN;

  /**
   * @param {StateMessage} state
   * @param {number} now
   */
  hear({ calibrated }, now) {
    this.#seesStudent = true;
    if (calibrated && !this.#isKnown) this.#knownAt = now;
    this.#isKnown = calibrated === true;
  }

  /**
   * What to do before the film begins, for a student in full view.
   * @param {string} stage
   * @param {import('./cues.js').CueBoard} board
   * @param {number} now
   * @returns {Saying}
   */
  saying(stage, board, now) {
    const framing = stage === 'framing';
    const start = this.handsFree ? say('guide', START_HANDS) : say('quiet', START);
    const ready = framing ? start : say('quiet', GET_READY);
    if (this.isFilm) return say('quiet', framing ? START : GET_READY);
    if (this.#isKnown) {
      const fresh = now - this.#knownAt < THANKED_FOR_MS;
      return fresh ? board.phrase('praise', 'calibrated') : ready;
    }
    if (this.#seesStudent) {
      if (Number.isNaN(this.#askedAt)) this.#askedAt = now;
      if (now - this.#askedAt < ASKED_FOR_MS) return board.phrase('quiet', 'at_ease');
    }
    return this.#seesStudent || !framing ? ready : say('quiet', STEP_BACK);
  }
}
