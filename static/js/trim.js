// Cutting the film: what is kept, and that what is not is gone for good.

import { ask, tellRefusal } from './ask.js';
import { moment, readMoment } from './clock.js';
import { byId, setText } from './dom.js';
import { trimRoutine } from './routines.js';

/** A shorter film is no routine. */
const SHORTEST_S = 1;
const DIGITS = 2;

export class Trim {
  #start = byId('trim-start', HTMLInputElement);
  #end = byId('trim-end', HTMLInputElement);
  #go = byId('trim-go', HTMLButtonElement);
  #note = byId('trim-note', HTMLElement);
  #id = '';
  #duration = 0;
  #blocked = '';

  /**
   * @param {HTMLVideoElement} film
   * @param {(job: string) => void} onJob told the job that cuts
   */
  constructor(film, onJob) {
    for (const [input, button] of [
      [this.#start, 'trim-start-here'],
      [this.#end, 'trim-end-here'],
    ]) {
      const field = /** @type {HTMLInputElement} */ (input);
      field.addEventListener('input', () => this.#show());
      byId(String(button), HTMLButtonElement).addEventListener('click', () => {
        field.value = moment(film.currentTime, DIGITS);
        this.#show();
      });
    }
    byId('trim', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#cut(onJob);
    });
  }

  /**
   * @param {string} id of the routine
   * @param {number} duration_s
   */
  begin(id, duration_s) {
    this.#id = id;
    this.#duration = duration_s;
    this.#start.value = moment(0, DIGITS);
    this.#end.value = moment(duration_s, DIGITS);
    this.#show();
  }

  /**
   * Says why it cannot be cut now.
   * @param {string} reason empty where it can
   */
  block(reason) {
    this.#blocked = reason;
    this.#show();
  }

  /** @returns {{start_s: number, end_s: number, fault: string}} */
  #read() {
    const start_s = readMoment(this.#start.value);
    const typed = readMoment(this.#end.value);
    // The end as it is shown is rounded, and may lie a hair beyond the film's.
    const end_s = Math.abs(typed - this.#duration) < 0.02 ? this.#duration : typed;
    return { start_s, end_s, fault: this.#faultOf(start_s, end_s) };
  }

  /**
   * @param {number} start_s
   * @param {number} end_s
   */
  #faultOf(start_s, end_s) {
    if (this.#blocked) return this.#blocked;
    if (Number.isNaN(start_s) || Number.isNaN(end_s)) return 'Give times such as 0:05.20.';
    if (end_s > this.#duration) return `The film ends at ${moment(this.#duration, DIGITS)}.`;
    if (end_s - start_s < SHORTEST_S) return 'At least a second has to be kept.';
    const whole = start_s < 0.005 && end_s === this.#duration;
    return whole ? 'This is the whole film.' : '';
  }

  #show() {
    const { start_s, end_s, fault } = this.#read();
    this.#go.disabled = fault !== '';
    const gone = this.#duration - (end_s - start_s);
    setText(this.#note, fault || `Keeps ${length(end_s - start_s)}, removes ${length(gone)}.`);
  }

  /** @param {(job: string) => void} onJob */
  async #cut(onJob) {
    const { start_s, end_s, fault } = this.#read();
    if (fault) return;
    const sure = await ask({
      title: 'Cut the film for good?',
      text:
        `Only ${moment(start_s, DIGITS)} to ${moment(end_s, DIGITS)} is kept, with its holds and ` +
        'names. The rest of the film cannot be brought back.',
      yes: 'Cut the film',
      no: 'Keep it whole',
      grave: true,
    });
    if (!sure) return;
    try {
      onJob(await trimRoutine(this.#id, { start_s, end_s }));
    } catch (error) {
      await tellRefusal(/** @type {Error} */ (error));
    }
  }
}

/** @param {number} seconds */
function length(seconds) {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : moment(seconds);
}
