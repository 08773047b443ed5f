// One line of a list of what is under way: its name, what happens, how far it is, what can be done.

import { make, setText } from './dom.js';

/**
 * A thing that can be done: a link where it has an address, else a button.
 * @typedef {{label: string, href?: string, press?: () => void, quiet?: boolean}} Action
 */
/**
 * @typedef {object} Progress
 * @property {string} title
 * @property {string} text
 * @property {number | null | undefined} share 0..1; null while nobody knows; undefined for no bar
 * @property {'going' | 'good' | 'bad' | 'quiet'} tone
 * @property {Action[]} actions
 */

export class ProgressRow {
  #title = make('p', 'row-title');
  #text = make('p', 'row-text');
  #bar = make('progress', 'row-bar');
  #actions = make('div', 'row-actions');
  #offered = '';
  element = make('li', 'row', this.#title, this.#text, this.#bar, this.#actions);

  /** @param {Progress} progress */
  show({ title, text, share, tone, actions }) {
    this.element.dataset.tone = tone;
    setText(this.#title, title);
    setText(this.#text, text);
    this.#bar.hidden = share === undefined;
    this.#bar.setAttribute('aria-label', `${title}, progress`);
    if (share === null || share === undefined) this.#bar.removeAttribute('value');
    else this.#bar.value = share;
    // Buttons that stay keep the keyboard's focus.
    const offered = actions.map(({ label, href }) => `${label} ${href}`).join('\n');
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#actions.replaceChildren(...actions.map((action) => control(action, title)));
  }
}

/**
 * @param {Action} action
 * @param {string} title
 */
function control({ label, href, press, quiet = true }, title) {
  const classes = quiet ? 'button small plain' : 'button small';
  if (href) {
    const link = make('a', classes, label);
    link.href = href;
    return link;
  }
  const button = make('button', classes, label);
  button.type = 'button';
  button.setAttribute('aria-label', `${label}: ${title}`);
  if (press) button.addEventListener('click', press);
  return button;
}
