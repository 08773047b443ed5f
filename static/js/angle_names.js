// Angles of the body in plain words: what each is called, and which way it is off.

/**
 * @typedef {object} AngleWords
 * @property {string} name
 * @property {string} more what a student is whose angle is the larger
 * @property {string} less and whose is the smaller
 */

/** @type {[kind: string, name: string, more: string, less: string][]} of each side */
const LIMBS = [
  ['elbow_flexion', 'elbow', 'more bent', 'straighter'],
  ['knee_flexion', 'knee', 'more bent', 'straighter'],
  ['hip_flexion', 'leg, forward', 'further forward', 'further back'],
  ['hip_abduction', 'leg, sideways', 'further out', 'further in'],
  ['shoulder_elevation', 'arm, height', 'higher', 'lower'],
  ['shoulder_plane', 'arm, forward', 'further forward', 'further back'],
];

/** @type {[angle: string, name: string, more: string, less: string][]} */
const MIDDLE = [
  ['trunk_forward', 'Back, forward', 'further forward', 'further back'],
  ['trunk_side', 'Back, sideways', 'further to the left', 'further to the right'],
  ['trunk_twist', 'Back, turn', 'turned further left', 'turned further right'],
  ['neck_forward', 'Head, forward', 'further forward', 'further back'],
  ['neck_side', 'Head, sideways', 'further to the left', 'further to the right'],
];

/** @type {Map<string, AngleWords>} */
const WORDS = new Map([
  ...LIMBS.flatMap(([kind, name, more, less]) =>
    ['left', 'right'].map(
      (side) =>
        /** @type {[string, AngleWords]} */ ([
          `${side}_${kind}`,
          { name: `${side === 'left' ? 'Left' : 'Right'} ${name}`, more, less },
        ]),
    ),
  ),
  ...MIDDLE.map(
    ([angle, name, more, less]) =>
      /** @type {[string, AngleWords]} */ ([angle, { name, more, less }]),
  ),
]);

/**
 * The words for an angle; its own name where there are none.
 * @param {string} angle
 * @returns {AngleWords}
 */
export function wordsOfAngle(angle) {
  return WORDS.get(angle) ?? { name: angle.replaceAll('_', ' '), more: 'more', less: 'less' };
}

/**
 * `34° more bent`.
 * @param {string} angle
 * @param {number} degrees student minus instructor
 */
export function offBy(angle, degrees) {
  const whole = Math.round(Math.abs(degrees));
  if (whole === 0) return 'together';
  const { more, less } = wordsOfAngle(angle);
  return `${whole}° ${degrees > 0 ? more : less}`;
}
