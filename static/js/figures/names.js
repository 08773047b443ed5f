// Whose figure is whose, written beneath them: a ring is the instructor's, a full dot one's own.

import { GROUND, INK, RING } from './material.js';

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

/** @typedef {{instructor: string, student: string}} Words */

export class Names {
  #words;
  #size = 16;
  #widths = { instructor: 0, student: 0 };

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
  }

  /**
   * To be called when the canvas has got another size, which makes it forget its font.
   * @param {CanvasRenderingContext2D} context
   * @param {number} size of the letters, pixels
   */
  fit(context, size) {
    this.#size = size;
    context.font = `600 ${size}px ${FONT}`;
    context.textBaseline = 'middle';
    this.#widths.instructor = context.measureText(this.#words.instructor).width;
    this.#widths.student = context.measureText(this.#words.student).width;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {keyof Words} whose
   * @param {number} middle pixels
   * @param {number} y
   * @param {string} colour of the figure
   */
  draw(context, whose, middle, y, colour) {
    const size = this.#size;
    const dot = 0.36 * size;
    const left = middle - (this.#widths[whose] + 3.4 * dot) / 2;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.arc(left + dot, y, dot, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    if (whose === 'instructor') {
      context.beginPath();
      context.arc(left + dot, y, 0.62 * dot, 0, 2 * Math.PI);
      context.lineWidth = 0.16 * size;
      context.strokeStyle = RING;
      context.stroke();
    }
    const x = left + 3.4 * dot;
    // On the ground's own colour, so that a foot behind it takes nothing away.
    context.lineWidth = 0.3 * size;
    context.lineJoin = 'round';
    context.strokeStyle = GROUND;
    context.strokeText(this.#words[whose], x, y);
    context.fillStyle = INK;
    context.fillText(this.#words[whose], x, y);
  }
}
