// What the practice came to.

import { byId, make, setText } from './dom.js';
import { fetchJson } from './routines.js';

/** @typedef {import('./cues.js').CueRecord} CueRecord */
/** @typedef {import('./messages.js').CueMessage} CueMessage */

/**
 * Shows what a practice came to: at once what the page knows, then what the server knows.
 * @param {import('./cues.js').CueBoard} board
 * @param {string | null} session none where the coach was never reached
 * @param {string} language of the cues
 */
export async function showOutcome({ history, everJudged }, session, language) {
  show(history, everJudged, language);
  const link = byId('whole-report', HTMLAnchorElement);
  link.hidden = session === null;
  if (session !== null) link.href = reviewPage(session);
  const { cues, score } = await reported(session);
  const judged = everJudged || score !== null; // by the page before this, where it was loaded again
  if (cues.length >= history.length) show(cues, judged, language);
  if (score !== null) {
    const line = byId('summary-verdict', HTMLElement);
    setText(line, `${line.textContent} Your score: ${score} of 100.`);
  }
}

/**
 * @param {CueRecord[]} cues
 * @param {boolean} judged
 * @param {string} language
 */
function show(cues, judged, language) {
  const mended = cues.every(({ fixed }) => fixed);
  setText(byId('summary-title', HTMLElement), mended && judged ? 'Well practised' : 'That was it');
  setText(byId('summary-verdict', HTMLElement), verdict(cues, judged));
  byId('summary-cues', HTMLElement).replaceChildren(...cueItems(cues, language));
}

/**
 * One sentence over all cues.
 * @param {CueRecord[]} history
 * @param {boolean} judged whether the coach has judged any pose at all
 */
export function verdict(history, judged) {
  const raised = history.length;
  if (raised === 0) {
    return judged
      ? 'Nothing to correct, from beginning to end.'
      : 'The coach could not judge this practice, so there is nothing to report.';
  }
  const fixed = history.filter((cue) => cue.fixed).length;
  const cues = raised === 1 ? 'One correction' : `${raised} corrections`;
  if (fixed === raised) return `${cues}, ${raised === 1 ? 'and you mended it' : 'all mended'}.`;
  return `${cues}, ${fixed === 0 ? 'none' : fixed} mended.`;
}

/**
 * The list of corrections, each once, with how often and whether mended.
 * @param {CueRecord[]} history
 * @param {string} [language] of the cues
 * @returns {HTMLLIElement[]}
 */
export function cueItems(history, language = 'en') {
  /** @type {Map<string, {times: number, fixed: number}>} */
  const byText = new Map();
  for (const { text, fixed } of history) {
    const entry = byText.get(text) ?? { times: 0, fixed: 0 };
    entry.times += 1;
    entry.fixed += fixed ? 1 : 0;
    byText.set(text, entry);
  }
  return [...byText].map(([text, { times, fixed }]) => {
    const told = make('span', 'cue-text', text);
    told.lang = language;
    const item = make('li', fixed === times ? 'mended' : 'open', told);
    if (times > 1) item.append(make('span', 'times', `${times} times`));
    item.append(make('span', 'outcome', fixed === times ? 'mended' : 'to work on'));
    return item;
  });
}

/**
 * The server's own report: it knows cues that were raised while the line was down.
 * @param {string | null} session
 * @returns {Promise<{cues: CueRecord[], score: number | null}>} none where there is no report: the
 *   page's own list then stands
 */
async function reported(session) {
  if (!session) return { cues: [], score: null };
  try {
    const answer = await fetchJson(`/api/sessions/${encodeURIComponent(session)}/report`);
    const { cues = [], score = null } =
      /** @type {{cues?: CueMessage[], score?: number | null}} */ (answer);
    return { cues: recordsOf(cues), score };
  } catch {
    return { cues: [], score: null };
  }
}

/**
 * The address of the page on which a practice is looked at.
 * @param {string} session
 */
export function reviewPage(session) {
  return `/review?session=${encodeURIComponent(session)}`;
}

/**
 * @param {CueMessage[]} events in order
 * @returns {CueRecord[]}
 */
export function recordsOf(events) {
  const fixed = new Set(events.filter(({ state }) => state === 'fixed').map(({ id }) => id));
  return events
    .filter(({ state }) => state === 'raised')
    .map(({ id, text }) => ({ id, text, fixed: fixed.has(id) }));
}
