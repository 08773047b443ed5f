// The coach's voice: the machine's own, one sentence at a time.

/** A sentence that could not begin for so long would come too late to help. */
const STALE_MS = 4000;
/** A voice that has not ended by then never says that it has. */
const ENDS_WITHIN_MS = 12_000;

export class Voice {
  #muted;
  /** @type {SpeechSynthesisUtterance | null} held: browsers forget an utterance nobody holds */
  #speaking = null;
  /** @type {{text: string, at: number} | null} */
  #next = null;

  /**
   * @param {{muted: boolean, language: string, onSpeaking: (speaking: boolean) => void}} options
   */
  constructor({ muted, language, onSpeaking }) {
    this.#muted = muted;
    this.language = language;
    this.onSpeaking = onSpeaking;
    // Some browsers load their voices only when first asked.
    this.#voice();
  }

  get muted() {
    return this.#muted;
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    if (muted) this.stop();
  }

  /**
   * Says it now, or after the sentence under way; of several that wait, only the newest.
   * @param {string} text
   */
  say(text) {
    if (!text || this.#muted || !navigator.userActivation?.hasBeenActive) return;
    this.#next = { text, at: performance.now() };
    if (!this.#speaking) this.#sayNext();
  }

  #sayNext() {
    const next = this.#next;
    this.#next = null;
    const voice = this.#voice();
    if (!next || !voice || performance.now() - next.at > STALE_MS) return;
    const sentence = new SpeechSynthesisUtterance(next.text);
    sentence.voice = voice;
    sentence.lang = voice.lang;
    const done = () => {
      clearTimeout(late);
      if (this.#speaking !== sentence) return;
      this.#speaking = null;
      this.onSpeaking(false);
      this.#sayNext();
    };
    const late = setTimeout(() => {
      if (this.#speaking === sentence) speechSynthesis.cancel();
      done();
    }, ENDS_WITHIN_MS);
    sentence.addEventListener('end', done);
    sentence.addEventListener('error', done);
    this.#speaking = sentence;
    this.onSpeaking(true);
    speechSynthesis.speak(sentence);
  }

  /** A voice of this machine: a voice from the network would send away what is said. */
  #voice() {
    const spoken = localVoices().filter((voice) => speaks(voice, this.language));
    return spoken.find((voice) => voice.default) ?? spoken[0] ?? null;
  }

  /** The voice that it speaks with, if this machine has one. */
  get chosen() {
    return this.#voice();
  }

  /** Whether this machine can speak the language at all. */
  get available() {
    return this.#voice() !== null;
  }

  /** Whether it can speak another one only. */
  get isForeign() {
    return !this.available && localVoices().length > 0;
  }

  /** @param {() => void} tell called when `available` may have changed */
  onVoices(tell) {
    // Without the event, as in older Safari, the voices are there from the first.
    if ('speechSynthesis' in globalThis) speechSynthesis.addEventListener?.('voiceschanged', tell);
  }

  stop() {
    this.#next = null;
    const wasSpeaking = this.#speaking !== null;
    this.#speaking = null;
    if ('speechSynthesis' in globalThis) speechSynthesis.cancel();
    if (wasSpeaking) this.onSpeaking(false);
  }
}

function localVoices() {
  if (!('speechSynthesis' in globalThis)) return [];
  return speechSynthesis.getVoices().filter((voice) => voice.localService);
}

/**
 * @param {SpeechSynthesisVoice} voice `lang` as BCP 47; some systems write zh_CN, or cmn for zh
 * @param {string} language
 */
function speaks({ lang }, language) {
  const [first, ...rest] = lang.toLowerCase().split(/[-_]/);
  // What is spoken in Hong Kong is Cantonese: another language, read from the same signs.
  if (language === 'zh') return first === 'cmn' || (first === 'zh' && !rest.includes('hk'));
  return first === language;
}
