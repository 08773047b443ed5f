// What preparation noticed of a film, with the seconds at which it is so.

import { moment } from './clock.js';
import { make } from './dom.js';
import { sentence } from './sentence.js';

/** @typedef {import('./routines.js').RoutineSummary} RoutineSummary */
/** @typedef {import('./routines.js').Span} Span */

const LEAVES = 'The instructor leaves the pose, so nobody is judged then.';

/**
 * @param {RoutineSummary} routine
 * @returns {{code: string, message: string, spans: Span[]}[]} warnings, then anomalies
 */
function noticed({ warnings = [], anomalies = [] }) {
  return anomalies.length
    ? [...warnings, { code: 'anomaly', message: LEAVES, spans: anomalies }]
    : warnings;
}

/** @param {RoutineSummary} routine */
export function countNoticed(routine) {
  return noticed(routine).length;
}

/**
 * @param {RoutineSummary} routine
 * @param {(t: number) => void} seek
 * @returns {HTMLLIElement[]}
 */
export function warningItems(routine, seek) {
  const all = noticed(routine);
  if (all.length === 0) {
    return [make('li', 'warning fine', make('p', '', 'Nothing was noticed: a good film.'))];
  }
  return all.map(({ message, spans }) => {
    const item = make('li', 'warning', make('p', '', sentence(message)));
    const buttons = spans.map((span) => spanButton(span, seek));
    if (buttons.length) item.append(make('div', 'chips', ...buttons));
    return item;
  });
}

/**
 * @param {Span} span
 * @param {(t: number) => void} seek
 */
function spanButton({ start_s, end_s }, seek) {
  const long = end_s - start_s >= 1;
  const text = long ? `${moment(start_s, 0)} – ${moment(end_s, 0)}` : moment(start_s);
  const button = make('button', 'chip', text);
  button.type = 'button';
  button.ariaLabel = `Go to ${text}`;
  button.addEventListener('click', () => seek(start_s));
  return button;
}

/**
 * The same for the timeline, and the repetitions.
 * @param {RoutineSummary} routine
 * @returns {import('./timeline.js').Mark[]}
 */
export function marksOf({ warnings = [], anomalies = [], segments = [] }) {
  return [
    ...warnings.flatMap(({ message, spans }) =>
      spans.map((span) => ({ ...span, kind: /** @type {const} */ ('warning'), text: message })),
    ),
    ...anomalies.map((span) => ({
      ...span,
      kind: /** @type {const} */ ('anomaly'),
      text: 'The instructor leaves the pose',
    })),
    ...segments
      .filter(({ kind }) => kind === 'repetitions')
      .map(({ start_s, end_s, count }) => ({
        start_s,
        end_s,
        kind: /** @type {const} */ ('repetitions'),
        text: count ? `×${count}` : '',
      })),
  ];
}
