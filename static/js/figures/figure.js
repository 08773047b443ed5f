// One figure: its parts, seen from somewhere, drawn from the farthest to the nearest.

import { drawLimb, drawRing } from './limbs.js';
import { RING } from './material.js';
import * as joint from './skeleton.js';
import { drawTrunk } from './trunk.js';
import { Projected } from './viewpoint.js';

/** @typedef {import('./viewpoint.js').Port} Port */
/** @typedef {import('./material.js').Materials} Materials */

/** @typedef {{bone: number, from: number, to: number, thick: [number, number], nearer: number}} Part */

/** Half-widths of a limb at either end, metres. */
const THIGH = [0.082, 0.056];
const SHIN = [0.056, 0.042];
const UPPER_ARM = [0.052, 0.042];
const FOREARM = [0.042, 0.032];
const NECK_WIDTH = [0.052, 0.05];

/** Points beside the joints: the skull's two ends and the face's two sides. */
const CHIN = 17;
const CROWN = 18;
const FACE_LEFT = 19;
const FACE_RIGHT = 20;
const POINTS = 21;
const SKULL = [0.088, 0.1];
const FACE = 0.019;

/**
 * The bone an index in BONES, with its half-widths; nearer the eye than its middle is by some
 * metres, so that an arm at rest stays before the trunk.
 * @type {Part[]}
 */
const PARTS = joint.BONES.flatMap(({ from, to }, bone) => {
  const thick = widths(from);
  if (!thick) return [];
  const isArm = to >= joint.LEFT_SHOULDER;
  return [{ bone, from, to, thick, nearer: isArm ? 0.07 : 0.01 }];
});
/** Drawn whole, by the order of depths: the parts, the trunk, the head. */
const TRUNK = PARTS.length;
const SKULL_PART = PARTS.length + 1;
const COUNT = PARTS.length + 2;
const TRUNK_BONE = joint.BONES.findIndex(({ to }) => to === joint.THORAX);
const HEAD_BONE = joint.BONES.findIndex(({ to }) => to === joint.HEAD);

/**
 * @param {number} from
 * @returns {[number, number] | null}
 */
function widths(from) {
  const thick = new Map([
    [joint.LEFT_HIP, THIGH],
    [joint.RIGHT_HIP, THIGH],
    [joint.LEFT_KNEE, SHIN],
    [joint.RIGHT_KNEE, SHIN],
    [joint.LEFT_SHOULDER, UPPER_ARM],
    [joint.RIGHT_SHOULDER, UPPER_ARM],
    [joint.LEFT_ELBOW, FOREARM],
    [joint.RIGHT_ELBOW, FOREARM],
  ]).get(from);
  return thick ? [thick[0], thick[1]] : null;
}

export class Figure {
  /** Where it stands; whoever draws it writes it there. */
  placed = joint.emptyJoints();
  /** How far each bone is off, 0..1, by the order of BONES. */
  off = new Float32Array(joint.BONES.length);
  /** Depths of its parts, by which they are sorted. */
  depth = new Float32Array(COUNT);
  #points = new Projected(POINTS);
  #isBack = false;
  #isFaceSeen = false;

  /**
   * @param {Materials} materials
   * @param {boolean} hasRings
   */
  constructor(materials, hasRings) {
    this.#materials = materials;
    this.#hasRings = hasRings;
    this.material = materials.student;
  }

  #materials;
  #hasRings;

  static get parts() {
    return COUNT;
  }

  /**
   * Works out where everything is on the canvas.
   * @param {Port} port
   * @param {boolean} mirror whether the figure is placed as in a mirror
   */
  look(port, mirror) {
    port.project(this.placed, this.#points);
    this.#putHead(port, mirror);
    const { depth } = this.#points;
    for (let index = 0; index < PARTS.length; index += 1) {
      const { from, to, nearer } = PARTS[index];
      this.depth[index] = (depth[from] + depth[to]) / 2 - nearer;
    }
    this.depth[TRUNK] = (depth[joint.PELVIS] + depth[joint.THORAX]) / 2;
    this.depth[SKULL_PART] = (depth[CHIN] + depth[CROWN]) / 2 - 0.02;
  }

  /**
   * The head has no front of its own among the joints: it looks where the trunk does.
   * @param {Port} port
   * @param {boolean} mirror
   */
  #putHead(port, mirror) {
    const at = this.placed;
    const neck = 3 * joint.NECK;
    const head = 3 * joint.HEAD;
    const left = 3 * joint.LEFT_SHOULDER;
    const right = 3 * joint.RIGHT_SHOULDER;
    const acrossX = at[left] - at[right];
    const acrossY = at[left + 1] - at[right + 1];
    const acrossZ = at[left + 2] - at[right + 2];
    const upX = at[head] - at[neck];
    const upY = at[head + 1] - at[neck + 1];
    const upZ = at[head + 2] - at[neck + 2];
    const sign = mirror ? -1 : 1;
    let x = sign * (acrossY * upZ - acrossZ * upY);
    let y = sign * (acrossZ * upX - acrossX * upZ);
    let z = sign * (acrossX * upY - acrossY * upX);
    const size = Math.max(Math.hypot(x, y, z), 1e-6);
    x /= size;
    y /= size;
    z /= size;
    const wide = 0.045 / Math.max(Math.hypot(acrossX, acrossY, acrossZ), 1e-6);
    const points = this.#points;
    port.put(CHIN, at[neck] + 0.3 * upX, at[neck + 1] + 0.3 * upY, at[neck + 2] + 0.3 * upZ, points);
    port.put(CROWN, at[neck] + 0.72 * upX, at[neck + 1] + 0.72 * upY, at[neck + 2] + 0.72 * upZ, points);
    const eyeX = at[neck] + 0.6 * upX + 0.082 * x;
    const eyeY = at[neck + 1] + 0.6 * upY + 0.082 * y;
    const eyeZ = at[neck + 2] + 0.6 * upZ + 0.082 * z;
    port.put(FACE_LEFT, eyeX + wide * acrossX, eyeY + wide * acrossY, eyeZ + wide * acrossZ, points);
    port.put(FACE_RIGHT, eyeX - wide * acrossX, eyeY - wide * acrossY, eyeZ - wide * acrossZ, points);
    const { depth } = points;
    const eyes = (depth[FACE_LEFT] + depth[FACE_RIGHT]) / 2;
    const middle = (depth[CHIN] + depth[CROWN]) / 2;
    this.#isFaceSeen = eyes < middle;
    this.#isBack = eyes > middle + 0.01;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} part
   */
  draw(context, part) {
    if (part === TRUNK) this.#drawTrunk(context);
    else if (part === SKULL_PART) this.#drawHead(context);
    else this.#drawPart(context, PARTS[part]);
  }

  /** @param {number} bone */
  #materialOf(bone) {
    return this.off[bone] > 0 ? this.#materials.off : this.material;
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawTrunk(context) {
    const points = this.#points;
    const material = this.#materialOf(TRUNK_BONE);
    const off = this.off[HEAD_BONE];
    if (material !== this.#materials.outline) {
      this.#limb(context, joint.THORAX, joint.NECK, NECK_WIDTH[0], NECK_WIDTH[1], HEAD_BONE, off);
    }
    drawTrunk(context, points, material, this.off[TRUNK_BONE], this.#isBack);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawHead(context) {
    this.#limb(context, CHIN, CROWN, SKULL[0], SKULL[1], HEAD_BONE, this.off[HEAD_BONE]);
    if (!this.#isFaceSeen || this.off[HEAD_BONE] > 0) return;
    const { x, y, scale } = this.#points;
    const wide = FACE * scale[FACE_LEFT];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(x[FACE_LEFT], y[FACE_LEFT]);
    context.lineTo(x[FACE_RIGHT], y[FACE_RIGHT]);
    context.lineWidth = 2 * wide;
    context.strokeStyle = this.material.edge;
    context.stroke();
    context.lineCap = 'butt';
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Part} part
   */
  #drawPart(context, { bone, from, to, thick }) {
    this.#limb(context, from, to, thick[0], thick[1], bone, this.off[bone]);
    if (!this.#hasRings) return;
    this.#ring(context, from, thick[0]);
    this.#ring(context, to, thick[1]);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} at
   * @param {number} thick metres
   */
  #ring(context, at, thick) {
    const { x, y, scale } = this.#points;
    const width = 0.014 * scale[at];
    drawRing(context, x[at], y[at], 0.5 * thick * scale[at], width, RING);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} from
   * @param {number} to
   * @param {number} thickFrom metres
   * @param {number} thickTo
   * @param {number} bone
   * @param {number} off
   */
  #limb(context, from, to, thickFrom, thickTo, bone, off) {
    const { x, y, scale } = this.#points;
    const material = this.#materialOf(bone);
    const r0 = thickFrom * scale[from];
    const r1 = thickTo * scale[to];
    const rim = material.rim * scale[to];
    drawLimb(context, x[from], y[from], r0, x[to], y[to], r1, rim, material, off);
  }
}
