// One's own picture and what lies on it: skeleton, glow, the way to go, the instructor's pose; or
// both as figures in space.

import { Glow } from './body.js';
import { arrowsOf } from './body_arrow.js';
import { byId } from './dom.js';
import { FigureStage } from './figures/figure_stage.js';
import { Ghost } from './figures/ghost.js';
import { mirroredJoints } from './figures/skeleton.js';
import { viewButtons } from './figures/view_buttons.js';
import { Overlay } from './overlay.js';
import { SelfView } from './self_view.js';
import { shape } from './views.js';

/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./cues.js').CueBoard} CueBoard */

const JOINTS = 17;
/** Without a pose for so long the figure of the student is taken away. */
const GONE_MS = 700;
/** Poses come thirty times a second: more pictures than those say nothing more, and cost as much. */
const FIGURES_EVERY_MS = 24;

export class SelfScene {
  /** @type {import('./figures/instructor_track.js').InstructorTrack | null} */
  track = null;
  /** Where the film is; asked with every refresh of the screen while figures are drawn. */
  clock = () => ({ t: 0 });
  /** @type {import('./preferences.js').Preferences['view']} */
  #view = 'side';
  /** Whether the student is followed as in a mirror. */
  mirrored = false;
  /** Width over height of one's own picture. */
  aspect = 4 / 3;
  #board;
  #glow = new Glow();
  #overlay = new Overlay(byId('overlay', HTMLCanvasElement));
  #ghost = new Ghost();
  #figures = byId('figures', HTMLCanvasElement);
  /** @type {FigureStage | null} made when it is first looked at */
  #stage = null;
  #student = new Float32Array(3 * JOINTS);
  #turned = new Float32Array(3 * JOINTS);
  #seenAt = Number.NEGATIVE_INFINITY;
  #drawnAt = Number.NEGATIVE_INFINITY;
  /** Whether figures are drawn, and the film's and the pose's time of which they were last. */
  #turns = false;
  #moment = Number.NaN;
  #strength = (/** @type {string} */ joint) => this.#glow.of(joint);

  /** @param {CueBoard} board what is said now */
  constructor(board) {
    this.#board = board;
    const picture = byId('picture', HTMLCanvasElement);
    const mirror = byId('mirror', HTMLElement);
    this.self = new SelfView(picture, (pose) => {
      const aspect = picture.width / picture.height;
      if (aspect !== this.aspect) shape(mirror, picture.width, picture.height);
      this.aspect = aspect;
      this.#onShown(pose);
    });
  }

  /** @param {PoseMessage | null} pose what belongs to the picture just shown */
  #onShown(pose) {
    if (!pose?.keypoints) {
      this.#overlay.clear();
      return;
    }
    const { keypoints, joints } = pose;
    this.#glow.update(pose.deviations ?? {}, this.#board.judging, this.#board.joints());
    if (joints) {
      fill(this.#student, joints);
      this.#seenAt = performance.now();
    }
    const { cue } = this.#board;
    const { width, height } = this.self.canvas;
    const instructor = this.#view === 'over' ? this.#instructorAt(pose.routine_t) : null;
    this.#overlay.draw({
      keypoints,
      strength: this.#strength,
      arrows: cue ? arrowsOf(cue, keypoints, this.aspect) : [],
      ghost:
        instructor && joints
          ? this.#ghost.of(instructor, this.#student, keypoints, width, height)
          : null,
    });
  }

  /**
   * @param {import('./preferences.js').Preferences['view']} view
   * @param {boolean} isSeen whether anything of it is on the page now
   */
  show(view, isSeen) {
    const turns = view === 'figures' && isSeen;
    this.#view = view;
    if (turns === this.#turns) return;
    this.#turns = turns;
    byId('turn', HTMLElement).hidden = !turns;
    if (turns) requestAnimationFrame(this.#drawFigures);
  }

  #drawFigures = (/** @type {number} */ now) => {
    if (!this.#turns) return;
    requestAnimationFrame(this.#drawFigures);
    if (now - this.#drawnAt < FIGURES_EVERY_MS) return;
    const { t } = this.clock();
    const here = now - this.#seenAt < GONE_MS;
    const moment = t + (here ? this.#seenAt : 0);
    if (moment === this.#moment) return;
    this.#drawnAt = now;
    this.#moment = moment;
    this.#stage ??= this.#makeStage();
    const instructor = this.#instructorAt(t);
    this.#stage.show({ instructor, student: here ? this.#student : null, off: this.#strength });
  };

  /** As in the mirror beside it. */
  #makeStage() {
    const stage = new FigureStage(this.#figures, { mirror: true });
    this.#figures.style.touchAction = 'none';
    byId('turn', HTMLElement).append(viewButtons(stage));
    return stage;
  }

  /**
   * The instructor as the student is to be: on the student's own sides.
   * @param {number | null} t routine seconds
   */
  #instructorAt(t) {
    const joints = t === null ? null : (this.track?.at(t) ?? null);
    return joints && this.mirrored ? mirroredJoints(joints, this.#turned) : joints;
  }
}

/**
 * @param {Float32Array} target
 * @param {[number, number, number][]} joints
 */
function fill(target, joints) {
  for (let joint = 0; joint < JOINTS; joint += 1) {
    const [x, y, z] = joints[joint];
    target[3 * joint] = x;
    target[3 * joint + 1] = y;
    target[3 * joint + 2] = z;
  }
}
