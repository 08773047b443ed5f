// Turning the figures: by dragging, by two fingers, by keys.

import { heldPitch } from './viewpoint.js';

/** Radians a CSS pixel. */
const DRAG = 0.011;
/** Radians a key press. */
const STEP_YAW = Math.PI / 12;
const STEP_PITCH = Math.PI / 18;
const ZOOM = 1.15;
/** Time in which a glide has gone most of its way. */
const GLIDE_MS = 90;
const ARRIVED = 0.002;

/** @typedef {import('./viewpoint.js').Viewpoint} Viewpoint */

export class Turning {
  #view;
  #onTurn;
  /** Where a glide goes to. */
  #yaw;
  #pitch;
  #frame = 0;
  #lastMs = 0;
  /** @type {Map<number, {x: number, y: number}>} fingers, or a mouse button, held down */
  #held = new Map();
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #home;

  /**
   * @param {HTMLCanvasElement} canvas takes the gestures and the keys
   * @param {Viewpoint} view is turned
   * @param {() => void} onTurn called once a frame at most, only while something turns
   */
  constructor(canvas, view, onTurn) {
    this.#view = view;
    this.#onTurn = onTurn;
    this.#yaw = view.yaw;
    this.#pitch = view.pitch;
    this.#home = { yaw: view.yaw, pitch: view.pitch };
    canvas.addEventListener('pointerdown', (event) => this.#press(canvas, event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
      canvas.addEventListener(end, (event) => this.#held.delete(event.pointerId));
    }
    canvas.addEventListener('dblclick', () => this.reset());
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  /**
   * Goes there at once.
   * @param {number} yaw
   * @param {number} pitch
   */
  jump(yaw, pitch) {
    this.#view.turnTo(yaw, pitch);
    this.#yaw = this.#view.yaw;
    this.#pitch = this.#view.pitch;
  }

  /**
   * Goes there smoothly and by the shorter way, or at once where less motion is wished for.
   * @param {number} yaw
   * @param {number} pitch
   */
  glideTo(yaw, pitch) {
    this.#glide(yaw + wholeTurns(this.#view.yaw - yaw), pitch);
  }

  /**
   * @param {number} yaw
   * @param {number} pitch
   */
  #glide(yaw, pitch) {
    this.#yaw = yaw;
    this.#pitch = heldPitch(pitch);
    this.#ask();
  }

  reset() {
    this.#view.zoomTo(1);
    this.#view.turnTo(this.#view.yaw - wholeTurns(this.#view.yaw), this.#view.pitch);
    this.#glide(this.#home.yaw, this.#home.pitch);
  }

  #ask() {
    if (this.#frame !== 0) return;
    this.#lastMs = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#step(now));
  }

  /** @param {number} now */
  #step(now) {
    this.#frame = 0;
    const view = this.#view;
    const elapsed = Math.max(8, now - this.#lastMs);
    this.#lastMs = now;
    const share = this.#calm.matches ? 1 : 1 - Math.exp(-elapsed / GLIDE_MS);
    view.turnTo(
      view.yaw + (this.#yaw - view.yaw) * share,
      view.pitch + (this.#pitch - view.pitch) * share,
    );
    const left = Math.abs(this.#yaw - view.yaw) + Math.abs(this.#pitch - view.pitch);
    if (left < ARRIVED) this.jump(this.#yaw, this.#pitch);
    else this.#frame = requestAnimationFrame((next) => this.#step(next));
    this.#onTurn();
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {PointerEvent} event
   */
  #press(canvas, event) {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const held = this.#held.get(event.pointerId);
    if (!held) return;
    const before = this.#spread();
    const [right, down] = [event.clientX - held.x, event.clientY - held.y];
    held.x = event.clientX;
    held.y = event.clientY;
    if (this.#held.size > 1) this.#view.zoomTo((this.#view.zoom * this.#spread()) / before);
    else this.jump(this.#view.yaw + right * DRAG, this.#view.pitch + down * DRAG);
    this.#ask();
  }

  /** How far two fingers are apart. */
  #spread() {
    const [one, other] = this.#held.values();
    return other ? Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)) : 1;
  }

  /**
   * A wheel scrolls the page; with the control key, and so on a touchpad by two fingers, it zooms.
   * @param {WheelEvent} event
   */
  #wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.#view.zoomTo(this.#view.zoom * Math.exp(-event.deltaY / 300));
    this.#ask();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.#turnByKey(event.key)) return;
    // The page's own keys, such as those that wind the film, are not meant.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} key */
  #turnByKey(key) {
    switch (key) {
      case 'ArrowLeft':
        this.#glide(this.#yaw - STEP_YAW, this.#pitch);
        return true;
      case 'ArrowRight':
        this.#glide(this.#yaw + STEP_YAW, this.#pitch);
        return true;
      case 'ArrowUp':
        this.#glide(this.#yaw, this.#pitch + STEP_PITCH);
        return true;
      case 'ArrowDown':
        this.#glide(this.#yaw, this.#pitch - STEP_PITCH);
        return true;
      case '+':
      case '=':
        this.#view.zoomTo(this.#view.zoom * ZOOM);
        this.#ask();
        return true;
      case '-':
        this.#view.zoomTo(this.#view.zoom / ZOOM);
        this.#ask();
        return true;
      case 'Home':
        this.reset();
        return true;
      default:
        return false;
    }
  }
}

/** @param {number} yaw */
function wholeTurns(yaw) {
  return 2 * Math.PI * Math.round(yaw / (2 * Math.PI));
}
