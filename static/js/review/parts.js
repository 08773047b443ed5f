// The parts of a review, each named by its heading.

import { make } from '../dom.js';

/**
 * @param {string} name unique in the page
 * @param {string} heading
 * @param {...(Node | string | null)} content
 */
export function part(name, heading, ...content) {
  const title = make('h2', '', heading);
  title.id = name;
  title.tabIndex = -1;
  const here = content.filter((each) => each !== null);
  const section = make('section', 'part', title, ...here);
  section.setAttribute('aria-labelledby', name);
  return section;
}

/**
 * @param {Node} drawn
 * @param {string} words
 */
export function barred(drawn, words) {
  return make('div', 'barred', drawn, make('span', '', words));
}

/**
 * @param {string} label
 * @param {string} href
 * @param {string} [kind]
 */
export function linkButton(label, href, kind = 'button') {
  const link = make('a', kind, label);
  link.href = href;
  return link;
}

/** @param {string} routine */
export function practicePage(routine) {
  return `/practice?routine=${encodeURIComponent(routine)}`;
}

/** @param {string} session */
export function reviewPage(session) {
  return `/review?session=${encodeURIComponent(session)}`;
}
