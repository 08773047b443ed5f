// Where moments lie along the width of a chart, and the times written under it.

import { moment } from '../clock.js';
import { percent, svg } from './svg.js';

const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const MOST_TICKS = 9;
/** How much of it the first of four times needs, the second, and so on. */
const ROOM = ['', 'wide-only', 'not-tiny', 'wide-only'];

export class Axis {
  /**
   * @param {number} start seconds
   * @param {number} end
   */
  constructor(start, end) {
    this.start = start;
    this.length = Math.max(end - start, 1e-6);
  }

  /** @param {number} t */
  share(t) {
    return Math.min(Math.max((t - this.start) / this.length, 0), 1);
  }

  /** @param {number} t */
  x(t) {
    return percent(this.share(t));
  }

  /** @param {number} share */
  at(share) {
    return this.start + share * this.length;
  }

  /** The times, all of them only where there is room. */
  ticks() {
    const step = STEPS_S.find((each) => this.length / each < MOST_TICKS) ?? STEPS_S[11];
    const drawn = svg('svg', { class: 'chart', width: '100%', height: 20, 'aria-hidden': 'true' });
    for (let number = 0; number * step <= this.length; number += 1) {
      const share = (number * step) / this.length;
      const anchor = share < 0.03 ? 'start' : share > 0.97 ? 'end' : 'middle';
      const place = { x: percent(share), y: 15, 'text-anchor': anchor };
      const kind = `label ${ROOM[number % ROOM.length]}`;
      drawn.append(svg('text', { ...place, class: kind }, moment(number * step, 0)));
    }
    return drawn;
  }
}
