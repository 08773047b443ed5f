// The skeleton over one's own picture.

import { drawArrow } from './arrow_shape.js';
import { DOTS, LIMBS, SEEN, middle } from './body.js';
import { BONES } from './figures/skeleton.js';

/** @typedef {import('./body.js').Keypoint} Keypoint */

/** Line widths as parts of the canvas's height. */
const LINE = 0.007;
const CASING = 0.014;
const OFF_LINE = 0.018;
const OFF_HALO = 0.085;
const DOT = 0.0085;

// Orange on blue-white, with dark casing: told apart in every form of colour blindness, and by
// thickness and dashes without any colour at all.
const CALM = '#e8f1fb';
const DARK = 'rgba(8, 12, 18, 0.72)';
const OFF = '#ff9a2e';
const HALO = 'rgba(255, 154, 46, 0.4)';
// The instructor's pose: a broad, hollow band, told from one's own thin lines by its shape as well.
const GHOST = 'rgba(64, 156, 255, 0.55)';
const GHOST_EDGE = 'rgba(4, 20, 48, 0.55)';
const GHOST_LINE = 0.034;

/** Most device pixels a side is drawn with: beyond it nobody sees more. */
const MOST_PIXELS = 1920;

/**
 * @typedef {object} Scene
 * @property {Keypoint[]} keypoints COCO-17, fractions of the unmirrored picture
 * @property {(joint: string) => number} strength how strongly a joint's limb is off, 0..1
 * @property {Float32Array | null} [ghost] the instructor's pose in one's own place: x, y of H36M-17
 * @property {import('./body_arrow.js').Arrow[]} [arrows] the way to go
 */

export class Overlay {
  #canvas;
  #context;
  #empty = true;

  /** @param {HTMLCanvasElement} canvas laid exactly over the picture */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    new ResizeObserver(([entry]) => this.#fit(entry.contentRect)).observe(canvas);
  }

  /** @param {{width: number, height: number}} shown in CSS pixels */
  #fit({ width, height }) {
    const sharp = Math.min(devicePixelRatio, MOST_PIXELS / Math.max(width, height, 1));
    this.#canvas.width = Math.max(1, Math.round(width * sharp));
    this.#canvas.height = Math.max(1, Math.round(height * sharp));
    this.#empty = true;
  }

  clear() {
    if (this.#empty) return;
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#empty = true;
  }

  /**
   * @param {Scene} scene
   */
  draw({ keypoints, strength, ghost = null, arrows = [] }) {
    this.clear();
    this.#context.lineCap = 'round';
    if (ghost) this.#drawGhost(ghost);
    const calm = new Path2D();
    /** @type {{path: Path2D, strength: number}[]} */
    const off = [];
    for (const limb of LIMBS) {
      const [from, to] = [middle(keypoints, limb.from), middle(keypoints, limb.to)];
      if (!from || !to) continue;
      const glow = limb.joint ? strength(limb.joint) : 0;
      const path = glow > 0 ? new Path2D() : calm;
      path.moveTo(from[0] * this.#canvas.width, from[1] * this.#canvas.height);
      path.lineTo(to[0] * this.#canvas.width, to[1] * this.#canvas.height);
      if (glow > 0) off.push({ path, strength: glow });
    }
    this.#stroke(calm, CASING, DARK);
    this.#stroke(calm, LINE, CALM);
    for (const limb of off) this.#drawOff(limb.path, limb.strength);
    this.#drawDots(keypoints);
    for (const arrow of arrows) drawArrow(this.#context, arrow, this.#canvas.height);
    this.#empty = false;
  }

  /** @param {Float32Array} points x, y of each joint, fractions of the picture */
  #drawGhost(points) {
    const { width, height } = this.#canvas;
    const path = new Path2D();
    for (const { from, to } of BONES) {
      path.moveTo(points[2 * from] * width, points[2 * from + 1] * height);
      path.lineTo(points[2 * to] * width, points[2 * to + 1] * height);
    }
    this.#stroke(path, GHOST_LINE + LINE, GHOST_EDGE);
    this.#stroke(path, GHOST_LINE, GHOST);
  }

  /**
   * @param {Path2D} path
   * @param {number} strength 0..1
   */
  #drawOff(path, strength) {
    const unit = this.#canvas.height;
    this.#stroke(path, OFF_HALO * strength, HALO);
    this.#stroke(path, OFF_HALO * 0.6 * strength, HALO);
    const width = LINE + (OFF_LINE - LINE) * Math.min(1, strength * 2);
    this.#stroke(path, width + CASING - LINE, DARK);
    this.#stroke(path, width, OFF);
    this.#context.setLineDash([0.004 * unit, 0.022 * unit]);
    this.#context.lineCap = 'butt';
    this.#stroke(path, width, DARK);
    this.#context.lineCap = 'round';
    this.#context.setLineDash([]);
  }

  /**
   * @param {Path2D} path
   * @param {number} width part of the canvas's height
   * @param {string} colour
   */
  #stroke(path, width, colour) {
    this.#context.lineWidth = width * this.#canvas.height;
    this.#context.strokeStyle = colour;
    this.#context.stroke(path);
  }

  /** @param {Keypoint[]} keypoints */
  #drawDots(keypoints) {
    const { width, height } = this.#canvas;
    const dots = new Path2D();
    for (const index of DOTS) {
      const [x, y, score] = keypoints[index];
      if (score < SEEN) continue;
      dots.moveTo(x * width + DOT * height, y * height);
      dots.arc(x * width, y * height, DOT * height, 0, 2 * Math.PI);
    }
    this.#context.fillStyle = CALM;
    this.#context.fill(dots);
    this.#stroke(dots, LINE / 2, DARK);
  }
}
