// The floor under a figure: a round mat with a grid, a mark in front, and the body's soft shadow.

import { DISC, DISC_RIM, FRONT, GRID } from './material.js';
import * as joint from './skeleton.js';
import { Projected } from './viewpoint.js';

/** @typedef {import('./viewpoint.js').Port} Port */

const RADIUS = 0.95;
const CELL = 0.25;
const AROUND = 48;
const LINES = 7;
/** In front of the mat: the tip of an arrow to where the camera is. */
const TIP = 3;

/** Points: the rim, both ends of the lines along and across, the mark. */
const POINTS = floorPoints();
const COUNT = POINTS.length / 3;

/** Joints whose shadow is drawn, with its size, metres. */
const SHADOWS = [
  [joint.LEFT_ANKLE, 0.14],
  [joint.RIGHT_ANKLE, 0.14],
  [joint.LEFT_KNEE, 0.15],
  [joint.RIGHT_KNEE, 0.15],
  [joint.PELVIS, 0.26],
  [joint.SPINE, 0.26],
  [joint.THORAX, 0.28],
  [joint.HEAD, 0.2],
  [joint.LEFT_WRIST, 0.12],
  [joint.RIGHT_WRIST, 0.12],
  [joint.LEFT_ELBOW, 0.12],
  [joint.RIGHT_ELBOW, 0.12],
];
/** So high above the floor a shadow has lost most of its depth, metres. */
const FADES = 0.2;
const DEEPEST = 0.7;
const FAINTEST = 0.07;
/** Side of the picture of a shadow, pixels. */
const SOFT = 64;

function floorPoints() {
  const points = [];
  for (let index = 0; index < AROUND; index += 1) {
    const angle = (2 * Math.PI * index) / AROUND;
    points.push(RADIUS * Math.cos(angle), 0, RADIUS * Math.sin(angle));
  }
  for (let line = 0; line < LINES; line += 1) {
    const at = (line - (LINES - 1) / 2) * CELL;
    const half = Math.sqrt(RADIUS * RADIUS - at * at);
    points.push(at, 0, -half, at, 0, half, -half, 0, at, half, 0, at);
  }
  points.push(-0.09, 0, -RADIUS - 0.05, 0.09, 0, -RADIUS - 0.05, 0, 0, -RADIUS - 0.17);
  return new Float32Array(points);
}

export class Floor {
  #seen = new Projected(COUNT);
  #spot = new Projected(1);
  #soft = softSpot();

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Port} port
   */
  draw(context, port) {
    port.project(POINTS, this.#seen);
    const { x, y } = this.#seen;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    for (let index = 0; index < AROUND; index += 1) context.lineTo(x[index], y[index]);
    context.closePath();
    context.fillStyle = DISC;
    context.fill();
    context.lineWidth = Math.max(1, port.height / 400);
    context.strokeStyle = DISC_RIM;
    context.stroke();
    context.beginPath();
    for (let index = AROUND; index < COUNT - TIP; index += 2) {
      context.moveTo(x[index], y[index]);
      context.lineTo(x[index + 1], y[index + 1]);
    }
    context.strokeStyle = GRID;
    context.stroke();
    context.beginPath();
    for (let index = COUNT - TIP; index < COUNT; index += 1) context.lineTo(x[index], y[index]);
    context.fillStyle = FRONT;
    context.fill();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Port} port
   * @param {ArrayLike<number>} placed a figure on the floor
   */
  drawShadow(context, port, placed) {
    const { flatness } = port;
    if (flatness < 0.02) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    for (let index = 0; index < SHADOWS.length; index += 1) {
      const place = 3 * SHADOWS[index][0];
      const height = Math.max(0, -placed[place + 1] - 0.05);
      port.put(0, placed[place], 0, placed[place + 2], this.#spot);
      const wide = SHADOWS[index][1] * (1 + 0.5 * height) * this.#spot.scale[0];
      const high = wide * flatness;
      context.globalAlpha = Math.max(FAINTEST, DEEPEST * Math.exp(-height / FADES));
      const left = this.#spot.x[0] - wide;
      const top = this.#spot.y[0] - high;
      context.drawImage(this.#soft, left, top, 2 * wide, 2 * high);
    }
    context.globalAlpha = 1;
  }
}

/** A dark spot that fades outwards, drawn once. */
function softSpot() {
  const spot = document.createElement('canvas');
  spot.width = SOFT;
  spot.height = SOFT;
  const context = /** @type {CanvasRenderingContext2D} */ (spot.getContext('2d'));
  const half = SOFT / 2;
  const fading = context.createRadialGradient(half, half, 0, half, half, half);
  fading.addColorStop(0, 'rgba(0, 0, 0, 0.85)');
  fading.addColorStop(0.4, 'rgba(0, 0, 0, 0.5)');
  fading.addColorStop(1, 'rgba(0, 0, 0, 0)');
  context.fillStyle = fading;
  context.fillRect(0, 0, SOFT, SOFT);
  return spot;
}
