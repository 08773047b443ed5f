// Everything the coach says, made visible: the line, the skeleton, the place in the routine.

import { Band } from './band.js';
import { CueBoard, say } from './cues.js';
import { byId } from './dom.js';
import { FramingGuide } from './framing.js';
import { LightMeter } from './light.js';
import { LiveView } from './live_view.js';
import { PlaceView } from './place_view.js';
import { SelfScene } from './self_scene.js';
import { sentence } from './sentence.js';
import { Stance } from './stance.js';
import { isOutOfSight, wordsOf } from './words.js';

/** @typedef {import('./messages.js').ServerMessage} ServerMessage */
/** @typedef {import('./messages.js').StateMessage} StateMessage */
/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./connection.js').Link} Link */
/** @typedef {import('./local_frames.js').LocalFrame} LocalFrame */
/** @typedef {import('./cues.js').Saying} Saying */

const PAUSED = 'Paused';
const PAUSED_HANDS = 'Paused. Raise both arms to go on.';

export class CoachView {
  board = new CueBoard();
  place = new PlaceView();
  stance = new Stance();
  scene = new SelfScene(this.board);
  /** Whether the coach is to find out on which side the student follows. */
  findsSides = false;
  /** Whether raised arms go on. */
  handsFree = false;
  #live = new LiveView();
  #guide = new FramingGuide();
  #light = new LightMeter();
  /** @type {number | null} */
  #brightness = null;
  /** @type {import('./framing.js').Advice | null} */
  #advice = null;
  /** @type {StateMessage | null} */
  #state = null;
  #band = new Band(byId('band', HTMLElement), byId('sign', HTMLElement), byId('line', HTMLElement));

  /** @param {LocalFrame} frame of one's own camera */
  onFrame(frame) {
    this.#brightness = this.#light.look(frame.image, performance.now());
    this.scene.self.onFrame(frame);
  }

  /** @param {PoseMessage} pose */
  onPose(pose) {
    this.#live.hear(pose);
    this.scene.self.onPose(pose);
    this.#advice = this.#guide.hear(
      {
        keypoints: pose.keypoints,
        silence: this.#state?.silence ?? null,
        brightness: this.#brightness,
        aspect: this.scene.aspect,
      },
      performance.now(),
    );
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
    this.scene.mirrored = state.mirrored === true;
    this.board.setSilence(state.silence);
    this.stance.hear(state, performance.now());
  }

  /** @param {Link} link */
  onLink(link) {
    this.#live.onLink(link);
    this.board.setAbsence(absenceOf(link));
  }

  /** @returns {boolean} whether something was open over the page */
  close() {
    return this.#live.close();
  }

  /**
   * Brings the text up to date; called several times a second.
   * @param {{stage: string, paused: boolean, waits: boolean, t: number}} now `t` in routine
   *   seconds; `waits` where the film stands still for the student
   */
  refresh({ stage, paused, waits, t }) {
    const hold = this.place.show(stage === 'practice', t);
    if (hold) this.board.leave(hold, performance.now());
    this.#band.show(this.#saying(stage, paused, waits));
    this.#live.show(this.#state, this.scene.self.counts, this.findsSides);
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
    if (stage !== 'practice') {
      const framing = board.noted(now) ?? this.#framing();
      return framing ?? (hidden ? saying : this.stance.saying(stage, board, now));
    }
    // Why the film stands still, unless there is something that the student can do about it.
    // What would end the wait comes first.
    if (waits && (saying.tone === 'correct' || saying.tone === 'praise')) return saying;
    if (waits) return hidden ? { ...board.quiet(), tone: 'halt' } : board.phrase('halt', 'waiting');
    if (paused) {
      const how = this.handsFree ? PAUSED_HANDS : PAUSED;
      const note = board.noted(now);
      return say('guide', note ? `Paused. ${note.text}` : how);
    }
    return saying;
  }

  /**
   * How to be seen whole; in another language than English the server's own words, where it has
   * some.
   * @returns {Saying | null}
   */
  #framing() {
    if (!this.#advice || this.stance.isFilm || !this.#state) return null;
    const { silence } = this.#state;
    const foreign = this.board.words.language !== 'en' && isOutOfSight(silence);
    if (foreign) return { ...this.board.quiet(), tone: 'guide' };
    return { ...say('guide', this.#advice.text), sign: this.#advice.arrow };
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
      const text = `${sentence(message)} Asking again in ${Math.round(retryInS)} s.`;
      return { tone: 'trouble', text };
    }
    case 'refused':
      return { tone: 'trouble', text: [message, hint].filter(Boolean).map(sentence).join(' ') };
    default:
      return { tone: 'trouble', text: 'The coach is out of reach. Keep going, I am reconnecting.' };
  }
}
