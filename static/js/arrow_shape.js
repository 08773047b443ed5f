// An arrow on a picture, thick enough to be seen from three metres.

/** @typedef {import('./body_arrow.js').Arrow} Arrow */

/** Parts of the picture's height. */
const SHAFT = 0.026;
const HEAD = 0.085;
const HEAD_LENGTH = 0.07;
const EDGE = 0.008;
/** Of a turn's bow over its length. */
const BOW = 0.45;

const FILL = '#ffb14a';
const DARK = 'rgba(8, 12, 18, 0.85)';

/** An arrow moves its own way so far, and again: where it goes is seen without its head. */
const STROLL = 0.03;
const STROLL_MS = 900;
const still = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Arrow} arrow in fractions of `height`
 * @param {number} height of the picture in pixels
 */
export function drawArrow(context, { from, to, turns }, height) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length < 1e-6) return;
  const stroll = still.matches ? 0 : STROLL * ((performance.now() % STROLL_MS) / STROLL_MS);
  context.save();
  context.scale(height, height);
  context.translate(from[0] + (dx / length) * stroll, from[1] + (dy / length) * stroll);
  context.rotate(Math.atan2(dy, dx));
  const path = turns ? bow(length, Math.sign(dx)) : straight(length);
  context.lineJoin = 'round';
  context.lineWidth = 2 * EDGE;
  context.strokeStyle = DARK;
  context.stroke(path);
  context.fillStyle = FILL;
  context.fill(path);
  context.restore();
}

/**
 * From 0 to `length` along x.
 * @param {number} length
 */
function straight(length) {
  const shoulder = Math.max(0, length - HEAD_LENGTH);
  const path = new Path2D();
  path.moveTo(0, -SHAFT / 2);
  path.lineTo(shoulder, -SHAFT / 2);
  path.lineTo(shoulder, -HEAD / 2);
  path.lineTo(length, 0);
  path.lineTo(shoulder, HEAD / 2);
  path.lineTo(shoulder, SHAFT / 2);
  path.lineTo(0, SHAFT / 2);
  path.closePath();
  return path;
}

/**
 * A bow over the picture's upper side, as a body turns about its height.
 * @param {number} length
 * @param {number} up 1 where the upper side is that of negative y along the arrow
 */
function bow(length, up) {
  const shoulder = length - HEAD_LENGTH;
  const peak = -up * BOW * length;
  const path = new Path2D();
  path.moveTo(0, -SHAFT / 2);
  path.quadraticCurveTo(shoulder / 2, peak - SHAFT, shoulder, -SHAFT / 2);
  path.lineTo(shoulder - HEAD * 0.2, -HEAD / 2);
  path.lineTo(length, up * HEAD * 0.35);
  path.lineTo(shoulder - HEAD * 0.2, HEAD / 2);
  path.lineTo(shoulder, SHAFT / 2);
  path.quadraticCurveTo(shoulder / 2, peak + SHAFT, 0, SHAFT / 2);
  path.closePath();
  return path;
}
