// What the one large line says: the cue, the praise, or why the coach is silent.

/** @typedef {import('./messages.js').CueMessage} CueMessage */
/** @typedef {import('./messages.js').Silence} Silence */
/** @typedef {import('./messages.js').Direction} Direction */
/** @typedef {import('./messages.js').Side} Side */
/**
 * - `correct`: something to change
 * - `praise`: it has been changed
 * - `quiet`: why there is nothing to say
 * - `waiting`: the coach is not there yet
 * - `trouble`: the line to the coach is gone, or the coach is in trouble
 * @typedef {'correct' | 'praise' | 'quiet' | 'waiting' | 'trouble'} Tone
 */
/** @typedef {{id: number, text: string, fixed: boolean}} CueRecord */
/**
 * @typedef {object} Saying
 * @property {Tone} tone
 * @property {string} text
 * @property {Direction | null} direction
 * @property {Side} side
 */

/** A cue is shown for so long even when its hold is over: it has to be read. */
const LEAST_MS = 4000;
/** A cue that is neither fixed nor replaced is old news after this. */
const MOST_MS = 12_000;
const PRAISE_MS = 2600;
const FAULT_MS = 3500;

const PRAISES = ["That's it.", 'Good.', 'Well done.'];

/** @type {Record<Silence, string>} */
const SILENCES = {
  no_person: 'I cannot see anyone. Step into the picture.',
  out_of_frame: 'I cannot see all of you. Take a step back.',
  sides_unsure: 'I cannot tell your left from your right. Face the camera.',
  not_following: 'Follow the instructor, and I join in again.',
  paused: 'Paused',
  moving: 'Move with the instructor',
};
const JUDGING = 'Nothing to correct';

export class CueBoard {
  /** @type {{cue: CueMessage, since: number} | null} */
  #raised = null;
  /** @type {{text: string, since: number} | null} */
  #praise = null;
  /** @type {Silence | null} */
  #silence = 'paused';
  /** @type {{tone: Tone, text: string} | null} */
  #absence = null;
  /** @type {{text: string, since: number} | null} */
  #fault = null;
  /** @type {CueRecord[]} every cue of this practice */
  history = [];
  /** Whether the coach has judged any pose of this practice. */
  everJudged = false;

  /**
   * @param {CueMessage} cue
   * @param {number} now milliseconds, any one clock
   * @returns {string} what to say aloud; empty for nothing
   */
  hear(cue, now) {
    if (cue.state === 'raised') {
      this.history.push({ id: cue.id, text: cue.text, fixed: false });
      this.#raised = { cue, since: now };
      this.#praise = null;
      return cue.spoken ? cue.text : '';
    }
    // A server begun anew counts from 1 again: the last one of that number is meant.
    const known = this.history.findLast(({ id }) => id === cue.id);
    if (known) known.fixed = true;
    if (this.#raised && this.#raised.cue.id !== cue.id) return '';
    const text = praiseFor(cue, known?.text ?? '');
    this.#raised = null;
    this.#praise = { text, since: now };
    return cue.spoken ? text : '';
  }

  /** @param {Silence | null} silence */
  setSilence(silence) {
    this.#silence = silence;
    this.everJudged ||= silence === null;
  }

  /** Whether the coach is judging the pose now. */
  get judging() {
    return this.#silence === null;
  }

  /** @param {{tone: Tone, text: string} | null} absence why there is no coach at present */
  setAbsence(absence) {
    this.#absence = absence;
  }

  /**
   * @param {string} text what the server says went wrong; it says so again while it lasts
   * @param {number} now
   */
  hearFault(text, now) {
    this.#fault = { text, since: now };
  }

  /**
   * @param {number} now
   * @returns {Saying}
   */
  saying(now) {
    this.#expire(now);
    if (this.#absence) return say(this.#absence.tone, this.#absence.text);
    if (this.#fault) return say('trouble', this.#fault.text);
    if (this.#raised) {
      const { text, direction, side } = this.#raised.cue;
      return { tone: 'correct', text, direction, side };
    }
    if (this.#praise) return say('praise', this.#praise.text);
    return say('quiet', this.#silence ? SILENCES[this.#silence] ?? '' : JUDGING);
  }

  /**
   * The joints the cue shown is about, by the names of the deviations.
   * @returns {string[]}
   */
  joints() {
    return this.#raised ? jointNames(this.#raised.cue) : [];
  }

  /** @param {number} now */
  #expire(now) {
    const shown = this.#raised ? now - this.#raised.since : 0;
    if (shown > MOST_MS || (shown > LEAST_MS && !this.judging)) this.#raised = null;
    if (this.#praise && now - this.#praise.since > PRAISE_MS) this.#praise = null;
    if (this.#fault && now - this.#fault.since > FAULT_MS) this.#fault = null;
  }
}

/**
 * @param {Tone} tone
 * @param {string} text
 * @returns {Saying}
 */
function say(tone, text) {
  return { tone, text, direction: null, side: 'center' };
}

/**
 * The server's own words where it has some, else one of ours.
 * @param {CueMessage} cue
 * @param {string} raisedText
 */
function praiseFor(cue, raisedText) {
  if (cue.text && cue.text !== raisedText) return cue.text;
  return PRAISES[cue.id % PRAISES.length];
}

/**
 * @param {{joint: string, side: Side}} cue
 * @returns {string[]} such as `left_knee`, or `trunk`
 */
export function jointNames({ joint, side }) {
  if (side === 'both') return [`left_${joint}`, `right_${joint}`];
  return side === 'center' ? [joint] : [`${side}_${joint}`];
}
