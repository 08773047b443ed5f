// What can be done with a card: a button with three dots, and the list it opens.

import { make } from './dom.js';

/** @typedef {import('./progress_row.js').Action & {grave?: boolean, file?: boolean}} Choice */

/** @type {Set<HTMLDetailsElement>} */
const menus = new Set();

/**
 * @param {string} name whose menu it is
 * @param {() => (Choice | HTMLElement)[]} choices made when it is opened
 */
export function menu(name, choices) {
  const handle = make('summary', 'menu-handle', '⋯');
  handle.setAttribute('aria-label', `More for ${name}`);
  const list = make('ul', 'menu-list');
  const element = make('details', 'menu', handle, list);
  element.addEventListener('toggle', () => {
    if (!element.open) {
      menus.delete(element);
      return;
    }
    for (const other of menus) other.open = false;
    menus.add(element);
    list.replaceChildren(...choices().map((choice) => make('li', '', entry(choice, element))));
  });
  return element;
}

/**
 * @param {Choice | HTMLElement} choice
 * @param {HTMLDetailsElement} within
 */
function entry(choice, within) {
  if (choice instanceof HTMLElement) return choice;
  const { label, href, press, grave, file } = choice;
  const close = () => (within.open = false);
  if (href) {
    const link = make('a', 'menu-entry', label);
    link.href = href;
    if (file) {
      link.download = '';
      link.addEventListener('click', close);
    }
    return link;
  }
  const button = make('button', grave ? 'menu-entry grave' : 'menu-entry', label);
  button.type = 'button';
  button.addEventListener('click', () => {
    close();
    press?.();
  });
  return button;
}

document.addEventListener('pointerdown', ({ target }) => {
  for (const element of menus) {
    if (!(target instanceof Node && element.contains(target))) element.open = false;
  }
});
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  for (const element of menus) {
    element.open = false;
    element.querySelector('summary')?.focus();
  }
});
