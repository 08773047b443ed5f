// The instructor's film and its clock.

import { epochMs, sleep } from './clock.js';

/** @typedef {{t: number, playing: boolean, rate: number, atMs: number}} PlayerClock */
/**
 * What goes where the instructor goes.
 * @typedef {object} Follower
 * @property {(clock: PlayerClock) => void} follow
 */

/** @typedef {{start: number, end: number}} Stretch seconds of the film */

const STEP_S = 5;
/** As fast as the film may go, slowest first. */
export const RATES = [0.5, 0.75, 1, 1.25];
const REPORT_EVERY_MS = 1000;
const UNPLAYABLE = 'This browser cannot play the instructor’s film';
const MEDIA_ERR_NETWORK = 2;
/** Between two attempts to get a film that does not come. */
const AGAIN_MS = 2000;
/** A frame shown longer ago than this says nothing about where a running film is now. */
const FRESH_MS = 250;

export class Player {
  /** @type {{t: number, atMs: number} | null} the film's last shown frame */
  #shown = null;
  #seeking = false;
  /** Whether the coach would have the film wait. */
  #waitWanted = false;
  /** Whether it stands still for that alone. */
  #waits = false;
  #onEnd;
  /** @type {Stretch | null} what is shown over and over */
  #loop = null;

  /**
   * @param {HTMLVideoElement} film
   * @param {{
   *   onClock: (clock: PlayerClock) => void, onEnd: () => void, onBroken: (error: Error) => void,
   * }} wiring `onClock` on every change and each second; `onBroken`: the film cannot be played here
   */
  constructor(film, { onClock, onEnd, onBroken }) {
    this.film = film;
    this.#onEnd = onEnd;
    const tell = () => onClock(this.clock());
    for (const change of ['play', 'playing', 'pause', 'ratechange', 'waiting']) {
      film.addEventListener(change, tell);
    }
    // Whoever lets it run, the wait is over: a pause after that is somebody's own.
    film.addEventListener('play', () => (this.#waits &&= film.paused));
    film.addEventListener('seeking', () => {
      this.#seeking = true;
      this.#shown = null;
    });
    film.addEventListener('seeked', () => {
      this.#seeking = false;
      tell();
    });
    film.addEventListener('error', () => void this.#broke(onBroken));
    film.addEventListener('ended', () => {
      tell();
      if (this.#loop) void this.#again(this.#loop);
      else onEnd();
    });
    // Where single frames are not told of, and for a film that stands behind the stretch.
    film.addEventListener('timeupdate', () => this.#turn(film.currentTime));
    setInterval(tell, REPORT_EVERY_MS);
    if ('requestVideoFrameCallback' in film) this.#watchFrames();
  }

  /**
   * A film that the server sends and the browser cannot play ends the practice; one that only did
   * not come is asked for again from where it stood.
   * @param {(error: Error) => void} onBroken
   */
  async #broke(onBroken) {
    const { src, currentTime, paused } = this.film;
    const answer = await fetch(src, { method: 'HEAD' }).catch(() => null);
    if (this.film.src !== src) return;
    if (answer?.ok && this.film.error?.code !== MEDIA_ERR_NETWORK) {
      onBroken(new Error(UNPLAYABLE));
      return;
    }
    await sleep(AGAIN_MS);
    if (this.film.src !== src) return;
    this.film.load();
    this.film.currentTime = currentTime;
    if (!paused) void this.play();
  }

  #watchFrames() {
    this.film.requestVideoFrameCallback((_, frame) => {
      if (!this.#seeking) {
        this.#shown = { t: frame.mediaTime, atMs: epochMs(frame.expectedDisplayTime) };
        this.#turn(frame.mediaTime);
      }
      this.#watchFrames();
    });
  }

  /** @returns {PlayerClock} as of now */
  clock() {
    const { film } = this;
    const rate = film.playbackRate;
    const stalled = film.readyState < film.HAVE_FUTURE_DATA;
    const playing = !film.paused && !film.ended && !film.seeking && !stalled;
    const atMs = epochMs();
    const shown = this.#shown;
    // The shown frame's own time is exact; `currentTime` may run ahead of what is seen.
    const exact = playing && shown && atMs - shown.atMs < FRESH_MS;
    const t = exact ? shown.t + ((atMs - shown.atMs) / 1000) * rate : film.currentTime;
    return { t: Math.max(0, t), playing, rate, atMs };
  }

  /** @returns {Promise<boolean>} whether it runs */
  async play() {
    this.#waits = false;
    try {
      await this.film.play();
      return true;
    } catch {
      return false;
    }
  }

  pause() {
    this.#waits = false;
    this.film.pause();
  }

  /** Whether the film stands still for the student, and goes on when they have come. */
  get waits() {
    return this.#waits;
  }

  /**
   * Stops for a student who is behind, and goes on when they are no longer. A film that was paused
   * by hand stays so, and one that is played on by hand does not stop again for the same wait.
   * @param {boolean} wanted
   */
  wait(wanted) {
    if (wanted === this.#waitWanted) return;
    this.#waitWanted = wanted;
    if (wanted && !this.film.paused) {
      this.film.pause();
      this.#waits = true;
    } else if (!wanted && this.#waits) {
      void this.play();
    }
  }

  /** Waits no longer, whatever the coach says until it has changed its mind. */
  goOn() {
    if (this.#waits) void this.play();
  }

  toggle() {
    if (this.film.ended && !this.#loop) this.#onEnd();
    else if (this.film.paused) void this.play();
    else this.pause();
  }

  /** @param {1 | -1} way */
  step(way) {
    const { start, end } = this.#loop ?? { start: 0, end: this.#length };
    this.seek(Math.max(start, Math.min(end, this.film.currentTime + way * STEP_S)));
  }

  /** @param {number} t seconds of the film; clamped to it */
  seek(t) {
    this.film.currentTime = Math.max(0, Math.min(this.#length, t));
  }

  get #length() {
    return Number.isFinite(this.film.duration) ? this.film.duration : 0;
  }

  get loop() {
    return this.#loop;
  }

  /** @param {Stretch | null} stretch shown over and over from now on; null to go on to the end */
  setLoop(stretch) {
    this.#loop = stretch;
    if (stretch && !(stretch.start <= this.film.currentTime)) this.seek(stretch.start);
  }

  /** @param {number} t of the frame that is shown */
  #turn(t) {
    if (this.#loop && t >= this.#loop.end && !this.#seeking) this.seek(this.#loop.start);
  }

  /** @param {Stretch} stretch */
  async #again(stretch) {
    this.seek(stretch.start);
    await this.play();
  }

  get rate() {
    return this.film.playbackRate;
  }

  /** @param {number} rate one of `RATES` */
  setRate(rate) {
    this.film.playbackRate = rate;
  }
}
