// From where the figures are seen: turned about their own feet, with perspective.

/** Straight ahead and a little from above. */
export const START_YAW = 0;
export const START_PITCH = 0.16;
const LEAST_PITCH = -0.06;
const MOST_PITCH = Math.PI / 2;
const LEAST_ZOOM = 0.6;
const MOST_ZOOM = 3;

/** Metres from the eye to the middle of a figure. */
const DISTANCE = 5;
/** What is looked at: so high above the floor, metres. */
export const MIDDLE = 0.86;
/** What is to be in view, metres: arms overhead, somebody lying, and the floor before the feet. */
const ROOM_HIGH = 2.5;
const ROOM_WIDE = 2;

/** @param {number} pitch */
export function heldPitch(pitch) {
  return Math.min(MOST_PITCH, Math.max(LEAST_PITCH, pitch));
}

/** A direction to look from, shared by all figures of a canvas. */
export class Viewpoint {
  yaw = START_YAW;
  pitch = START_PITCH;
  zoom = 1;

  /**
   * @param {number} yaw radians; positive turns the figures' front to the right
   * @param {number} pitch radians; positive looks from above
   */
  turnTo(yaw, pitch) {
    this.yaw = yaw;
    this.pitch = heldPitch(pitch);
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
  }
}

/** Points on the canvas: pixels, and how many pixels a metre is there. */
export class Projected {
  /** @param {number} count */
  constructor(count) {
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    /** Metres from the eye. */
    this.depth = new Float32Array(count);
    this.scale = new Float32Array(count);
  }
}

/** The part of the canvas in which a figure stands. */
export class Port {
  x = 0;
  y = 0;
  width = 0;
  height = 0;
  /** What a metre at the distance of one is, pixels. */
  #focal = 1;
  #sinYaw = 0;
  #cosYaw = 1;
  #sinPitch = 0;
  #cosPitch = 1;

  /**
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   */
  place(left, top, width, height) {
    this.x = left + width / 2;
    this.y = top + height / 2;
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** A metre in the middle, pixels, before any zoom. */
  get metre() {
    return Math.min(this.height / ROOM_HIGH, this.width / ROOM_WIDE);
  }

  /** Where the room for a figure ends, pixels. */
  get foot() {
    return this.y + (ROOM_HIGH / 2) * this.metre;
  }

  /** @param {Viewpoint} view */
  look(view) {
    this.#focal = this.metre * DISTANCE * view.zoom;
    this.#sinYaw = Math.sin(view.yaw);
    this.#cosYaw = Math.cos(view.yaw);
    this.#sinPitch = Math.sin(view.pitch);
    this.#cosPitch = Math.cos(view.pitch);
  }

  /** How much rounder than a line a circle on the floor looks, 0..1. */
  get flatness() {
    return Math.abs(this.#sinPitch);
  }

  /**
   * @param {ArrayLike<number>} points x right, y down from the floor, z away; metres
   * @param {Projected} into
   */
  project(points, into) {
    for (let index = 0; index < into.x.length; index += 1) {
      this.put(index, points[3 * index], points[3 * index + 1], points[3 * index + 2], into);
    }
  }

  /**
   * @param {number} index
   * @param {number} x
   * @param {number} y
   * @param {number} z
   * @param {Projected} into
   */
  put(index, x, y, z, into) {
    const across = x * this.#cosYaw - z * this.#sinYaw;
    const away = x * this.#sinYaw + z * this.#cosYaw;
    const high = y + MIDDLE;
    const depth = Math.max(0.2, DISTANCE + high * this.#sinPitch + away * this.#cosPitch);
    const scale = this.#focal / depth;
    into.x[index] = this.x + across * scale;
    into.y[index] = this.y + (high * this.#cosPitch - away * this.#sinPitch) * scale;
    into.depth[index] = depth;
    into.scale[index] = scale;
  }
}
