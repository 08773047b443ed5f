// The page of trust: beside its words, what is so at this moment.

import './token.js';

import { byId, make, setText } from './dom.js';
import { look } from './health.js';
import { forgetAll, keptHere } from './kept_here.js';
import { counted } from './sentence.js';

/** How often the server is asked again, once it is ready and before. */
const READY_MS = 15_000;
const WAITING_MS = 2000;

/**
 * @param {HTMLElement} list
 * @param {Node[][]} pairs
 */
function fill(list, pairs) {
  list.replaceChildren(
    ...pairs.map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', value))),
  );
}

/** @param {string} text */
function plain(text) {
  return document.createTextNode(text);
}

/** What this page has loaded, and of whom: the browser's own count. */
function asked() {
  const addresses = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
  const others = new Set(
    addresses.filter(({ origin }) => origin !== location.origin).map(({ host }) => host),
  );
  const whole = counted(addresses.length + 1, 'file');
  if (others.size === 0) return `${whole}, all of ${location.host}`;
  return `${whole}, of ${location.host} and ${[...others].join(', ')}`;
}

async function showNow() {
  const { tone, text, facts } = await look();
  const state = byId('now-state', HTMLElement);
  state.dataset.tone = tone;
  setText(state, text);
  const all = [...facts, ['This page has loaded', asked()]];
  fill(
    byId('now-facts', HTMLElement),
    all.map(([name, value]) => [plain(name), plain(value)]),
  );
  setTimeout(() => void showNow(), tone === 'good' ? READY_MS : WAITING_MS);
}

function showKept() {
  const kept = keptHere();
  fill(
    byId('kept-here', HTMLElement),
    kept.map(({ meaning, value }) => [plain(meaning), make('code', '', value)]),
  );
  byId('kept-none', HTMLElement).hidden = kept.length > 0;
  byId('forget', HTMLButtonElement).hidden = kept.length === 0;
}

byId('forget', HTMLButtonElement).addEventListener('click', () => {
  forgetAll();
  showKept();
  setText(byId('forgot', HTMLElement), 'Forgotten. The next practice begins as the first did.');
});
// Another page of ours may have changed it.
addEventListener('storage', showKept);
addEventListener('pageshow', showKept);
showKept();
void showNow();
