// One's own picture with the skeleton on exactly the frame it was found in.

import { epochMs } from './clock.js';
import { EarlyPoses, FrameRing } from './frames.js';

/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D}} Picture */

/** Frames kept: 0.4 s at 30 a second, three times the latency of a coach that keeps up. */
const KEPT = 12;
/** Without a pose for so long the picture goes on alone: nobody wants to see himself frozen. */
const ALONE_AFTER_MS = 450;

export class SelfView {
  #ring = new FrameRing(KEPT, makePicture);
  /** @type {EarlyPoses<PoseMessage>} */
  #early = new EarlyPoses(KEPT);
  #video = document.createElement('video');
  #context;
  #poseAt = Number.NEGATIVE_INFINITY;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #exact = true;
  #open = true;
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
    this.#video.muted = true;
    this.#video.playsInline = true;
  }

  /** @param {MediaStream} stream */
  async show(stream) {
    this.#video.srcObject = stream;
    await this.#video.play();
    if ('requestVideoFrameCallback' in this.#video) this.#watchFrames();
    else this.#watchRefreshes();
  }

  #watchFrames() {
    this.#video.requestVideoFrameCallback((now, frame) => {
      this.#exact = frame.captureTime !== undefined;
      this.#onFrame(epochMs(frame.captureTime ?? now));
      if (this.#open) this.#watchFrames();
    });
  }

  /** For browsers that do not tell when a video shows a new frame. */
  #watchRefreshes() {
    this.#exact = false;
    requestAnimationFrame((now) => {
      this.#onFrame(epochMs(now));
      if (this.#open) this.#watchRefreshes();
    });
  }

  /** @param {number} captureMs */
  #onFrame(captureMs) {
    const { picture } = this.#ring.put(captureMs);
    copy(this.#video, this.#video.videoWidth, this.#video.videoHeight, picture);
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
    const frame = this.#ring.nearest(pose.capture_ms);
    if (frame) {
      this.counts.matched += 1;
      this.#draw(frame.picture, frame.captureMs, pose);
    } else if (pose.capture_ms > newest.captureMs) {
      this.#early.add(pose);
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

  close() {
    this.#open = false;
    this.#video.srcObject = null;
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
