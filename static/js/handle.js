// An end of a span on the timeline: dragged, or moved by the keyboard.

import { moment } from './clock.js';
import { make } from './dom.js';

/** Seconds that a key moves an end by. */
const FINE_S = 0.1;
const COARSE_S = 1;

/**
 * @typedef {object} HandleWiring
 * @property {() => number} read seconds
 * @property {() => [number, number]} limits
 * @property {(t: number) => void} move
 * @property {() => void} onTake told when it is touched
 * @property {(x: number) => number} timeAt seconds at a place of the window
 */

export class Handle {
  element = make('span', 'handle');

  /** @param {HandleWiring} wiring */
  constructor(wiring) {
    this.wiring = wiring;
    const { element } = this;
    element.role = 'slider';
    element.addEventListener('keydown', (event) => this.#onKey(event));
    element.addEventListener('focus', wiring.onTake);
    element.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      element.focus();
      element.setPointerCapture(event.pointerId);
      // Taken anywhere on the handle, the end stays where it is until it is pulled.
      const offset = wiring.read() - wiring.timeAt(event.clientX);
      /** @param {PointerEvent} moved */
      const pull = ({ clientX }) => wiring.move(wiring.timeAt(clientX) + offset);
      element.addEventListener('pointermove', pull);
      element.addEventListener(
        'lostpointercapture',
        () => element.removeEventListener('pointermove', pull),
        { once: true },
      );
    });
  }

  /**
   * @param {string} label
   * @param {boolean} reached whether Tab stops here
   */
  show(label, reached) {
    const { element } = this;
    const [least, most] = this.wiring.limits();
    const t = this.wiring.read();
    element.tabIndex = reached ? 0 : -1;
    element.ariaLabel = label;
    element.ariaValueMin = least.toFixed(2);
    element.ariaValueMax = most.toFixed(2);
    element.ariaValueNow = t.toFixed(2);
    element.ariaValueText = moment(t, 2);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { read, limits, move } = this.wiring;
    const fine = event.shiftKey ? COARSE_S : FINE_S;
    /** @type {Record<string, () => number>} */
    const targets = {
      ArrowLeft: () => read() - fine,
      ArrowDown: () => read() - fine,
      ArrowRight: () => read() + fine,
      ArrowUp: () => read() + fine,
      PageDown: () => read() - COARSE_S,
      PageUp: () => read() + COARSE_S,
      Home: () => limits()[0],
      End: () => limits()[1],
    };
    const target = targets[event.key];
    if (!target) return;
    event.preventDefault();
    move(target());
  }
}
