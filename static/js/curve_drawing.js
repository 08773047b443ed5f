// The curve of errors as a drawing: scale, line, and the marks on it.

import { moment } from './clock.js';
import { ticks } from './curve_points.js';

/** @typedef {import('./curve_points.js').Point} Point */

const SVG = 'http://www.w3.org/2000/svg';
/** Around the curve: room for the degrees, the seconds, and the marks above. */
const LEFT = 40;
const RIGHT = 8;
const TOP = 14;
const BOTTOM = 24;
const DEGREES = [5, 10, 15, 20, 30, 45, 60, 90];
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200];
const PX_A_SECOND_MARK = 76;
const PX_A_DEGREE_MARK = 34;

/**
 * A new element of SVG with attributes.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function draw(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

export class CurveDrawing {
  #scale = draw('g', { class: 'curve-scale' });
  #area = draw('path', { class: 'curve-area' });
  #line = draw('path', { class: 'curve-line' });
  #worst = draw('g', { class: 'curve-worst' });
  #hover = draw('line', { class: 'curve-hover', hidden: '' });
  #playhead = draw('line', { class: 'curve-playhead' });
  #dot = draw('circle', { class: 'curve-dot', r: 5 });
  #width = 0;
  #height = 0;
  #duration = 1;
  #top = 1;
  element = draw('svg', { class: 'curve-svg', 'aria-hidden': 'true', focusable: 'false' });

  constructor() {
    const parts = [this.#scale, this.#area, this.#line, this.#worst];
    this.element.append(...parts, this.#hover, this.#playhead, this.#dot);
  }

  /** So many points can be told apart. */
  get columns() {
    return Math.max(1, this.#width - LEFT - RIGHT);
  }

  /**
   * @param {number} width CSS pixels
   * @param {number} height
   */
  resize(width, height) {
    this.#width = width;
    this.#height = height;
    this.element.setAttribute('viewBox', `0 0 ${width} ${height}`);
  }

  /**
   * @param {Point[]} points
   * @param {number} duration_s
   * @param {number} top degrees that must find room
   * @param {number[]} worst seconds that are marked
   */
  show(points, duration_s, top, worst) {
    this.#duration = Math.max(duration_s, 1e-3);
    this.#drawScale(Math.max(top, DEGREES[0]));
    const runs = this.#runs(points);
    const base = this.#y(0);
    this.#line.setAttribute('d', runs.map((run) => `M${run.join('L')}`).join(''));
    this.#area.setAttribute('d', runs.map((run) => this.#closed(run, base)).join(''));
    this.#worst.replaceChildren(
      ...worst.map((t) => draw('path', { d: `M${this.#x(t)},${TOP}l-5,-9h10z` })),
    );
  }

  /**
   * @param {number} t
   * @param {number} size degrees; NaN where nobody knows
   */
  place(t, size) {
    this.#upright(this.#playhead, t);
    this.#dot.toggleAttribute('hidden', !(size >= 0));
    if (!(size >= 0)) return;
    this.#dot.setAttribute('cx', String(this.#x(t)));
    this.#dot.setAttribute('cy', String(this.#y(size)));
  }

  /** @param {number | null} t null takes it away */
  point(t) {
    this.#hover.toggleAttribute('hidden', t === null);
    if (t !== null) this.#upright(this.#hover, t);
  }

  /**
   * The second at so many pixels from the left.
   * @param {number} x
   */
  timeAt(x) {
    return Math.min(1, Math.max(0, (x - LEFT) / this.columns)) * this.#duration;
  }

  /**
   * @param {Element} line
   * @param {number} t
   */
  #upright(line, t) {
    for (const name of ['x1', 'x2']) line.setAttribute(name, String(this.#x(t)));
    line.setAttribute('y1', String(TOP));
    line.setAttribute('y2', String(this.#height - BOTTOM));
  }

  /** @param {number} t */
  #x(t) {
    return round(LEFT + (Math.min(t, this.#duration) / this.#duration) * this.columns);
  }

  /** @param {number} size */
  #y(size) {
    const room = this.#height - TOP - BOTTOM;
    return round(TOP + (1 - size / this.#top) * room);
  }

  /**
   * Lines without a gap, each as its corners.
   * @param {Point[]} points
   */
  #runs(points) {
    /** @type {string[][]} */
    const runs = [];
    let open = false;
    for (const { from, to, size } of points) {
      const known = size >= 0;
      if (known && !open) runs.push([]);
      if (known) runs.at(-1)?.push(`${this.#x(from)},${this.#y(size)}`, `${this.#x(to)},${this.#y(size)}`);
      open = known;
    }
    return runs;
  }

  /**
   * @param {string[]} run
   * @param {number} base
   */
  #closed(run, base) {
    const [first] = run[0].split(',');
    const [last] = run[run.length - 1].split(',');
    return `M${first},${base}L${run.join('L')}L${last},${base}z`;
  }

  /** @param {number} least */
  #drawScale(least) {
    const room = this.#height - TOP - BOTTOM;
    const degrees = ticks(least, DEGREES, room / PX_A_DEGREE_MARK);
    const step = degrees[1] ?? least;
    this.#top = Math.ceil(least / step) * step;
    if (this.#top > (degrees.at(-1) ?? 0)) degrees.push(this.#top);
    const seconds = ticks(this.#duration, SECONDS, this.columns / PX_A_SECOND_MARK);
    const end = this.#width - RIGHT;
    const foot = this.#height - BOTTOM;
    this.#scale.replaceChildren(
      ...degrees.flatMap((one) => [
        draw('line', { x1: LEFT, x2: end, y1: this.#y(one), y2: this.#y(one) }),
        text(`${one}°`, { x: LEFT - 7, y: this.#y(one) + 4, 'text-anchor': 'end' }),
      ]),
      ...seconds.map((one) => {
        const anchor = this.#x(one) > end - 20 ? 'end' : 'middle';
        return text(moment(one, 0), { x: this.#x(one), y: foot + 18, 'text-anchor': anchor });
      }),
    );
  }
}

/**
 * @param {string} words
 * @param {Record<string, string | number>} attributes
 */
function text(words, attributes) {
  const made = draw('text', attributes);
  made.textContent = words;
  return made;
}

/** @param {number} px to a tenth */
function round(px) {
  return Math.round(px * 10) / 10;
}
