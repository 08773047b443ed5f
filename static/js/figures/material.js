// What the figures are made of: colours that stay apart for every eye, lit from the upper left.

/** Towards the light: right and down on the canvas, and to the eye. */
const LIGHT = [-0.5, -0.62, 0.6];
/** In so many steps a limb turns through the light. */
const STEPS = 16;
const STOPS = 6;

/** @typedef {[number, number, number, number]} Colour red, green, blue, opacity */
/**
 * @typedef {object} Tones
 * @property {Colour} light
 * @property {Colour} dark
 * @property {string} edge
 * @property {number} rim width of the edge, metres
 */

/** A lit surface: gradients across a limb of half-width 1, made once. */
export class Material {
  /** @type {CanvasGradient[]} */
  #lit = [];

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Tones} tones
   */
  constructor(context, { light, dark, edge, rim }) {
    this.edge = edge;
    this.rim = rim;
    this.mid = css(mix(dark, light, 0.75));
    this.dark = css(dark);
    for (let step = 0; step <= STEPS; step += 1) {
      const towards = (2 * step) / STEPS - 1;
      const gradient = context.createLinearGradient(0, -1, 0, 1);
      for (let stop = 0; stop <= STOPS; stop += 1) {
        const y = (2 * stop) / STOPS - 1;
        const bright = towards * 0.8 * y + LIGHT[2] * Math.sqrt(1 - y * y);
        gradient.addColorStop(stop / STOPS, css(mix(dark, light, 0.2 + bright)));
      }
      this.#lit.push(gradient);
    }
  }

  /**
   * The gradient for a limb along a direction on the canvas, in the limb's own frame: x along it,
   * y across.
   * @param {number} x
   * @param {number} y
   */
  along(x, y) {
    const towards = (LIGHT[1] * x - LIGHT[0] * y) / 0.8;
    const step = Math.round(((towards + 1) / 2) * STEPS);
    return this.#lit[Math.min(STEPS, Math.max(0, step))];
  }
}

/**
 * @param {Colour} from
 * @param {Colour} to
 * @param {number} share is held within 0..1
 * @returns {Colour}
 */
function mix(from, to, share) {
  const held = Math.min(1, Math.max(0, share));
  const [red, green, blue, opacity] = from.map((part, index) => part + (to[index] - part) * held);
  return [red, green, blue, opacity];
}

/** @param {Colour} colour */
function css([red, green, blue, opacity]) {
  return `rgba(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)}, ${opacity})`;
}

/** The ground on which both are told apart, in light and dark pages alike. */
export const GROUND = '#0b1118';
export const DISC = '#17232f';
export const DISC_RIM = '#3b5068';
export const GRID = 'rgba(140, 176, 214, 0.17)';
export const FRONT = '#8ba3bd';
export const INK = '#e8f1fb';
export const HALO = 'rgba(255, 154, 46, 0.3)';
export const HATCH = 'rgba(40, 16, 0, 0.8)';
export const RING = '#d9edff';

/** @typedef {ReturnType<typeof materials>} Materials */

/** @param {CanvasRenderingContext2D} context */
export function materials(context) {
  return {
    student: new Material(context, {
      light: [255, 247, 236, 1],
      dark: [150, 98, 50, 1],
      edge: '#241404',
      rim: 0.007,
    }),
    off: new Material(context, {
      light: [255, 176, 86, 1],
      dark: [186, 88, 0, 1],
      edge: '#241000',
      rim: 0.009,
    }),
    instructor: new Material(context, {
      light: [92, 158, 228, 1],
      dark: [16, 52, 96, 1],
      edge: '#a6d4ff',
      rim: 0.009,
    }),
    /** The instructor laid over the student: an outline that one sees through. */
    outline: new Material(context, {
      light: [120, 184, 255, 0.24],
      dark: [50, 110, 190, 0.12],
      edge: '#8cc8ff',
      rim: 0.011,
    }),
  };
}
