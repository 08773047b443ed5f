// Instructor and student as two figures that one can turn: side by side or one over the other.

import { Scene } from './scene.js';
import { Turning } from './turning.js';
import { Viewpoint } from './viewpoint.js';

/** @typedef {import('./scene.js').Laid} Laid */

/** Most device pixels a side is drawn with: beyond it nobody sees more. */
const MOST_PIXELS = 1920;
/** Letters, parts of the canvas's shorter side, and their least, CSS pixels. */
const LETTERS = 0.045;
const LEAST_LETTERS = 14;
const WORDS = { instructor: 'Instructor', student: 'You' };
const LABEL =
  'The instructor, blue with rings on the joints, and you, orange-white, as figures in space. ' +
  'Turn them with the arrow keys or by dragging; plus and minus zoom, Home faces them again.';

export class FigureStage {
  /** @type {((yaw: number, pitch: number) => void) | null} called when the user turns them */
  onTurn = null;
  #canvas;
  #scene;
  #view = new Viewpoint();
  #turning;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{laid?: Laid, mirror?: boolean, words?: import('./names.js').Words}} [options]
   *   `mirror`: left and right as in a mirror, as the student's own picture is shown
   */
  constructor(canvas, { laid = 'beside', mirror = false, words = WORDS } = {}) {
    this.#canvas = canvas;
    const context = canvas.getContext('2d', { alpha: false });
    this.#scene = new Scene(/** @type {CanvasRenderingContext2D} */ (context), words);
    this.#scene.laid = laid;
    this.#scene.mirror = mirror;
    canvas.setAttribute('role', 'img');
    canvas.tabIndex = 0;
    if (!canvas.hasAttribute('aria-label')) canvas.setAttribute('aria-label', LABEL);
    canvas.classList.add('figures');
    canvas.style.touchAction = 'pan-y';
    this.#turning = new Turning(canvas, this.#view, () => this.#onTurned());
    new ResizeObserver(() => this.#fit()).observe(canvas);
    this.#fit();
  }

  /** @returns {Laid} */
  get laid() {
    return this.#scene.laid;
  }

  set laid(laid) {
    this.#scene.laid = laid;
    this.#fit();
  }

  get mirror() {
    return this.#scene.mirror;
  }

  set mirror(mirror) {
    this.#scene.mirror = mirror;
    this.#draw();
  }

  get yaw() {
    return this.#view.yaw;
  }

  get pitch() {
    return this.#view.pitch;
  }

  /**
   * Draws them now.
   * @param {import('./scene.js').Shown} shown
   */
  show(shown) {
    this.#scene.take(shown);
    this.#draw();
  }

  /**
   * Turns the figures at once.
   * @param {number} yaw radians; positive turns their front to the right
   * @param {number} pitch radians; positive looks from above
   */
  turnTo(yaw, pitch) {
    this.#turning.jump(yaw, pitch);
    this.#draw();
  }

  /**
   * Turns them smoothly and by the shorter way; at once where less motion is wished for.
   * @param {number} yaw
   * @param {number} pitch
   */
  glideTo(yaw, pitch) {
    this.#turning.glideTo(yaw, pitch);
  }

  #draw() {
    // A canvas that is not shown has no size.
    if (this.#canvas.width > 1) this.#scene.draw(this.#view);
  }

  #onTurned() {
    this.#draw();
    this.onTurn?.(this.#view.yaw, this.#view.pitch);
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    const sharp = Math.min(devicePixelRatio, MOST_PIXELS / Math.max(clientWidth, clientHeight, 1));
    const width = Math.max(1, Math.round(clientWidth * sharp));
    const height = Math.max(1, Math.round(clientHeight * sharp));
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#scene.fit(Math.max(LEAST_LETTERS * sharp, LETTERS * Math.min(width, height)));
    this.#draw();
  }
}
