// What the one large line says: the cue, the praise, or why the coach is silent.

import { ENGLISH } from './words.js';

/** @typedef {import('./messages.js').CueMessage} CueMessage */
/** @typedef {import('./messages.js').Silence} Silence */
/** @typedef {import('./messages.js').Direction} Direction */
/** @typedef {import('./messages.js').Side} Side */
/** @typedef {import('./messages.js').Phrase} Phrase */
/**
 * - `correct`: something to change
 * - `praise`: it has been changed
 * - `quiet`: why there is nothing to say
 * - `halt`: the film waits for the student
 * - `guide`: what to do so that the practice can go on, or how the page was changed
 * - `waiting`: the coach is not there yet
 * - `trouble`: the line to the coach is gone, or the coach is in trouble
 * @typedef {'correct' | 'praise' | 'quiet' | 'halt' | 'guide' | 'waiting' | 'trouble'} Tone
 */
/** @typedef {{id: number, text: string, fixed: boolean}} CueRecord */
/**
 * @typedef {object} Saying
 * @property {Tone} tone
 * @property {string} text
 * @property {Direction | null} direction
 * @property {Side} side
 * @property {string} language of the text, BCP 47
 * @property {string} [sign] name of a sign that goes with it, where no direction does
 */

/** A cue is shown for so long even when its hold is over: it has to be read. */
const LEAST_MS = 4000;
/** A cue that is neither fixed nor replaced is old news after this. */
const MOST_MS = 12_000;
const PRAISE_MS = 2600;
const FAULT_MS = 3500;
const NOTE_MS = 4000;
/** Why there is nothing to say changes no faster than this. */
const IDLE_MS = 1500;
/** A note that could not be shown for so long is old news. */
const NOTE_WAITS_MS = 10_000;

const PRAISES = ["That's it.", 'Good.', 'Well done.'];

export class CueBoard {
  /** @type {{cue: CueMessage, since: number} | null} */
  #raised = null;
  /** @type {{text: string, since: number} | null} */
  #praise = null;
  /** @type {Silence | null} */
  #silence = 'paused';
  /** @type {Saying | null} what was last said where there was nothing to say */
  #idle = null;
  #idleSince = Number.NEGATIVE_INFINITY;
  /** @type {{tone: Tone, text: string} | null} */
  #absence = null;
  /** @type {{text: string, since: number} | null} */
  #fault = null;
  /** @type {{saying: Saying, madeAt: number, since: number} | null} `since`: NaN until shown */
  #note = null;
  /** What the coach says beside its cues. */
  words = ENGLISH;
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
   * @param {Phrase} phrase what is worth a moment where there is nothing to correct
   * @param {number} now
   */
  note(phrase, now) {
    this.#note = { saying: this.phrase('quiet', phrase), madeAt: now, since: Number.NaN };
  }

  /**
   * @param {string} text what the page itself has to say for a moment
   * @param {number} now
   */
  tell(text, now) {
    this.#note = { saying: say('guide', text), madeAt: now, since: Number.NaN };
  }

  /**
   * What is worth a moment just now, even while the film stands still.
   * @param {number} now
   * @returns {Saying | null}
   */
  noted(now) {
    this.#expire(now);
    if (!this.#note) return null;
    if (Number.isNaN(this.#note.since)) this.#note.since = now;
    return this.#note.saying;
  }

  /**
   * @param {number} now
   * @returns {Saying}
   */
  saying(now) {
    this.#expire(now);
    if (this.#absence) return say(this.#absence.tone, this.#absence.text);
    if (this.#fault) return say('trouble', this.#fault.text);
    const { language } = this.words;
    if (this.#raised) {
      const { text, direction, side } = this.#raised.cue;
      return { tone: 'correct', text, direction, side, language };
    }
    if (this.#praise) return { ...say('praise', this.#praise.text), language };
    return this.noted(now) ?? this.#calmly(now);
  }

  /**
   * Why the coach is silent, or that there is nothing to correct.
   * @returns {Saying}
   */
  quiet() {
    const { silences, language } = this.words;
    if (!this.#silence) return this.phrase('quiet', 'judging');
    return { ...say('quiet', silences[this.#silence] ?? ''), language };
  }

  /**
   * The same, but nothing that is gone before it could be read.
   * @param {number} now
   */
  #calmly(now) {
    const quiet = this.quiet();
    if (quiet.text !== this.#idle?.text && now - this.#idleSince < IDLE_MS) {
      return this.#idle ?? quiet;
    }
    if (quiet.text !== this.#idle?.text) this.#idleSince = now;
    this.#idle = quiet;
    return quiet;
  }

  /**
   * @param {Tone} tone
   * @param {Phrase} phrase
   * @returns {Saying}
   */
  phrase(tone, phrase) {
    return { ...say(tone, this.words.phrases[phrase]), language: this.words.language };
  }

  /**
   * Lets go of a cue whose pose is over: the film is in another one, or was moved elsewhere.
   * @param {import('./chapters.js').Hold} hold that the film is in
   * @param {number} now
   */
  leave({ start_s, end_s }, now) {
    const raised = this.#raised;
    if (!raised || now - raised.since < LEAST_MS) return;
    const { routine_t: t } = raised.cue;
    if (t < start_s || t >= end_s) this.#raised = null;
  }

  /** Forgets what was said of where the film no longer is. */
  jump() {
    this.#raised = null;
    this.#praise = null;
  }

  /**
   * The cue shown, if any.
   * @returns {CueMessage | null}
   */
  get cue() {
    return this.#raised?.cue ?? null;
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
    if (!this.#note) return;
    const { madeAt, since } = this.#note;
    if (now - since > NOTE_MS || now - madeAt > NOTE_WAITS_MS) this.#note = null;
  }
}

/**
 * One of the page's own lines.
 * @param {Tone} tone
 * @param {string} text
 * @returns {Saying}
 */
export function say(tone, text) {
  return { tone, text, direction: null, side: 'center', language: 'en' };
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
