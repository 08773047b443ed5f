// The moment looked at, side by side: the instructor's film, and both as figures in space.

import { make, setText } from '../dom.js';
import { FigureStage } from '../figures/figure_stage.js';
import { InstructorTrack } from '../figures/instructor_track.js';
import { emptyJoints, mirroredJoints, readJoints } from '../figures/skeleton.js';
import { viewButtons } from '../figures/view_buttons.js';
import { routineFile } from '../routines.js';
import { sentence } from '../sentence.js';
import { filmClock } from './report.js';

/** @typedef {import('./cursor.js').Cursor} Cursor */
/** @typedef {import('./report.js').Moment} Moment */
/** @typedef {import('./report.js').Report} Report */

/** A film that is as near as this is where it should be. */
const SAME_S = 0.04;

const STAGE_LABEL =
  'The instructor, blue with rings on the joints, and you, orange-white, as figures in space. ' +
  'Turn them with the arrow keys or by dragging; plus and minus zoom, Home faces them again.';

export class Viewer {
  /** @type {HTMLVideoElement | null} null where the library has no such film any more */
  #film = null;
  #canvas = make('canvas', 'viewer-canvas');
  #caption = make('figcaption', 'soft');
  /** @type {FigureStage | null} */
  #stage = null;
  /** @type {InstructorTrack | null} */
  #track = null;
  #mirrored = emptyJoints();
  #student = emptyJoints();
  #aim = 0;
  /** The student's clock less the film's, as of the last time that it was led somewhere. */
  #offset = 0;
  #cursor;
  #filmAt;
  /** Of the practice, wherever it is looked at. */
  #isMirrored;

  /**
   * @param {Report} report
   * @param {Cursor} cursor
   * @param {boolean} hasFilm
   */
  constructor(report, cursor, hasFilm) {
    this.#cursor = cursor;
    this.#filmAt = filmClock(report);
    this.#isMirrored = report.moments?.[0]?.mirrored ?? false;
    this.#canvas.setAttribute('aria-label', STAGE_LABEL);
    const film = hasFilm ? this.#newFilm(report.routine ?? '') : noFilm();
    this.element = make(
      'div',
      'viewer',
      make('figure', '', film, make('figcaption', 'soft', 'The instructor’s film')),
      make('figure', '', this.#canvas, this.#caption),
    );
    if (hasFilm) void this.#fetchTrack(report.routine ?? '');
  }

  /** To be called once it is in the page: a canvas has no size before. */
  open() {
    try {
      this.#stage = new FigureStage(this.#canvas);
      this.#caption.before(viewButtons(this.#stage));
    } catch {
      this.#canvas.replaceWith(make('p', 'no-film', 'This browser cannot draw the figures.'));
    }
    this.#cursor.onMove(() => this.#follow());
  }

  watch() {
    this.element.scrollIntoView({ block: 'center' });
    void this.#film?.play().catch(() => undefined);
  }

  /** @param {string} routine */
  #newFilm(routine) {
    const film = make('video', '');
    const ways = { controls: true, muted: true, playsInline: true, preload: 'auto' };
    Object.assign(film, { ...ways, src: routineFile(routine, 'video') });
    film.id = 'review-film';
    film.setAttribute('aria-label', 'The instructor’s film');
    film.addEventListener('play', () => this.#run());
    film.addEventListener('seeked', () => this.#lead());
    film.addEventListener('error', () => film.replaceWith(noFilm()));
    this.#film = film;
    return film;
  }

  /** @param {string} routine */
  async #fetchTrack(routine) {
    this.#track = await InstructorTrack.fetch(routine);
    this.#draw();
  }

  /** The cursor was moved: the film goes there, unless it is what moves it. */
  #follow() {
    if (!this.#cursor.running && this.#film) {
      this.#film.pause();
      const { t, moment } = this.#cursor;
      this.#aim = moment?.routine_t ?? this.#filmAt(t);
      this.#offset = t - this.#aim;
      if (Math.abs(this.#film.currentTime - this.#aim) > SAME_S) this.#film.currentTime = this.#aim;
    }
    this.#draw();
  }

  /** While the film runs, the cursor goes with it. */
  #run() {
    const film = this.#film;
    if (!film || film.paused || film.ended || !film.isConnected) return;
    this.#lead();
    requestAnimationFrame(() => this.#run());
  }

  /** The film is elsewhere than it was sent: somebody seeks in it. */
  #lead() {
    if (!this.#film || Math.abs(this.#film.currentTime - this.#aim) < SAME_S) return;
    this.#aim = this.#film.currentTime;
    this.#cursor.moveTo(this.#aim + this.#offset, true);
  }

  #draw() {
    const { moment, t } = this.#cursor;
    const routineT = this.#film ? this.#aim : (moment?.routine_t ?? this.#filmAt(t));
    const shown = this.#track?.at(routineT) ?? null;
    const mirrored = moment?.mirrored ?? this.#isMirrored;
    const instructor = shown && mirrored ? mirroredJoints(shown, this.#mirrored) : shown;
    const student = readJoints(moment?.joints, this.#student);
    this.#stage?.show({
      instructor,
      student,
      off: (joint) => offOf(moment?.joints_names ?? [], joint),
    });
    setText(this.#caption, captionOf(moment, instructor !== null, student !== null));
  }
}

/**
 * How strongly a joint shows: the worst one wholly, the others that were off less.
 * @param {string[]} joints those that were off, the worst first
 * @param {string} joint
 */
function offOf(joints, joint) {
  const place = joints.indexOf(joint);
  if (place < 0) return 0;
  return place === 0 ? 1 : 0.5;
}

/**
 * @param {Moment | null} moment
 * @param {boolean} hasInstructor
 * @param {boolean} hasStudent
 */
function captionOf(moment, hasInstructor, hasStudent) {
  if (moment && hasStudent) {
    const alone = hasInstructor ? '' : ' The instructor’s figure cannot be had.';
    return `You: ${sentence(moment.text)}${alone} Drag to turn.`;
  }
  if (!hasInstructor) return 'There is no figure for this moment.';
  return 'The instructor. Your own figure is kept for the worst moments only. Drag to turn.';
}

function noFilm() {
  return make('p', 'no-film', 'The instructor’s film is no longer in the library.');
}
