// Limbs on a canvas: tapered, lit, outlined; thick, hatched and with a glow where they are off.

import { HALO, HATCH } from './material.js';

/** How much thicker a limb is that is off altogether. */
const THICKER = 0.35;
/** How far the glow reaches beyond the limb, in its half-widths. */
const REACH = 1.4;
/** Stripes across a limb, in its half-widths. */
const STRIPES_APART = 0.8;
const STRIPE = 0.26;
const SLANT = 0.35;

/**
 * A limb's outline in its own frame: x along it, y across.
 * @param {CanvasRenderingContext2D} context
 * @param {number} length
 * @param {number} from half-width at the beginning
 * @param {number} to half-width at the end
 */
function outline(context, length, from, to) {
  context.beginPath();
  if (length <= Math.abs(from - to)) {
    context.arc(from > to ? 0 : length, 0, Math.max(from, to), 0, 2 * Math.PI);
    return;
  }
  const bend = Math.acos((from - to) / length);
  context.arc(0, 0, from, bend, 2 * Math.PI - bend);
  context.arc(length, 0, to, -bend, bend);
  context.closePath();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x0 pixels
 * @param {number} y0
 * @param {number} r0 half-width there
 * @param {number} x1
 * @param {number} y1
 * @param {number} r1
 * @param {number} rim width of the edge, pixels
 * @param {import('./material.js').Material} material
 * @param {number} off how far it is off, 0..1
 */
export function drawLimb(context, x0, y0, r0, x1, y1, r1, rim, material, off) {
  const distance = Math.hypot(x1 - x0, y1 - y0);
  const cos = distance > 0 ? (x1 - x0) / distance : 1;
  const sin = distance > 0 ? (y1 - y0) / distance : 0;
  // The frame's unit is the wider half-width, as the gradients are made for it.
  const widest = Math.max(r0, r1, 1e-3);
  const unit = widest * (1 + THICKER * off);
  const length = distance / unit;
  const from = r0 / widest;
  const to = r1 / widest;
  context.setTransform(cos * unit, sin * unit, -sin * unit, cos * unit, x0, y0);
  if (off > 0) {
    context.fillStyle = HALO;
    outline(context, length, from + REACH * off, to + REACH * off);
    context.fill();
    outline(context, length, from + 0.5 * REACH * off, to + 0.5 * REACH * off);
    context.fill();
  }
  outline(context, length, from, to);
  context.lineWidth = (2 * rim) / unit;
  context.strokeStyle = material.edge;
  context.stroke();
  context.fillStyle = material.along(cos, sin);
  context.fill();
  if (off > 0) hatch(context, length, from, to);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} length
 * @param {number} from
 * @param {number} to
 */
function hatch(context, length, from, to) {
  context.beginPath();
  for (let x = STRIPES_APART / 2; x < length; x += STRIPES_APART) {
    const wide = from + ((to - from) * x) / length;
    context.moveTo(x - SLANT * wide, -0.9 * wide);
    context.lineTo(x + SLANT * wide, 0.9 * wide);
  }
  context.lineWidth = STRIPE;
  context.strokeStyle = HATCH;
  context.stroke();
}

/**
 * A ring about a joint: whose figure it is, told without colour.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} width
 * @param {string} colour
 */
export function drawRing(context, x, y, radius, width, colour) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}
