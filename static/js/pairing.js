// The two films that are to be compared, and how.

import { byId, setText } from './dom.js';
import { takeFiles, titleOf } from './drop_area.js';

/** @typedef {import('./routines.js').RoutineSummary} RoutineSummary */

const LACKING = 'Choose both films to compare them.';
const FILM = /^video\/|\.(?:mp4|m4v|mov|mkv|webm|avi|ts)$/i;

export class Pairing {
  #routine = byId('routine', HTMLSelectElement);
  #go = byId('go', HTMLButtonElement);
  /** @type {File | null} */
  #instructor = null;
  /** @type {File | null} */
  #student = null;

  /** @param {(parts: FormData, title: string) => void} onGo told what to send */
  constructor(onGo) {
    this.#pick('instructor', (file) => {
      this.#instructor = file;
      this.#routine.value = '';
    });
    this.#pick('student', (file) => (this.#student = file));
    this.#routine.addEventListener('change', () => {
      if (this.#routine.value) this.#instructor = null;
      this.#show();
    });
    byId('pairing', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#go.disabled) onGo(this.#parts(), this.#title());
    });
    this.#show();
  }

  /** @param {RoutineSummary[]} routines */
  offer(routines) {
    const chosen = new URLSearchParams(location.search).get('routine');
    this.#routine.replaceChildren(
      new Option('A film of its own', ''),
      ...routines.map(({ id, title }) => new Option(title, id)),
    );
    const first = routines.find(({ id }) => id === chosen) ?? routines[0];
    if (!this.#instructor) this.#routine.value = first?.id ?? '';
    this.#show();
  }

  /** Takes the student's film away, for the next comparison. */
  clear() {
    this.#student = null;
    byId('comparison-title', HTMLInputElement).value = '';
    this.#show();
  }

  /**
   * @param {'instructor' | 'student'} side
   * @param {(file: File) => void} take
   */
  #pick(side, take) {
    const input = byId(`${side}-file`, HTMLInputElement);
    takeFiles({ area: byId(`${side}-drop`, HTMLElement), input }, ([file]) => {
      take(file);
      this.#show();
    });
    byId(`${side}-choose`, HTMLButtonElement).addEventListener('click', () => input.click());
  }

  #show() {
    const own = this.#instructor;
    showPick('instructor', own, 'or drop a film here');
    showPick('student', this.#student, 'Drop a film here');
    const fault = this.#fault();
    this.#go.disabled = fault !== '';
    setText(byId('lacking', HTMLElement), fault);
  }

  #fault() {
    if (!this.#student || (!this.#instructor && !this.#routine.value)) return LACKING;
    for (const file of [this.#student, this.#instructor]) {
      if (file && !FILM.test(file.type) && !FILM.test(file.name)) {
        return `${file.name} does not look like a film. Choose another.`;
      }
    }
    return '';
  }

  #title() {
    const given = byId('comparison-title', HTMLInputElement).value.trim();
    const [routine] = this.#routine.selectedOptions;
    const instructor = this.#instructor ? titleOf(this.#instructor.name) : routine?.text;
    return given || `${instructor} and ${titleOf(this.#student?.name ?? '')}`;
  }

  #parts() {
    const parts = new FormData();
    parts.set('title', this.#title());
    parts.set('mirror', byId('mirror', HTMLSelectElement).value);
    parts.set('alignment', byId('alignment', HTMLSelectElement).value);
    if (this.#instructor) parts.set('instructor', this.#instructor, this.#instructor.name);
    else parts.set('routine', this.#routine.value);
    if (this.#student) parts.set('student', this.#student, this.#student.name);
    return parts;
  }
}

/**
 * @param {'instructor' | 'student'} side
 * @param {File | null} file
 * @param {string} invitation
 */
function showPick(side, file, invitation) {
  setText(byId(`${side}-name`, HTMLElement), file?.name ?? invitation);
  setText(byId(`${side}-choose`, HTMLElement), file ? 'Choose another' : 'Choose a film');
  byId(`${side}-drop`, HTMLElement).classList.toggle('chosen', file !== null);
}
