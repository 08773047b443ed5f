// Sides to see the figures from, each one press away: for who cannot drag.

import { make } from '../dom.js';
import { START_PITCH } from './viewpoint.js';

/** @typedef {import('./figure_stage.js').FigureStage} FigureStage */

/** @type {readonly {name: string, yaw: number, pitch: number}[]} */
const SIDES = [
  { name: 'Front', yaw: 0, pitch: START_PITCH },
  { name: 'Side', yaw: -Math.PI / 2, pitch: START_PITCH },
  { name: 'Back', yaw: Math.PI, pitch: START_PITCH },
  { name: 'Above', yaw: 0, pitch: Math.PI / 2 },
];

/**
 * A row of buttons that turn one stage or several together.
 * @param {readonly FigureStage[]} stages
 * @returns {HTMLElement}
 */
export function viewButtons(...stages) {
  const row = make('div', 'figure-views');
  row.setAttribute('role', 'group');
  row.setAttribute('aria-label', 'See the figures from');
  for (const { name, yaw, pitch } of SIDES) {
    const button = make('button', 'figure-view', name);
    button.type = 'button';
    button.addEventListener('click', () => {
      for (const stage of stages) stage.glideTo(yaw, pitch);
    });
    row.append(button);
  }
  return row;
}
