// Everything the coach says, made visible: skeleton, glow, line, figures, place in the routine.

import { Band } from './band.js';
import { Glow } from './body.js';
import { placeAt } from './chapters.js';
import { CueBoard, say } from './cues.js';
import { byId, make, setText } from './dom.js';
import { LiveFigures, liveParts } from './live.js';
import { Overlay } from './overlay.js';
import { SelfView } from './self_view.js';
import { sentence } from './sentence.js';
import { Stance } from './stance.js';
import { isOutOfSight, wordsOf } from './words.js';

/** @typedef {import('./messages.js').ServerMessage} ServerMessage */
/** @typedef {import('./messages.js').StateMessage} StateMessage */
/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./connection.js').Link} Link */
/** @typedef {import('./chapters.js').Chapter} Chapter */
/** @typedef {import('./cues.js').Saying} Saying */

const PAUSED = 'Paused';

export class CoachView {
  board = new CueBoard();
  /** @type {Chapter[]} */
  chapters = [];
  /** @type {import('./chapters.js').Hold[]} */
  holds = [];
  title = '';
  /** Whether the coach is to find out on which side the student follows. */
  findsSides = false;
  stance = new Stance();
  #figures = new LiveFigures();
  /** @type {StateMessage | null} */
  #state = null;
  #glow = new Glow();
  #overlay = new Overlay(byId('overlay', HTMLCanvasElement));
  #band = new Band(byId('band', HTMLElement), byId('sign', HTMLElement), byId('line', HTMLElement));
  #live = byId('live', HTMLDetailsElement);
  #parts = [...byId('live-summary', HTMLElement).children];
  #name = byId('pose-name', HTMLElement);
  #next = byId('pose-next', HTMLElement);
  #progress = byId('pose-progress', HTMLProgressElement);
  self = new SelfView(byId('picture', HTMLCanvasElement), (pose) => this.#onShown(pose));

  /** @param {PoseMessage} pose */
  onPose(pose) {
    this.#figures.hear(pose, performance.now());
    this.self.onPose(pose);
  }

  /** @param {PoseMessage | null} pose what belongs to the picture just shown */
  #onShown(pose) {
    if (!pose?.keypoints) {
      this.#overlay.clear();
      return;
    }
    this.#glow.update(pose.deviations ?? {}, this.board.judging, this.board.joints());
    this.#overlay.draw(pose.keypoints, (joint) => this.#glow.of(joint));
  }

  /**
   * @param {ServerMessage} message from the control channel
   * @returns {string} what to say aloud; empty for nothing
   */
  onControl(message) {
    if (message.type === 'cue') return this.board.hear(message, performance.now());
    if (message.type === 'words') this.board.words = wordsOf(message);
    if (message.type === 'state') this.#onState(message);
    if (message.type === 'error') {
      this.board.hearFault(sentence(message.error.message), performance.now());
    }
    return '';
  }

  /** @param {StateMessage} state */
  #onState(state) {
    const turned = this.#state && this.#state.mirrored !== state.mirrored;
    if (turned && this.findsSides) {
      this.board.note(state.mirrored ? 'mirrored' : 'same_side', performance.now());
    }
    this.#state = state;
    this.board.setSilence(state.silence);
    this.stance.hear(state, performance.now());
  }

  /** @param {Link} link */
  onLink(link) {
    this.#live.dataset.link = link.state;
    this.board.setAbsence(absenceOf(link));
  }

  /**
   * Brings the text up to date; called several times a second.
   * @param {{stage: string, paused: boolean, waits: boolean, t: number}} now `t` in routine
   *   seconds; `waits` where the film stands still for the student
   */
  refresh({ stage, paused, waits, t }) {
    this.#band.show(this.#saying(stage, paused, waits));
    this.#showPlace(stage, t);
    const figures = this.#figures.figures(performance.now());
    const parts = liveParts(figures, this.#state?.engine);
    parts.forEach((part, index) => setText(this.#parts[index], part));
    if (this.#live.open) this.#showDetail(figures);
  }

  /**
   * @param {string} stage
   * @param {boolean} paused
   * @param {boolean} waits
   * @returns {Saying}
   */
  #saying(stage, paused, waits) {
    const now = performance.now();
    const { board } = this;
    const saying = board.saying(now);
    if (saying.tone === 'trouble' || saying.tone === 'waiting') return saying;
    const hidden = isOutOfSight(this.#state?.silence);
    if (stage !== 'practice') return hidden ? saying : this.stance.saying(stage, board, now);
    // Why the film stands still, unless there is something that the student can do about it.
    if (waits) return hidden ? { ...board.quiet(), tone: 'halt' } : board.phrase('halt', 'waiting');
    return paused ? say('quiet', PAUSED) : saying;
  }

  /**
   * @param {string} stage
   * @param {number} t
   */
  #showPlace(stage, t) {
    const { title, progress, holdLeftS, next } = placeAt(this.chapters, this.holds, t);
    setText(this.#name, (stage === 'practice' && title) || this.title);
    const coming = next ? `next: ${next}` : '';
    setText(this.#next, holdLeftS === null ? coming : `hold ${Math.ceil(holdLeftS)} s`);
    this.#progress.value = progress;
  }

  /** @param {{fps: number, latencyMs: number | null}} figures */
  #showDetail({ fps, latencyMs }) {
    const { engine, load } = this.#state ?? {};
    const { matched, early, unmatched } = this.self.counts;
    const rows = {
      'Poses a second': fps.toFixed(1),
      'From camera to here': latencyMs === null ? '–' : `${Math.round(latencyMs)} ms`,
      'Server’s part': load ? `${Math.round(load.latency_ms)} ms` : '–',
      'Frames dropped': String(load?.dropped ?? '–'),
      'Drawn on their own frame': `${matched + early} of ${matched + early + unmatched}`,
      Keypoints: engine?.keypoints ?? '–',
      Lifter: engine?.lifter ?? '–',
      Sides: sidesOf(this.#state, this.findsSides),
      'Stance at ease': this.#state?.calibrated ? 'known' : 'not seen yet',
      Device: engine ? `${engine.device} (${engine.provider})` : '–',
    };
    const entries = Object.entries(rows).flatMap(([name, value]) => [
      make('dt', '', name),
      make('dd', '', value),
    ]);
    byId('live-detail', HTMLElement).replaceChildren(...entries);
  }
}

/**
 * @param {Link} link
 * @returns {{tone: import('./cues.js').Tone, text: string} | null}
 */
function absenceOf({ state, message, hint, retryInS }) {
  switch (state) {
    case 'live':
      return null;
    case 'connecting':
      return { tone: 'waiting', text: message ? sentence(message) : 'Connecting to the coach' };
    case 'full': {
      const text = `All places are taken. Asking again in ${Math.round(retryInS)} s.`;
      return { tone: 'trouble', text };
    }
    case 'refused':
      return { tone: 'trouble', text: [message, hint].filter(Boolean).map(sentence).join(' ') };
    default:
      return { tone: 'trouble', text: 'The coach is out of reach. Keep going, I am reconnecting.' };
  }
}

/**
 * Which sides are compared, and who says so.
 * @param {StateMessage | null} state
 * @param {boolean} found
 */
function sidesOf(state, found) {
  if (!state) return '–';
  const sides = state.mirrored ? 'as in a mirror' : 'left with left';
  return found ? `${sides}, as the coach sees it` : sides;
}
