// What the server refused, in the place of what was asked for, with the ways on.

import { byId, make } from './dom.js';
import { sentence } from './sentence.js';

/**
 * @param {import('./routines.js').ServerRefusal} refusal
 * @param {object} ways
 * @param {'h1' | 'h2'} ways.heading
 * @param {() => void} ways.again
 * @param {{label: string, href: string}} [ways.back]
 */
export function showRefusal({ message, hint }, { heading, again, back }) {
  const retry = make('button', 'button', 'Try again');
  retry.type = 'button';
  retry.addEventListener('click', again);
  const ways = make('div', 'refusal-ways', retry);
  if (back) {
    const link = make('a', 'button plain', back.label);
    link.href = back.href;
    ways.append(link);
  }
  const place = byId('refusal', HTMLElement);
  place.replaceChildren(
    make(heading, '', sentence(message)),
    make('p', 'soft', sentence(hint)),
    ways,
  );
  place.hidden = false;
}

export function hideRefusal() {
  byId('refusal', HTMLElement).hidden = true;
}
