// Listening for wishes, by recognition on this machine only.

import { wishIn } from './voice_words.js';

/** @typedef {import('./voice_words.js').Wish} Wish */
/**
 * What of the browser's recogniser is used; TypeScript knows none.
 * @typedef {EventTarget & {
 *   lang: string, continuous: boolean, interimResults: boolean, maxAlternatives: number,
 *   processLocally: boolean, start: () => void, abort: () => void,
 * }} Recogniser
 */
/** @typedef {{langs: string[], processLocally: true}} Asked */
/** @typedef {(new () => Recogniser) & {available?: (asked: Asked) => Promise<string>}} Recognisers */
/** @typedef {Event & {resultIndex: number, results: SpeechRecognitionResultList}} Heard */

/** The names under which recognisers are kept, the likeliest first. */
const TAGS = /** @type {Record<string, string[]>} */ ({
  en: ['en-GB', 'en-US'],
  de: ['de-DE'],
  es: ['es-ES', 'es-US'],
  hi: ['hi-IN'],
  zh: ['cmn-Hans-CN', 'zh-CN'],
});
/** What cannot be had by trying again. */
const FINAL = ['not-allowed', 'service-not-allowed', 'language-not-supported', 'audio-capture'];
/** A wish understood before its sentence has ended counts once it has stood for so long. */
const STOOD_MS = 400;
/** Rooms and loudspeakers go on for a moment when the coach has ended. */
const ECHO_MS = 300;
/** How long until a recogniser that has ended is started again: at once, then ever later. */
const AGAIN_MS = [0, 500, 2000, 8000];
/** One that has listened for so long was in order. */
const IN_ORDER_MS = 3000;
const ALTERNATIVES = 3;

export class VoiceCommands {
  /** Told why nothing is heard any more, in the browser's word. */
  onLost = (/** @type {string} */ _reason) => {};
  #language = '';
  #tag = '';
  #deaf = false;
  /** @type {Recogniser | null} */
  #recogniser = null;
  #startedAt = 0;
  #failures = 0;
  /** Which of the recogniser's results has had its wish. */
  #served = -1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #standing;

  /** @param {(wish: Wish) => void} onWish */
  constructor(onWish) {
    this.onWish = onWish;
  }

  /**
   * Whether the browser understands the language without sending away what is said. Asks for no
   * microphone.
   * @param {string} language one of the cues'
   */
  static async available(language) {
    return (await tagOf(language)) !== null;
  }

  /**
   * Asks for the microphone, and listens from then on; does nothing where not available.
   * @param {string} language one of the cues'
   */
  async start(language) {
    if (this.#language === language) return;
    this.stop();
    this.#language = language;
    const tag = await tagOf(language);
    if (this.#language !== language) return;
    this.#tag = tag ?? '';
    this.#failures = 0;
    if (tag === null) this.#language = '';
    else this.#listen();
  }

  stop() {
    this.#language = '';
    this.#hang();
  }

  /** While the coach speaks nothing is heard: what it says is no wish. */
  get deaf() {
    return this.#deaf;
  }

  set deaf(deaf) {
    if (deaf === this.#deaf) return;
    this.#deaf = deaf;
    this.#hang();
    if (!deaf && this.#language) this.#again = setTimeout(() => this.#listen(), ECHO_MS);
  }

  /** Forgets what is half heard as well. */
  #hang() {
    clearTimeout(this.#again);
    clearTimeout(this.#standing);
    const recogniser = this.#recogniser;
    this.#recogniser = null;
    recogniser?.abort();
  }

  #listen() {
    const Made = recognisers();
    if (!Made || !this.#tag || this.#deaf || this.#recogniser) return;
    const recogniser = new Made();
    recogniser.lang = this.#tag;
    recogniser.processLocally = true;
    recogniser.continuous = true;
    recogniser.interimResults = true;
    recogniser.maxAlternatives = ALTERNATIVES;
    recogniser.addEventListener('result', (event) => {
      if (recogniser === this.#recogniser) this.#hear(/** @type {Heard} */ (event));
    });
    recogniser.addEventListener('error', (event) => {
      const reason = /** @type {Event & {error?: string}} */ (event).error ?? '';
      if (recogniser === this.#recogniser && FINAL.includes(reason)) this.#lose(reason);
    });
    recogniser.addEventListener('end', () => {
      if (recogniser === this.#recogniser) this.#ended();
    });
    this.#recogniser = recogniser;
    this.#served = -1;
    this.#startedAt = performance.now();
    try {
      recogniser.start();
    } catch (error) {
      this.#lose(/** @type {Error} */ (error).name);
    }
  }

  /** Browsers end by themselves when nothing is said for a while. */
  #ended() {
    this.#hang();
    const inOrder = performance.now() - this.#startedAt >= IN_ORDER_MS;
    this.#failures = inOrder ? 0 : this.#failures + 1;
    const wait = AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length - 1)];
    this.#again = setTimeout(() => this.#listen(), wait);
  }

  /** @param {string} reason */
  #lose(reason) {
    this.stop();
    this.onLost(reason);
  }

  /** @param {Heard} heard */
  #hear({ resultIndex, results }) {
    clearTimeout(this.#standing);
    for (let index = resultIndex; index < results.length; index += 1) {
      const wish = this.#wishOf(results[index]);
      if (index <= this.#served || !wish) continue;
      const serve = () => {
        this.#served = index;
        this.onWish(wish);
      };
      if (results[index].isFinal) serve();
      else this.#standing = setTimeout(serve, STOOD_MS);
    }
  }

  /** @param {SpeechRecognitionResult} result its alternatives, the likeliest first */
  #wishOf(result) {
    for (const { transcript } of Array.from(result)) {
      const wish = wishIn(transcript, this.#language);
      if (wish) return wish;
    }
    return null;
  }
}

/** @returns {Recognisers | undefined} */
function recognisers() {
  const found =
    /** @type {{SpeechRecognition?: Recognisers, webkitSpeechRecognition?: Recognisers}} */ (
      /** @type {unknown} */ (globalThis)
    );
  return found.SpeechRecognition ?? found.webkitSpeechRecognition;
}

/**
 * The name of the recogniser for a language; null where none is on this machine.
 * @param {string} language
 * @returns {Promise<string | null>}
 */
async function tagOf(language) {
  const found = recognisers();
  // One that could not be told to stay on the machine would send the voice away.
  if (!found?.available || !('processLocally' in found.prototype)) return null;
  for (const tag of TAGS[language] ?? []) {
    try {
      const state = await found.available({ langs: [tag], processLocally: true });
      if (state === 'available') return tag;
    } catch {
      // A name that this browser does not know, or a page that may not ask.
    }
  }
  return null;
}
