// The last pictures of one's own camera, each with the moment it was captured, so that a pose
// can be drawn on exactly the frame it was found in.

/**
 * How far apart, in milliseconds, a pose's and a frame's capture times may be and still mean the
 * same frame: well under half a frame at 30 a second, well over the error of either clock.
 */
export const SAME_FRAME_MS = 12;

/** Half a frame at 30 a second: beyond it the next frame is nearer. */
const HALF_FRAME_MS = 16;
/** How much of the way to what was last seen a bias goes. */
const LEARNING = 0.15;

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
 * How far the server's capture times lie from this page's. A camera's differ by about 1 ms; the
 * demo's film, whose frames reach the browser's sender from a canvas, by up to half a frame,
 * constant within one connection.
 */
export class CaptureBias {
  /** Milliseconds to take off the server's capture times. */
  ms = 0;

  /**
   * @template P
   * @param {FrameRing<P>} ring
   * @param {number} captureMs as the server says
   */
  learn(ring, captureMs) {
    const frame = ring.nearest(captureMs - this.ms, HALF_FRAME_MS);
    if (!frame) return;
    const apart = captureMs - frame.captureMs;
    if (Math.abs(apart) <= HALF_FRAME_MS) this.ms += (apart - this.ms) * LEARNING;
  }
}

/**
 * Poses that came before the page had been shown their frame.
 * @template Q
 */
export class EarlyPoses {
  /** @type {{captureMs: number, pose: Q}[]} */
  #waiting = [];
  #most;

  /** @param {number} most how many may wait; beyond it the oldest is given up */
  constructor(most) {
    this.#most = most;
  }

  /**
   * @param {number} captureMs of its frame
   * @param {Q} pose
   */
  add(captureMs, pose) {
    this.#waiting.push({ captureMs, pose });
    if (this.#waiting.length > this.#most) this.#waiting.shift();
  }

  /**
   * Takes out the pose of a frame that has just been shown, and gives up all older ones.
   * @param {number} captureMs
   * @returns {Q | null}
   */
  take(captureMs) {
    /** @type {Q | null} */
    let found = null;
    this.#waiting = this.#waiting.filter((waiting) => {
      const apart = waiting.captureMs - captureMs;
      if (Math.abs(apart) <= SAME_FRAME_MS) found = waiting.pose;
      return apart > SAME_FRAME_MS;
    });
    return found;
  }

  clear() {
    this.#waiting.length = 0;
  }
}
