// The last pictures of one's own camera, each with the moment it was captured, so that a pose
// can be drawn on exactly the frame it was found in.

/**
 * How far apart, in milliseconds, a pose's and a frame's capture times may be and still mean the
 * same frame: well under half a frame at 30 a second, well over the error of either clock.
 */
export const SAME_FRAME_MS = 12;

/**
 * @template P
 * @typedef {object} Frame
 * @property {number} captureMs epoch milliseconds
 * @property {P} picture
 */

/**
 * A ring of frames. The pictures are made once and drawn over: nothing is allocated per frame.
 * @template P
 */
export class FrameRing {
  /** @type {Frame<P>[]} */
  #frames;
  #next = 0;

  /**
   * @param {number} size how many frames are kept
   * @param {() => P} makePicture
   */
  constructor(size, makePicture) {
    this.#frames = Array.from({ length: size }, () => ({
      captureMs: Number.NEGATIVE_INFINITY,
      picture: makePicture(),
    }));
  }

  /**
   * Gives the oldest frame's place to a new one.
   * @param {number} captureMs
   * @returns {Frame<P>} whose picture the caller now draws over
   */
  put(captureMs) {
    const frame = this.#frames[this.#next];
    frame.captureMs = captureMs;
    this.#next = (this.#next + 1) % this.#frames.length;
    return frame;
  }

  /** @returns {Frame<P> | null} */
  newest() {
    const size = this.#frames.length;
    const frame = this.#frames[(this.#next + size - 1) % size];
    return Number.isFinite(frame.captureMs) ? frame : null;
  }

  /**
   * The frame captured at that moment, or null where none is near enough.
   * @param {number} captureMs
   * @param {number} [withinMs]
   * @returns {Frame<P> | null}
   */
  nearest(captureMs, withinMs = SAME_FRAME_MS) {
    let best = null;
    let distance = withinMs;
    for (const frame of this.#frames) {
      const apart = Math.abs(frame.captureMs - captureMs);
      if (apart <= distance) {
        best = frame;
        distance = apart;
      }
    }
    return best;
  }
}

/**
 * Poses that came before the page had been shown their frame.
 * @template {{capture_ms: number | null}} Q
 */
export class EarlyPoses {
  /** @type {Q[]} */
  #waiting = [];
  #most;

  /** @param {number} most how many may wait; beyond it the oldest is given up */
  constructor(most) {
    this.#most = most;
  }

  /** @param {Q} pose */
  add(pose) {
    this.#waiting.push(pose);
    if (this.#waiting.length > this.#most) this.#waiting.shift();
  }

  /**
   * Takes out the pose of a frame that has just been shown, and gives up all older ones.
   * @param {number} captureMs
   * @returns {Q | null}
   */
  take(captureMs) {
    let found = null;
    this.#waiting = this.#waiting.filter((pose) => {
      const apart = /** @type {number} */ (pose.capture_ms) - captureMs;
      if (Math.abs(apart) <= SAME_FRAME_MS) found = pose;
      return apart > SAME_FRAME_MS;
    });
    return found;
  }

  clear() {
    this.#waiting.length = 0;
  }
}
