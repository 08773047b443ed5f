// What is heard: the instructor's film, and the coach over it.

import { languageName } from './choices.js';
import { byId, setText } from './dom.js';
import { checkSound, outcomeText } from './sound_check.js';
import { Voice } from './speech.js';

/** @typedef {import('./preferences.js').Preferences} Preferences */

/** The instructor's sound under the coach's voice. */
const DUCKED = 0.25;

export class Sound {
  #film;
  #voice;
  /**
   * Told when the coach begins to speak, and when it has ended.
   * @type {(speaking: boolean) => void}
   */
  onSpeaking = () => {};

  /**
   * @param {HTMLVideoElement} film the instructor's
   * @param {Preferences} preferences
   */
  constructor(film, { muted, language }) {
    this.#film = film;
    this.#voice = new Voice({
      muted,
      language,
      onSpeaking: (speaking) => {
        film.volume = speaking ? DUCKED : 1;
        this.onSpeaking(speaking);
      },
    });
    this.#voice.onVoices(() => this.#show());
    byId('sound-check', HTMLButtonElement).addEventListener('click', () => this.#check());
  }

  get voice() {
    return this.#voice;
  }

  get muted() {
    return this.#voice.muted;
  }

  /** @param {Preferences} preferences */
  prefer({ muted, language }) {
    this.#voice.setMuted(muted);
    this.#voice.language = language;
    this.#film.muted = muted;
    this.#show();
  }

  #show() {
    const { available, isForeign, muted } = this.#voice;
    const line = byId('voiceless', HTMLElement);
    const lacking = isForeign ? `No voice for ${languageName()}` : 'No voice';
    setText(line, `${lacking} on this machine: cues are shown only.`);
    line.hidden = available;
    byId('offer-sound', HTMLElement).hidden = !available;
    byId('mute', HTMLElement).setAttribute('aria-pressed', String(muted));
    setText(byId('mute-label', HTMLElement), muted ? 'Muted' : 'Mute');
  }

  /** Says a sentence, and what to do about it where it is not heard. */
  async #check() {
    const result = byId('sound-result', HTMLElement);
    setText(result, '');
    setText(result, outcomeText(await checkSound(this.#voice)));
  }

  /** @param {string} text */
  say(text) {
    this.#voice.say(text);
  }

  stop() {
    this.#voice.stop();
  }
}
