// One's own picture with the skeleton on exactly the frame it was found in.

import { CaptureBias, EarlyPoses, FrameRing } from './frames.js';

/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./local_frames.js').LocalFrame} LocalFrame */
/** @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D}} Picture */

/** Frames kept: 0.4 s at 30 a second, three times the latency of a coach that keeps up. */
const KEPT = 12;
/** Without a pose for so long the picture goes on alone: nobody wants to see himself frozen. */
const ALONE_AFTER_MS = 450;

export class SelfView {
  #ring = new FrameRing(KEPT, makePicture);
  /** @type {EarlyPoses<PoseMessage>} */
  #early = new EarlyPoses(KEPT);
  #bias = new CaptureBias();
  #context;
  #poseAt = Number.NEGATIVE_INFINITY;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #exact = true;
  /** How many poses were drawn on their own frame, and how many had none left to be drawn on. */
  counts = { matched: 0, early: 0, unmatched: 0 };

  /**
   * @param {HTMLCanvasElement} canvas where the picture is shown
   * @param {(pose: PoseMessage | null) => void} onShown what belongs to the picture just shown
   */
  constructor(canvas, onShown) {
    this.canvas = canvas;
    this.onShown = onShown;
    this.#context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext('2d', { alpha: false })
    );
  }

  /** @param {LocalFrame} frame */
  onFrame({ image, width, height, captureMs, exact }) {
    this.#exact = exact;
    const { picture } = this.#ring.put(captureMs);
    copy(image, width, height, picture);
    const pose = this.#early.take(captureMs);
    if (pose) {
      this.counts.early += 1;
      this.#draw(picture, captureMs, pose);
    } else if (performance.now() - this.#poseAt > ALONE_AFTER_MS) {
      this.#early.clear();
      this.#draw(picture, captureMs, null);
    }
  }

  /** @param {PoseMessage} pose */
  onPose(pose) {
    this.#poseAt = performance.now();
    const newest = this.#ring.newest();
    if (!newest) return;
    if (!this.#exact || pose.capture_ms === null) {
      this.#draw(newest.picture, newest.captureMs, pose);
      return;
    }
    this.#bias.learn(this.#ring, pose.capture_ms);
    const captureMs = pose.capture_ms - this.#bias.ms;
    const frame = this.#ring.nearest(captureMs);
    if (frame) {
      this.counts.matched += 1;
      this.#draw(frame.picture, frame.captureMs, pose);
    } else if (captureMs > newest.captureMs) {
      this.#early.add(captureMs, pose);
    } else {
      this.counts.unmatched += 1;
    }
  }

  /**
   * @param {Picture} picture
   * @param {number} captureMs
   * @param {PoseMessage | null} pose
   */
  #draw(picture, captureMs, pose) {
    // The pose channel keeps no order: what is older than the picture shown is past.
    if (captureMs < this.#drawnMs) return;
    this.#drawnMs = captureMs;
    copy(picture.canvas, picture.canvas.width, picture.canvas.height, {
      canvas: this.canvas,
      context: this.#context,
    });
    this.onShown(pose);
  }
}

/** @returns {Picture} */
function makePicture() {
  const canvas = document.createElement('canvas');
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext('2d', { alpha: false })
  );
  return { canvas, context };
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {Picture} target takes the source's size
 */
function copy(source, width, height, { canvas, context }) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.drawImage(source, 0, 0);
}
