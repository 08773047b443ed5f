// What the practice came to.

import { make } from './dom.js';
import { fetchJson } from './routines.js';

/** @typedef {Map<number, {text: string, fixed: boolean}>} CueHistory */

/**
 * One sentence over all cues.
 * @param {CueHistory} history
 */
export function verdict(history) {
  const raised = history.size;
  if (raised === 0) return 'Nothing to correct, from beginning to end.';
  const fixed = [...history.values()].filter((cue) => cue.fixed).length;
  const cues = raised === 1 ? 'One correction' : `${raised} corrections`;
  if (fixed === raised) return `${cues}, ${raised === 1 ? 'and you mended it' : 'all mended'}.`;
  return `${cues}, ${fixed === 0 ? 'none' : fixed} mended.`;
}

/**
 * The list of corrections, each once, with how often and whether mended.
 * @param {CueHistory} history
 * @returns {HTMLLIElement[]}
 */
export function cueItems(history) {
  /** @type {Map<string, {times: number, fixed: number}>} */
  const byText = new Map();
  for (const { text, fixed } of history.values()) {
    const entry = byText.get(text) ?? { times: 0, fixed: 0 };
    entry.times += 1;
    entry.fixed += fixed ? 1 : 0;
    byText.set(text, entry);
  }
  return [...byText].map(([text, { times, fixed }]) => {
    const item = make('li', fixed === times ? 'mended' : 'open', make('span', 'cue-text', text));
    if (times > 1) item.append(make('span', 'times', `${times} times`));
    item.append(make('span', 'outcome', fixed === times ? 'mended' : 'to work on'));
    return item;
  });
}

/**
 * The server's own report of the session.
 * @param {string | null} session
 * @returns {Promise<unknown>} null where there is none: the page's own count stands alone
 */
export async function fetchReport(session) {
  if (!session) return null;
  try {
    return await fetchJson(`/api/sessions/${encodeURIComponent(session)}/report`);
  } catch {
    return null;
  }
}
