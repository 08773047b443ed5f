// One's own camera, frame by frame, before anything is sent.

import { epochMs } from './clock.js';

/**
 * @typedef {object} LocalFrame
 * @property {CanvasImageSource} image valid during the call only
 * @property {number} width
 * @property {number} height
 * @property {number} captureMs epoch milliseconds
 * @property {boolean} exact whether `captureMs` is when it was captured, not only when it was shown
 */

/**
 * Plays a stream out of sight and tells of every frame.
 * @param {MediaStream} stream
 * @param {(frame: LocalFrame) => void} onFrame
 * @returns {() => void} stops it
 */
export function watchCamera(stream, onFrame) {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  let open = true;
  /** @param {number} shown @param {number} [captured] on `performance.now()`'s clock */
  const tell = (shown, captured) => {
    if (!open || video.videoWidth === 0) return;
    onFrame({
      image: video,
      width: video.videoWidth,
      height: video.videoHeight,
      captureMs: epochMs(captured ?? shown),
      exact: captured !== undefined,
    });
  };
  const watchFrames = () => {
    video.requestVideoFrameCallback((now, frame) => {
      tell(now, frame.captureTime);
      if (open) watchFrames();
    });
  };
  // For browsers that do not tell when a video shows a new frame.
  const watchRefreshes = () => {
    requestAnimationFrame((now) => {
      tell(now);
      if (open) watchRefreshes();
    });
  };
  if ('requestVideoFrameCallback' in video) watchFrames();
  else watchRefreshes();
  video.play().catch(() => {
    // Stopped before it had begun.
  });
  return () => {
    open = false;
    video.srcObject = null;
  };
}
