// How student and instructor are seen: which panels there are, and in which places.

import { VIEWS } from './preferences.js';

/** @typedef {import('./preferences.js').Preferences['view']} View */

/** @type {Record<View, string>} said when a view begins */
export const VIEW_NAMES = {
  side: 'Side by side',
  inset: 'Instructor large',
  over: 'Instructor’s pose over yours',
  figures: 'Figures in space',
};

export class Views {
  /** @type {View} */
  now;

  /**
   * @param {HTMLElement} floor holds the panels; its style sheet places them by `data-view`
   * @param {View} view
   */
  constructor(floor, view) {
    this.floor = floor;
    this.now = view;
    this.show(view);
  }

  /** @param {View} view */
  show(view) {
    this.now = view;
    this.floor.dataset.view = view;
  }

  /** @returns {View} the one after this */
  next() {
    return VIEWS[(VIEWS.indexOf(this.now) + 1) % VIEWS.length];
  }
}

/**
 * Gives a panel the shape of what is seen in it, so that nothing is cut off and what is drawn over
 * it lies on it.
 * @param {HTMLElement} panel
 * @param {number} width
 * @param {number} height
 */
export function shape(panel, width, height) {
  if (width > 0 && height > 0) panel.style.setProperty('--aspect', String(width / height));
}
