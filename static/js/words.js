// What the coach says beside its cues: English at once, other languages from the server.

/** @typedef {import('./messages.js').WordsMessage} WordsMessage */
/** @typedef {import('./messages.js').Silence} Silence */
/** @typedef {import('./messages.js').Phrase} Phrase */
/**
 * @typedef {object} Words
 * @property {string} language BCP 47
 * @property {Record<Silence, string>} silences why nothing is said, and what to do about it
 * @property {Record<Phrase, string>} phrases
 */

/** @type {Words} the server's own English, for the moment before it has said a word */
export const ENGLISH = {
  language: 'en',
  silences: {
    no_person: 'I cannot see anyone. Step into the picture.',
    out_of_frame: 'Step back until I see you from head to feet.',
    too_near: 'You are very near. Take a few steps back.',
    occluded: 'Something hides part of you. Move clear of it.',
    sides_unsure: 'I cannot tell left from right. Face the camera.',
    several_people: 'I see several people. Only one in the picture, please.',
    not_following: 'Follow the instructor, and I join in again.',
    paused: 'Paused. Press play to go on.',
    moving: 'Move with the instructor. I look when you hold still.',
  },
  phrases: {
    judging: 'Nothing to correct',
    waiting: 'The film waits for you',
    at_ease: 'Stand at ease for a moment, arms by your sides',
    calibrated: 'Good, now I know how you stand',
    mirrored: 'I compare as in a mirror',
    same_side: 'I compare left with left',
  },
};

/** @type {Set<Silence | null | undefined>} what only the student can mend, by moving */
const OUT_OF_SIGHT = new Set([
  'no_person',
  'out_of_frame',
  'too_near',
  'occluded',
  'several_people',
]);

/**
 * Whether the coach cannot see the student as it should.
 * @param {Silence | null | undefined} silence
 */
export function isOutOfSight(silence) {
  return OUT_OF_SIGHT.has(silence);
}

/**
 * The server's words; where it has none, ours.
 * @param {WordsMessage} message
 * @returns {Words}
 */
export function wordsOf({ language, silences, phrases }) {
  return {
    language,
    silences: { ...ENGLISH.silences, ...silences },
    phrases: { ...ENGLISH.phrases, ...phrases },
  };
}
