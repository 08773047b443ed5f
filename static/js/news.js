// What has come to pass: said on the page, in the window's title, and by the system where that has
// been allowed before.

import { byId } from './dom.js';

const title = document.title;

const SEEN_FOR_MS = 7000;

let fading = 0;

/** Says a sentence, to eyes and to screen readers. @param {string} text */
export function announce(text) {
  const line = byId('news', HTMLElement);
  // The same words twice are two pieces of news.
  line.textContent = '';
  requestAnimationFrame(() => (line.textContent = text));
  clearTimeout(fading);
  fading = setTimeout(() => (line.textContent = ''), SEEN_FOR_MS);
}

/**
 * Tells that something long is over, wherever the user is by now.
 * @param {string} text
 */
export function tellEnd(text) {
  announce(text);
  if (document.hasFocus()) return;
  document.title = `● ${text}`;
  addEventListener('focus', () => (document.title = title), { once: true });
  // Never asked for here: a page that asks for everything is refused everything.
  if ('Notification' in window && Notification.permission === 'granted') {
    try {
      new Notification(text, { icon: '/static/icon.svg', tag: text });
    } catch {
      // Browsers of phones have it through service workers alone.
    }
  }
}
