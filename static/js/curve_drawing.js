// The curve of errors as a drawing: scale, line, and the marks on it.

import { moment } from './clock.js';
import { ticks } from './curve_points.js';

/** @typedef {import('./curve_points.js').Point} Point */

const SVG = 'http://www.w3.org/2000/svg';
/** Around the curve: room for the marks above, and for letters of the usual size. */
const RIGHT = 8;
const TOP = 14;
const LEFT = 40;
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
  /** How large letters are against the usual. */
  #letters = 1;
  #duration = 1;
  #top = 1;
  element = draw('svg', { class: 'curve-svg', 'aria-hidden': 'true', focusable: 'false' });

  constructor() {
    const parts = [this.#scale, this.#area, this.#line, this.#worst];
    this.element.append(...parts, this.#hover, this.#playhead, this.#dot);
  }

  /** So many points can be told apart. */
  get columns() {
    return Math.max(1, this.#width - this.#left - RIGHT);
  }

  get #left() {
    return LEFT * this.#letters;
  }

  get #foot() {
    return this.#height - BOTTOM * this.#letters;
  }

  /**
   * @param {number} width CSS pixels
   * @param {number} height
   * @param {number} letters how large they are against the usual
   */
  resize(width, height, letters) {
    this.#width = width;
    this.#height = height;
    this.#letters = letters;
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
    return Math.min(1, Math.max(0, (x - this.#left) / this.columns)) * this.#duration;
  }

  /**
   * @param {Element} line
   * @param {number} t
   */
  #upright(line, t) {
    for (const name of ['x1', 'x2']) line.setAttribute(name, String(this.#x(t)));
    line.setAttribute('y1', String(TOP));
    line.setAttribute('y2', String(this.#foot));
  }

  /** @param {number} t */
  #x(t) {
    return round(this.#left + (Math.min(t, this.#duration) / this.#duration) * this.columns);
  }

  /** @param {number} size */
  #y(size) {
    return round(TOP + (1 - size / this.#top) * (this.#foot - TOP));
  }

  /**
   * Lines without a gap, each as its corners: through the middles, from end to end.
   * @param {Point[]} points
   */
  #runs(points) {
    /** @type {string[][]} */
    const runs = [];
    /** @param {number} index */
    const known = (index) => points[index]?.size >= 0;
    points.forEach(({ from, to, size }, index) => {
      if (!known(index)) return;
      const corner = (/** @type {number} */ t) => `${this.#x(t)},${this.#y(size)}`;
      if (!known(index - 1)) runs.push([corner(from)]);
      runs.at(-1)?.push(corner((from + to) / 2));
      if (!known(index + 1)) runs.at(-1)?.push(corner(to));
    });
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
    const letters = this.#letters;
    const room = this.#foot - TOP;
    const degrees = ticks(least, DEGREES, room / (PX_A_DEGREE_MARK * letters));
    const step = degrees[1] ?? least;
    this.#top = Math.ceil(least / step) * step;
    if (this.#top > (degrees.at(-1) ?? 0)) degrees.push(this.#top);
    const most = this.columns / (PX_A_SECOND_MARK * letters);
    const seconds = ticks(this.#duration, SECONDS, most);
    const end = this.#width - RIGHT;
    this.#scale.replaceChildren(
      ...degrees.flatMap((one) => [
        draw('line', { x1: this.#left, x2: end, y1: this.#y(one), y2: this.#y(one) }),
        text(`${one}°`, {
          x: this.#left - 7,
          y: this.#y(one) + 4 * letters,
          'text-anchor': 'end',
        }),
      ]),
      ...seconds.map((one) => {
        const anchor = this.#x(one) > end - 20 * letters ? 'end' : 'middle';
        const y = this.#foot + 18 * letters;
        return text(moment(one, 0), { x: this.#x(one), y, 'text-anchor': anchor });
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
