// What travels on the two data channels, in the server's words.

export const VERSION = 1;

/** @typedef {'left' | 'right' | 'both' | 'center'} Side */
/**
 * @typedef {'raise' | 'lower' | 'bend' | 'straighten' | 'forward' | 'back' | 'out' | 'in'
 *   | 'lean_left' | 'lean_right' | 'turn_left' | 'turn_right'} Direction
 */
/**
 * @typedef {'no_person' | 'out_of_frame' | 'too_near' | 'occluded' | 'sides_unsure'
 *   | 'several_people' | 'not_following' | 'paused' | 'moving'} Silence
 */
/**
 * @typedef {'judging' | 'waiting' | 'at_ease' | 'calibrated' | 'mirrored' | 'same_side'} Phrase
 */
/**
 * One frame's pose. Keypoints: COCO-17 as [x, y, score], x and y fractions of the unmirrored
 * picture. Joints: H36M-17 as [x, y, z], metres from the pelvis, x right, y down, z away from the
 * camera. Deviations: degrees by names such as `left_knee` or `trunk`, of the joints near or
 * over their limit.
 * @typedef {object} PoseMessage
 * @property {'pose'} type
 * @property {number} seq
 * @property {number | null} capture_ms epoch milliseconds on this page's clock
 * @property {[number, number, number][] | null} keypoints
 * @property {[number, number, number][] | null} joints
 * @property {number | null} lag_s
 * @property {number | null} routine_t
 * @property {Record<string, number>} deviations
 */
/**
 * @typedef {object} CueMessage
 * @property {'cue'} type
 * @property {number} id
 * @property {number} t
 * @property {number} routine_t
 * @property {string} joint
 * @property {Side} side
 * @property {Direction} direction
 * @property {number} deviation_deg
 * @property {string} text
 * @property {'raised' | 'fixed'} state
 * @property {boolean} spoken
 */
/**
 * @typedef {object} StateMessage
 * @property {'state'} type
 * @property {Silence | null} silence why the coach says nothing; null while it is judging
 * @property {boolean} [wait] whether the film should wait for the student
 * @property {boolean} [mirrored] whether the student is followed as in a mirror
 * @property {boolean} [calibrated] whether the student's stance at ease is known
 * @property {{device: string, keypoints: string, lifter: string, provider: string}} [engine]
 * @property {{fps: number, dropped: number, latency_ms: number}} [load]
 */
/**
 * What the coach says beside its cues, in the language of the student.
 * @typedef {object} WordsMessage
 * @property {'words'} type
 * @property {string} language
 * @property {Partial<Record<Silence, string>>} silences
 * @property {Partial<Record<Phrase, string>>} phrases
 */
/**
 * What a busy coach asks to be sent, and what it asks for again once it can.
 * @typedef {object} CameraMessage
 * @property {'camera'} type
 * @property {number} max_fps frames a second, at the most
 * @property {number} scale_down the picture's width and height are divided by this
 */
/** @typedef {{type: 'error', error: {code: string, message: string, hint: string}}} ErrorMessage */
/** @typedef {{type: 'bye', reason: string}} ByeMessage */
/**
 * @typedef {PoseMessage | CueMessage | StateMessage | WordsMessage | CameraMessage | ErrorMessage
 *   | ByeMessage} ServerMessage
 */

const KNOWN = new Set(['pose', 'cue', 'state', 'words', 'camera', 'error', 'bye']);

/** Reads messages; what it cannot understand is ignored and counted. */
export class MessageReader {
  ignored = 0;

  /**
   * @param {unknown} data
   * @returns {ServerMessage | null}
   */
  read(data) {
    const message = parse(data);
    if (message?.v === VERSION && KNOWN.has(String(message.type))) {
      return /** @type {ServerMessage} */ (/** @type {unknown} */ (message));
    }
    this.ignored += 1;
    return null;
  }
}

/**
 * @param {unknown} data
 * @returns {Record<string, unknown> | null}
 */
function parse(data) {
  if (typeof data !== 'string') return null;
  try {
    return Object(JSON.parse(data));
  } catch {
    return null;
  }
}

/**
 * Where the instructor's film is.
 * @param {{t: number, playing: boolean, rate: number, atMs: number}} clock `t` in routine
 *   seconds, held at `atMs` (epoch milliseconds)
 */
export function playerMessage({ t, playing, rate, atMs }) {
  return JSON.stringify({ v: VERSION, type: 'player', t, playing, rate, at_ms: atMs });
}

/**
 * @param {{strictness: string, mirror: string, tempo: string, voice: boolean, language: string
 *   }} settings
 */
export function settingsMessage(settings) {
  return JSON.stringify({ v: VERSION, type: 'settings', ...settings });
}

export function byeMessage() {
  return JSON.stringify({ v: VERSION, type: 'bye' });
}
