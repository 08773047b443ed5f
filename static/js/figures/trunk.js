// The trunk on a canvas: a plate between shoulders and hips, thick as a body from the side.

import { HALO, HATCH } from './material.js';
import * as joint from './skeleton.js';

/** @typedef {import('./viewpoint.js').Projected} Projected */
/** @typedef {import('./material.js').Material} Material */

/** Half a trunk's depth, metres. */
const THICK = 0.085;
/** How far its glow reaches beyond it, metres. */
const REACH = 0.07;
/** Stripes over a plate that is off, parts of its length. */
const STRIPES = [0.05, 0.28, 0.5, 0.72, 0.95];
const STRIPE = 0.1;
const SLANT = 0.08;

const CORNERS = [joint.LEFT_SHOULDER, joint.RIGHT_SHOULDER, joint.RIGHT_HIP, joint.LEFT_HIP];
/** The corners in the trunk's own frame: x from the hips to the shoulders, y across. */
const xs = new Float32Array(4);
const ys = new Float32Array(4);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Projected} points the joints
 * @param {Material} material
 * @param {number} off 0..1
 * @param {boolean} isBack whether it turns its back to the eye
 */
export function drawTrunk(context, points, material, off, isBack) {
  const { x, y } = points;
  const scale = points.scale[joint.SPINE];
  const upX = x[joint.LEFT_SHOULDER] + x[joint.RIGHT_SHOULDER];
  const upY = y[joint.LEFT_SHOULDER] + y[joint.RIGHT_SHOULDER];
  const hipX = (x[joint.LEFT_HIP] + x[joint.RIGHT_HIP]) / 2;
  const hipY = (y[joint.LEFT_HIP] + y[joint.RIGHT_HIP]) / 2;
  const distance = Math.hypot(upX / 2 - hipX, upY / 2 - hipY);
  const cos = distance > 0 ? (upX / 2 - hipX) / distance : 0;
  const sin = distance > 0 ? (upY / 2 - hipY) / distance : -1;
  const unit = layOut(points, hipX, hipY, cos, sin, THICK * scale);
  const metre = scale / unit;
  const length = distance / unit;
  context.setTransform(cos * unit, sin * unit, -sin * unit, cos * unit, hipX, hipY);
  if (off > 0) {
    outline(context, (THICK + REACH * off) * metre);
    context.fillStyle = HALO;
    context.fill();
  }
  outline(context, THICK * metre);
  context.lineWidth = 2 * material.rim * metre;
  context.strokeStyle = material.edge;
  context.stroke();
  context.fillStyle = material.along(cos, sin);
  context.fill();
  if (off > 0) stripe(context, length);
  else if (isBack) drawSpine(context, length, 2 * material.rim * metre, material.edge);
}

/**
 * @param {Projected} points
 * @param {number} hipX
 * @param {number} hipY
 * @param {number} cos
 * @param {number} sin
 * @param {number} thick pixels
 * @returns {number} the frame's unit, pixels: half of the whole width
 */
function layOut(points, hipX, hipY, cos, sin, thick) {
  let widest = 1;
  for (let corner = 0; corner < 4; corner += 1) {
    const x = points.x[CORNERS[corner]] - hipX;
    const y = points.y[CORNERS[corner]] - hipY;
    xs[corner] = x * cos + y * sin;
    ys[corner] = y * cos - x * sin;
    widest = Math.max(widest, Math.abs(ys[corner]));
  }
  const unit = widest + thick;
  for (let corner = 0; corner < 4; corner += 1) {
    xs[corner] /= unit;
    ys[corner] /= unit;
  }
  // Across the same way at the shoulders and at the hips: the outline must not cross itself.
  if (ys[0] < ys[1]) swap(0, 1);
  if (ys[3] < ys[2]) swap(2, 3);
  return unit;
}

/**
 * @param {number} one
 * @param {number} other
 */
function swap(one, other) {
  const x = xs[one];
  const y = ys[one];
  xs[one] = xs[other];
  ys[one] = ys[other];
  xs[other] = x;
  ys[other] = y;
}

/**
 * The plate with rounded corners.
 * @param {CanvasRenderingContext2D} context
 * @param {number} thick how far it reaches beyond the corners
 */
function outline(context, thick) {
  context.beginPath();
  for (let corner = 0; corner < 4; corner += 1) {
    const before = (corner + 3) % 4;
    const after = (corner + 1) % 4;
    const from = normal(before, corner);
    const to = normal(corner, after);
    context.arc(xs[corner], ys[corner], thick, from, to, true);
  }
  context.closePath();
}

/**
 * The angle of the outward normal of an edge, of corners that go round anticlockwise.
 * @param {number} from
 * @param {number} to
 */
function normal(from, to) {
  return Math.atan2(xs[to] - xs[from], ys[from] - ys[to]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} length
 */
function stripe(context, length) {
  context.beginPath();
  for (let index = 0; index < STRIPES.length; index += 1) {
    const x = STRIPES[index] * length;
    context.moveTo(x - SLANT, -0.62);
    context.lineTo(x + SLANT, 0.62);
  }
  context.lineWidth = STRIPE;
  context.strokeStyle = HATCH;
  context.stroke();
}

/**
 * A line down the back: which way a figure faces.
 * @param {CanvasRenderingContext2D} context
 * @param {number} length
 * @param {number} width
 * @param {string} colour
 */
function drawSpine(context, length, width, colour) {
  context.beginPath();
  context.moveTo(0.1 * length, 0);
  context.lineTo(length, 0);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}
