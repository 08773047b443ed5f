// The curve of errors under a comparison's film: it follows the film, and leads into it.

import { offBy, wordsOfAngle } from './angle_names.js';
import { moment } from './clock.js';
import { CurveDrawing } from './curve_drawing.js';
import { largest, rowAt, seriesOf, thinned } from './curve_points.js';
import { make, setText } from './dom.js';

/** @typedef {import('./errors_table.js').ErrorsTable} ErrorsTable */

const STEP_S = 1;
const LEAP_S = 10;
/** Of letters where nobody has chosen larger ones. */
const USUAL_PX = 16;

/** @type {Record<string, number>} seconds by key */
const STEPS = {
  ArrowLeft: -STEP_S,
  ArrowDown: -STEP_S,
  ArrowRight: STEP_S,
  ArrowUp: STEP_S,
  PageDown: -LEAP_S,
  PageUp: LEAP_S,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

export class ErrorCurve {
  #drawing = new CurveDrawing();
  #plot = make('div', 'curve-plot');
  #told = make('p', 'curve-told');
  #choice = make('select', 'input');
  /** @type {import('./curve_points.js').Series} */
  #series;
  /** @type {number | null} seconds under the pointer */
  #pointed = null;
  #drawn = 0;

  /**
   * @param {object} wiring
   * @param {ErrorsTable} wiring.table
   * @param {HTMLVideoElement} wiring.film
   * @param {number} wiring.duration_s of the film
   * @param {number[]} wiring.worst seconds that are marked
   */
  constructor({ table, film, duration_s, worst }) {
    this.table = table;
    this.film = film;
    this.duration_s = Math.max(duration_s, table.t.at(-1) ?? 0);
    this.worst = worst;
    this.#series = seriesOf(table, '');
    this.element = this.#build();
    this.#listen();
  }

  #build() {
    const heading = make('h2', '', 'How far apart');
    heading.id = 'curve-title';
    this.#choice.id = 'curve-joint';
    this.#choice.autocomplete = 'off';
    this.#choice.append(
      new Option('The largest of all', ''),
      ...[...this.table.columns.keys()].map((angle) => {
        const most = Math.round(largest(seriesOf(this.table, angle).size));
        return new Option(`${wordsOfAngle(angle).name} · up to ${most}°`, angle);
      }),
    );
    const label = make('label', 'unseen', 'Joint to show');
    label.htmlFor = this.#choice.id;
    this.#plot.tabIndex = 0;
    this.#plot.setAttribute('role', 'slider');
    this.#plot.setAttribute('aria-label', 'The film’s place on the curve');
    this.#plot.setAttribute('aria-valuemin', '0');
    this.#plot.setAttribute('aria-valuemax', this.duration_s.toFixed(1));
    this.#plot.append(this.#drawing.element);
    const choice = make('p', 'field', label, this.#choice);
    const head = make('div', 'curve-head', heading, this.#told, choice);
    const section = make('section', 'curve', head, this.#plot);
    section.setAttribute('aria-labelledby', heading.id);
    return section;
  }

  #listen() {
    const { film } = this;
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
    this.#choice.addEventListener('change', () => {
      this.#series = seriesOf(this.table, this.#choice.value);
      this.#draw();
    });
    for (const event of ['timeupdate', 'seeking', 'seeked', 'loadedmetadata', 'pause']) {
      film.addEventListener(event, () => this.#follow());
    }
    film.addEventListener('play', () => this.#run());
    this.#plot.addEventListener('keydown', (event) => this.#onKey(event));
    this.#plot.addEventListener('pointerdown', (event) => {
      this.#plot.setPointerCapture(event.pointerId);
      this.#seek(this.#timeAt(event));
    });
    this.#plot.addEventListener('pointermove', (event) => {
      this.#point(this.#timeAt(event));
      if (event.buttons && this.#plot.hasPointerCapture(event.pointerId)) {
        this.#seek(this.#timeAt(event));
      }
    });
    for (const event of /** @type {const} */ (['pointerleave', 'pointercancel', 'pointerup'])) {
      this.#plot.addEventListener(event, () => this.#point(null));
    }
  }

  /** @param {PointerEvent} event */
  #timeAt({ clientX }) {
    return this.#drawing.timeAt(clientX - this.#plot.getBoundingClientRect().left);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (step !== undefined) this.#seek(this.film.currentTime + step);
    else if (event.key === ' ') this.#playOrPause();
    else return;
    event.preventDefault();
  }

  #playOrPause() {
    if (this.film.paused) void this.film.play().catch(() => undefined);
    else this.film.pause();
  }

  /** @param {number} t */
  #seek(t) {
    this.film.currentTime = Math.min(this.duration_s, Math.max(0, t));
  }

  /** @param {number | null} t */
  #point(t) {
    this.#pointed = t;
    this.#drawing.point(t);
    this.#tell();
  }

  #draw() {
    const { clientWidth, clientHeight } = this.#plot;
    if (!clientWidth) return;
    const letters = parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_PX;
    this.#drawing.resize(clientWidth, clientHeight, letters);
    const { size } = this.#series;
    const points = thinned(this.table.t, size, this.duration_s, this.#drawing.columns);
    this.#drawing.show(points, this.duration_s, largest(size), this.worst);
    this.#follow();
  }

  #run() {
    cancelAnimationFrame(this.#drawn);
    this.#placeNow();
    if (!this.film.paused) this.#drawn = requestAnimationFrame(() => this.#run());
  }

  #follow() {
    this.#placeNow();
    this.#tell();
    const t = this.film.currentTime;
    // Who listens is not told of every moment that goes by.
    if (!this.film.paused) return;
    this.#plot.setAttribute('aria-valuenow', t.toFixed(1));
    this.#plot.setAttribute('aria-valuetext', this.#words(t));
  }

  #placeNow() {
    const t = this.film.currentTime;
    this.#drawing.place(t, this.#series.size[rowAt(this.table.t, t)] ?? Number.NaN);
  }

  #tell() {
    setText(this.#told, this.#words(this.#pointed ?? this.film.currentTime));
  }

  /** @param {number} t */
  #words(t) {
    const row = rowAt(this.table.t, t);
    if (!(this.#series.size[row] >= 0)) return `${moment(t)} · not seen`;
    const angle = this.#series.angleAt(row);
    const degrees = this.table.columns.get(angle)?.[row] ?? 0;
    return `${moment(t)} · ${wordsOfAngle(angle).name}: ${offBy(angle, degrees)}`;
  }
}
