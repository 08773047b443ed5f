// How bright the picture is: a dark one is guessed at, not seen.

const WIDTH = 32;
const HEIGHT = 24;
const EVERY_MS = 1000;
/** Rec. 709. */
const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722];

export class LightMeter {
  #context;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** @type {number | null} */
  #brightness = null;
  #luma = new Float32Array(WIDTH * HEIGHT);

  constructor() {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    this.#context = /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext('2d', { alpha: false, willReadFrequently: true })
    );
  }

  /**
   * @param {CanvasImageSource} image
   * @param {number} now milliseconds, any one clock
   * @returns {number | null} the median brightness as last seen, 0..1
   */
  look(image, now) {
    if (now - this.#lookedAt < EVERY_MS) return this.#brightness;
    this.#lookedAt = now;
    this.#context.drawImage(image, 0, 0, WIDTH, HEIGHT);
    const { data } = this.#context.getImageData(0, 0, WIDTH, HEIGHT);
    for (let pixel = 0; pixel < this.#luma.length; pixel += 1) {
      const [r, g, b] = [data[4 * pixel], data[4 * pixel + 1], data[4 * pixel + 2]];
      this.#luma[pixel] = (RED * r + GREEN * g + BLUE * b) / 255;
    }
    this.#luma.sort();
    this.#brightness = this.#luma[this.#luma.length >> 1];
    return this.#brightness;
  }
}
