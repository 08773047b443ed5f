// The worst moments, the worst first: pressed, they are shown side by side.

import { shortTitle } from '../chapters.js';
import { moment as clock } from '../clock.js';
import { make } from '../dom.js';
import { sentence } from '../sentence.js';
import { part } from './parts.js';

/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {import('./report.js').Moment} Moment */
/** @typedef {import('./viewer.js').Viewer} Viewer */

/**
 * @param {Cursor} cursor
 * @param {Viewer} viewer
 */
export function momentsPart(cursor, viewer) {
  const { moments } = cursor;
  const told = moments.length
    ? 'The instructor’s film beside you, where you were furthest off. One moment for each pose.'
    : 'No moment of this practice stands out. Move along the timeline to see the instructor there.';
  return part(
    'worst',
    moments.length ? 'The worst moments, side by side' : 'Side by side',
    make('p', 'soft', told),
    momentList(cursor),
    viewer.element,
  );
}

/** @param {Cursor} cursor */
function momentList(cursor) {
  const buttons = cursor.moments.map((each) => momentButton(each, cursor));
  cursor.onMove(({ moment }) => {
    buttons.forEach((button, index) => {
      button.setAttribute('aria-pressed', String(cursor.moments[index] === moment));
    });
  });
  const list = make('ol', 'moments', ...buttons.map((button) => make('li', '', button)));
  list.hidden = buttons.length === 0;
  return list;
}

/**
 * @param {Moment} each
 * @param {Cursor} cursor
 */
function momentButton({ t, pose, text, band_deg }, cursor) {
  const off = make('span', 'moment-off', sentence(text).replace(/\.$/, ''));
  const tolerated = make('span', 'soft', `${Math.round(band_deg)}° tolerated`);
  const button = make(
    'button',
    'moment',
    make('span', 'moment-time', clock(t - cursor.start, 0)),
    make('span', 'moment-pose', shortTitle(pose)),
    off,
    tolerated,
  );
  button.type = 'button';
  button.addEventListener('click', () => cursor.moveTo(t));
  return button;
}
