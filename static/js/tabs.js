// Tabs by mouse and by keyboard: the arrows go from one to the next.

import { byId } from './dom.js';

/**
 * @param {HTMLElement} list
 * @returns {(id: string) => void} shows the tab of that id
 */
export function tabs(list) {
  const all = /** @type {HTMLButtonElement[]} */ ([...list.querySelectorAll('[role="tab"]')]);
  /** @param {HTMLButtonElement} chosen */
  const show = (chosen) => {
    for (const tab of all) {
      tab.setAttribute('aria-selected', String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      byId(tab.getAttribute('aria-controls') ?? '', HTMLElement).hidden = tab !== chosen;
    }
  };
  all.forEach((tab, index) => {
    tab.addEventListener('click', () => show(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      const next = step && all[(index + step + all.length) % all.length];
      if (!next) return;
      show(next);
      next.focus();
    });
  });
  return (id) => show(byId(id, HTMLButtonElement));
}
