// A rendered student as the camera, in step with the instructor: practice without a webcam.

import { stopStream } from './camera.js';
import { epochMs } from './clock.js';

/** @typedef {import('./local_frames.js').LocalFrame} LocalFrame */

const WIDTH = 640;
const HEIGHT = 480;
/** A film that stands still is still sent, or the server would think the camera dead. */
const STILL_INTERVAL_MS = 66;
/** Beyond this the film jumps to the instructor's second; below it, it catches up gently. */
const JUMP_S = 0.3;
const IN_STEP_S = 0.03;
const MOST_HURRY = 0.1;

const FILMS = new Map([
  ['demo-right', '/static/demo/student_right.mp4'],
  ['demo-faults', '/static/demo/student_faults.mp4'],
]);

/**
 * @param {string | null} name as in the page's `camera` query
 * @returns {string | null} the film's address, or null where the name means no film
 */
export function filmNamed(name) {
  return FILMS.get(name ?? '') ?? null;
}

/** A Follower of the player. */
export class FilmCamera {
  #film = document.createElement('video');
  #canvas = document.createElement('canvas');
  #context;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #still;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {(frame: LocalFrame) => void} */
  #onFrame = () => {};

  /** @param {string} address */
  constructor(address) {
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
    this.#context = /** @type {CanvasRenderingContext2D} */ (
      this.#canvas.getContext('2d', { alpha: false })
    );
    this.#film.muted = true;
    this.#film.playsInline = true;
    this.#film.preload = 'auto';
    this.#film.src = address;
  }

  /**
   * Loads the film and opens its picture as a stream.
   * @param {(frame: LocalFrame) => void} onFrame told of every frame as it is sent
   * @returns {Promise<MediaStream>}
   */
  async open(onFrame) {
    this.#onFrame = onFrame;
    await loaded(this.#film);
    this.#paint();
    this.#stream = this.#canvas.captureStream(30);
    // Where single frames are not told of, all are painted by the clock.
    const tells = 'requestVideoFrameCallback' in this.#film;
    const interval = tells ? STILL_INTERVAL_MS : STILL_INTERVAL_MS / 2;
    this.#still = setInterval(() => {
      if (!tells || this.#film.paused || this.#film.ended) this.#paint();
    }, interval);
    if (!tells) return this.#stream;
    const watchFrames = () => {
      this.#paint();
      this.#film.requestVideoFrameCallback(watchFrames);
    };
    this.#film.requestVideoFrameCallback(watchFrames);
    return this.#stream;
  }

  /**
   * The film's second 0 is the routine's: it goes where the instructor is.
   * @param {{t: number, playing: boolean, rate: number}} clock
   */
  follow({ t, playing, rate }) {
    const film = this.#film;
    if (Number.isNaN(film.duration)) return; // nothing of it is loaded yet
    const behind = t - film.currentTime;
    if (Math.abs(behind) > JUMP_S) film.currentTime = Math.min(t, film.duration);
    const hurry = Math.abs(behind) > IN_STEP_S && Math.abs(behind) <= JUMP_S ? behind : 0;
    film.playbackRate = rate + Math.max(-MOST_HURRY, Math.min(MOST_HURRY, hurry));
    if (playing && film.paused && t < film.duration) {
      film.play().catch(() => {
        // Interrupted by the next pause: the next word of the player tries again.
      });
    } else if (!playing && !film.paused) {
      film.pause();
    }
  }

  close() {
    clearInterval(this.#still);
    this.#film.pause();
    this.#film.removeAttribute('src');
    if (this.#stream) stopStream(this.#stream);
  }

  #paint() {
    const { videoWidth, videoHeight } = this.#film;
    const scale = Math.min(WIDTH / videoWidth, HEIGHT / videoHeight);
    const [width, height] = [videoWidth * scale, videoHeight * scale];
    this.#context.drawImage(this.#film, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
    const captureMs = epochMs();
    this.#onFrame({ image: this.#canvas, width: WIDTH, height: HEIGHT, captureMs, exact: true });
  }
}

/**
 * @param {HTMLVideoElement} film
 * @returns {Promise<void>}
 */
function loaded(film) {
  return new Promise((resolve, reject) => {
    if (film.readyState >= film.HAVE_CURRENT_DATA) return resolve();
    film.addEventListener('loadeddata', () => resolve(), { once: true });
    film.addEventListener('error', () => reject(new Error('the film cannot be played')), {
      once: true,
    });
  });
}
