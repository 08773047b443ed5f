// The playhead over the strips: a slider to drag, to tap, and to move by the keys.

import { make } from '../dom.js';

/** @typedef {import('./axis.js').Axis} Axis */
/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {import('./moment_told.js').Told} Told */

const STEP_S = 1;

/**
 * @param {Cursor} cursor
 * @param {Axis} axis
 * @param {number[]} stops moments that the page keys go to, in order
 * @param {(t: number) => Told} tell
 */
export function playhead(cursor, axis, stops, tell) {
  const line = make('div', 'playhead-line');
  const slider = make('div', 'playhead', line);
  slider.id = 'playhead';
  slider.tabIndex = 0;
  slider.setAttribute('role', 'slider');
  slider.setAttribute('aria-label', 'Moment of the practice');
  slider.setAttribute('aria-valuemin', '0');
  slider.setAttribute('aria-valuemax', String(Math.round(cursor.end - cursor.start)));
  cursor.onMove(({ t }) => {
    const { at, pose, off, said } = tell(t);
    line.style.left = axis.x(t);
    slider.setAttribute('aria-valuenow', String(Math.round(t - cursor.start)));
    const text = [`${at}, ${pose}.`, off, said].filter(Boolean).join(' ');
    slider.setAttribute('aria-valuetext', text);
  });

  /** @param {PointerEvent} event */
  const follow = ({ clientX }) => {
    const { left, width } = slider.getBoundingClientRect();
    cursor.moveTo(axis.at((clientX - left) / Math.max(width, 1)));
  };
  slider.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    slider.setPointerCapture(event.pointerId);
    slider.focus({ preventScroll: true });
    follow(event);
  });
  slider.addEventListener('pointermove', (event) => {
    if (slider.hasPointerCapture(event.pointerId)) follow(event);
  });
  slider.addEventListener('keydown', (event) => {
    const to = aim(event.key, cursor, stops);
    if (to === null || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    cursor.moveTo(to);
  });
  return slider;
}

/**
 * @param {string} key
 * @param {Cursor} cursor
 * @param {number[]} stops
 * @returns {number | null} null where the key is none of its own
 */
function aim(key, { t, start, end }, stops) {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return t + STEP_S;
    case 'ArrowLeft':
    case 'ArrowDown':
      return t - STEP_S;
    case 'PageUp':
      return nextStop(stops, t) ?? end;
    case 'PageDown':
      return stopBefore(stops, t) ?? start;
    case 'Home':
      return start;
    case 'End':
      return end;
    default:
      return null;
  }
}

const SAME_S = 0.05;

/**
 * @param {number[]} stops
 * @param {number} t
 */
export function nextStop(stops, t) {
  return stops.find((each) => each > t + SAME_S);
}

/**
 * @param {number[]} stops
 * @param {number} t
 */
export function stopBefore(stops, t) {
  return stops.findLast((each) => each < t - SAME_S);
}
