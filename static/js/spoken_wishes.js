// Spoken wishes: off until they are asked for, and only where nothing that is said leaves the machine.

import { byId } from './dom.js';
import { promiseMicrophone } from './ready_sheet.js';
import { VoiceCommands } from './voice_commands.js';

/** @typedef {'start' | 'pause' | 'play' | 'back' | 'on' | 'slower' | 'faster' | 'mute' | 'again'} Wish */

const LOST = 'I cannot hear you. Arms and keys work all the same.';

export class SpokenWishes {
  #commands;

  /**
   * @param {Record<Wish, () => unknown>} acts
   * @param {(text: string) => void} tell says why nothing is heard any more
   */
  constructor(acts, tell) {
    this.#commands = new VoiceCommands((wish) => acts[wish]());
    this.#commands.onLost = () => tell(LOST);
  }

  /**
   * Offers it where the browser understands speech by itself.
   * @param {string} language BCP 47
   * @param {boolean} wanted whether it is wished for
   */
  async offer(language, wanted) {
    const understands = await VoiceCommands.available(language);
    byId('offer-listens', HTMLElement).hidden = !understands;
    promiseMicrophone(wanted);
  }

  /**
   * Begins or ends to listen; only then is the microphone asked for.
   * @param {boolean} wanted
   * @param {string} language BCP 47
   */
  listen(wanted, language) {
    if (wanted) void this.#commands.start(language);
    else this.#commands.stop();
  }

  /** @param {boolean} speaking whether the coach speaks: it must not take its own words for wishes */
  hush(speaking) {
    this.#commands.deaf = speaking;
  }
}
