// One sign for each direction, as seen in the mirror: the student's left is on the left.

/** @typedef {import('./messages.js').Direction} Direction */
/** @typedef {import('./messages.js').Side} Side */

const SVG = 'http://www.w3.org/2000/svg';

const UP = 'M32 54V12M14 30 32 10l18 20';
const DOWN = 'M32 10v42M14 34l18 20 18-20';
const LEFT = 'M54 32H12M30 14 10 32l20 18';
const RIGHT = 'M10 32h42M34 14l20 18-20 18';
const APART = 'M26 32H6M16 20 5 32l11 12M38 32h20M48 20l11 12-11 12';
const TOGETHER = 'M4 32h20M13 20l12 12-12 12M60 32H40M51 20 39 32l12 12';
const TURN_LEFT = 'M52 50a22 22 0 1 0-36-22M10 14l5 16 16-5';
const TURN_RIGHT = 'M12 50a22 22 0 1 1 36-22M54 14l-5 16-16-5';
const BEND = 'M12 54V30L32 12 54 36M54 20v17H38';
const STRAIGHTEN = 'M32 6v52M20 16 32 5l12 11M20 48l12 11 12-11';
const NEARER = 'M8 56 24 8M56 56 40 8M32 20v30M22 40l10 12 10-12';
const FARTHER = 'M8 56 24 8M56 56 40 8M32 50V20M22 30l10-12 10 12';
export const CHECK = 'M10 34l15 16 29-36';
export const PAUSE = 'M22 12v40M42 12v40';

/**
 * The sign's outline on a 64 by 64 field.
 * @param {Direction} direction
 * @param {Side} side
 * @returns {string}
 */
export function arrowPath(direction, side) {
  switch (direction) {
    case 'raise':
      return UP;
    case 'lower':
      return DOWN;
    case 'lean_left':
      return LEFT;
    case 'lean_right':
      return RIGHT;
    case 'turn_left':
      return TURN_LEFT;
    case 'turn_right':
      return TURN_RIGHT;
    case 'bend':
      return BEND;
    case 'straighten':
      return STRAIGHTEN;
    case 'forward':
      return NEARER;
    case 'back':
      return FARTHER;
    case 'out':
      return side === 'left' ? LEFT : side === 'right' ? RIGHT : APART;
    case 'in':
      return side === 'left' ? RIGHT : side === 'right' ? LEFT : TOGETHER;
    default:
      return '';
  }
}

const LIGHT =
  'M32 20a12 12 0 1 1 0 24 12 12 0 0 1 0-24M32 4v6M32 54v6M4 32h6M54 32h6M12 12l4 4M48 48l4 4M12 52l4-4M48 16l4-4';
const PEOPLE = 'M20 22a7 7 0 1 0 .1 0M8 56c0-12 24-12 24 0M46 22a7 7 0 1 0 .1 0M36 56c0-12 22-12 22 0';

/** @type {Record<string, string>} */
const GUIDES = {
  up: UP,
  down: DOWN,
  left: LEFT,
  right: RIGHT,
  back: FARTHER,
  nearer: NEARER,
  light: LIGHT,
  people: PEOPLE,
};

/**
 * The sign that goes with a word of guidance; empty for a name that is none.
 * @param {string} name
 */
export function guidePath(name) {
  return GUIDES[name] ?? '';
}

/**
 * @param {string} outline of `arrowPath`, or one of those with a name
 * @returns {SVGSVGElement}
 */
export function drawSign(outline) {
  const sign = document.createElementNS(SVG, 'svg');
  sign.setAttribute('viewBox', '0 0 64 64');
  sign.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', outline);
  sign.append(path);
  return sign;
}
