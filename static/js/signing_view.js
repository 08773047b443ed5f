// What is being signed with the arms, and how much longer it must be held.

import { byId, setText } from './dom.js';

export class SigningView {
  #sign = byId('gesture', HTMLElement);
  #label = byId('gesture-label', HTMLElement);
  #share = byId('gesture-share', HTMLProgressElement);

  /** @param {{label: string, share: number} | null} signing */
  show(signing) {
    this.#sign.hidden = signing === null;
    if (!signing) return;
    setText(this.#label, signing.label);
    this.#share.value = signing.share;
  }
}
