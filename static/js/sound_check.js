// Before the practice: one sentence of the coach over a tone in the place of the film's sound.

/**
 * `no_voice`: this machine does not speak the language; `silent`: the sentence never began;
 * `broken`: it began and never ended.
 * @typedef {'spoken' | 'muted' | 'no_voice' | 'silent' | 'broken'} SoundOutcome
 */

/** @type {Record<string, string>} */
const SENTENCES = {
  en: 'This is how I sound over the film.',
  de: 'So klinge ich über dem Film.',
  es: 'Así sueno sobre la película.',
  hi: 'फ़िल्म के ऊपर मेरी आवाज़ ऐसी सुनाई देती है।',
  zh: '我在影片上的声音是这样的。',
};

/** @type {Record<SoundOutcome, string>} */
const OUTCOMES = {
  spoken: 'Did you hear it? If not, turn the sound up.',
  muted: 'The coach is muted. Press M to hear it.',
  no_voice: 'No voice on this machine: cues are shown only.',
  silent: 'The voice did not begin. Cues are shown all the same.',
  broken: 'The voice broke off. Cues are shown all the same.',
};

/** A voice that has not begun, or not ended, by then will not. */
const BEGINS_MS = 4000;
const ENDS_MS = 12_000;
/** The tone: soft, low, softer still while the coach speaks, as the film is. */
const [TONE_HZ, LOUD, DUCKED] = [220, 0.12, 0.03];
/** How long the tone is heard alone, and how quickly it grows and fades. */
const [ALONE_MS, FADE_S] = [500, 0.08];

/** @param {SoundOutcome} outcome */
export function outcomeText(outcome) {
  return OUTCOMES[outcome];
}

/**
 * Speaks one sentence, and finds out whether it began and ended. Call it from a press: browsers
 * make no sound before one.
 * @param {{language: string, muted: boolean, chosen: SpeechSynthesisVoice | null}} voice
 * @returns {Promise<SoundOutcome>}
 */
export async function checkSound({ language, muted, chosen }) {
  if (muted) return 'muted';
  if (!chosen) return 'no_voice';
  const tone = new Tone();
  await new Promise((resolve) => setTimeout(resolve, ALONE_MS));
  tone.setVolume(DUCKED);
  const outcome = await speak(SENTENCES[language], chosen);
  tone.end();
  return outcome;
}

/**
 * @param {string} text
 * @param {SpeechSynthesisVoice} voice
 * @returns {Promise<SoundOutcome>}
 */
function speak(text, voice) {
  const sentence = new SpeechSynthesisUtterance(text);
  sentence.voice = voice;
  sentence.lang = voice.lang;
  return new Promise((resolve) => {
    let began = false;
    /** @type {ReturnType<typeof setTimeout>} */
    let limit;
    /** @param {SoundOutcome} outcome */
    const done = (outcome) => {
      clearTimeout(limit);
      resolve(outcome);
    };
    const giveUp = () => {
      done(began ? 'broken' : 'silent');
      speechSynthesis.cancel();
    };
    limit = setTimeout(giveUp, BEGINS_MS);
    sentence.addEventListener('start', () => {
      began = true;
      clearTimeout(limit);
      limit = setTimeout(giveUp, ENDS_MS);
    });
    sentence.addEventListener('end', () => done('spoken'));
    sentence.addEventListener('error', () => done(began ? 'broken' : 'silent'));
    // What an earlier page left unsaid would come first.
    speechSynthesis.cancel();
    speechSynthesis.speak(sentence);
  });
}

/** A tone where the browser makes one, silence elsewhere: it is not what is checked. */
class Tone {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #volume = null;

  constructor() {
    if (!('AudioContext' in globalThis)) return;
    this.#context = new AudioContext();
    this.#volume = this.#context.createGain();
    this.#volume.gain.value = 0;
    const source = this.#context.createOscillator();
    source.frequency.value = TONE_HZ;
    source.connect(this.#volume).connect(this.#context.destination);
    source.start();
    this.setVolume(LOUD);
  }

  /** @param {number} volume 0..1, reached without a click */
  setVolume(volume) {
    if (!this.#context || !this.#volume) return;
    this.#volume.gain.setTargetAtTime(volume, this.#context.currentTime, FADE_S);
  }

  end() {
    this.setVolume(0);
    const context = this.#context;
    setTimeout(() => void context?.close(), 5000 * FADE_S);
  }
}
