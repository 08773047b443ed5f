// A review whole, from the score to the files.

import { make } from '../dom.js';
import { listRoutines } from '../routines.js';
import { Cursor } from './cursor.js';
import { filesPart } from './files.js';
import { factsOf, headOf } from './head.js';
import { tallyOf } from './lanes.js';
import { momentsPart } from './moments.js';
import { part } from './parts.js';
import { posesPart } from './poses.js';
import { progressPart } from './progress.js';
import { endOf } from './report.js';
import { listPractices, practiceBefore } from './sessions.js';
import { sidesPart } from './sides.js';
import { silencesPart } from './silences.js';
import { timelinePart } from './timeline.js';
import { Viewer } from './viewer.js';

/** @typedef {import('./report.js').Report} Report */

/**
 * Puts a review into its place.
 * @param {Report} report
 * @param {HTMLElement} place
 */
export async function showReview(report, place) {
  // What is beside the report may be missing; the report is shown without it.
  const [practices, routines] = await Promise.all([
    report.routine ? listPractices(report.routine).catch(() => []) : [],
    listRoutines().catch(() => null),
  ]);
  const hasRoutine = routines?.some(({ id }) => id === report.routine) ?? Boolean(report.routine);
  const before = practiceBefore(practices, report.began_at);
  const files = filesPart(report.session);
  place.replaceChildren(headOf(report, hasRoutine, before));
  if (report.verdict !== 'not_begun') place.append(factsOf(report));
  if (report.verdict === 'judged' || report.next.length) place.append(nextPart(report));
  if (report.verdict === 'judged') {
    judged(report, place, hasRoutine);
    const sides = sidesPart(report);
    place.append(make('div', 'pair', sides, progressPart(practices, report.session)));
  }
  if (report.verdict !== 'not_begun') place.append(...silencesPart(report), files);
}

/**
 * @param {Report} report
 * @param {HTMLElement} place
 * @param {boolean} hasRoutine
 */
function judged(report, place, hasRoutine) {
  const moments = report.moments ?? [];
  const cursor = new Cursor({ start: report.time.began_t, end: endOf(report), moments });
  const { furthest } = tallyOf(report.timeline.excess);
  if (moments.length === 0 && furthest) cursor.moveTo(report.timeline.t[furthest.row]);
  const viewer = new Viewer(report, cursor, hasRoutine);
  const timeline = timelinePart(report, cursor, () => viewer.watch());
  const poses = posesPart(report, cursor, () => {
    timeline.scrollIntoView({ block: 'start' });
    timeline.querySelector('h2')?.focus({ preventScroll: true });
  });
  place.append(momentsPart(cursor, viewer), timeline, poses);
  viewer.open();
}

/** @param {Report} report */
function nextPart({ next }) {
  const steps = next.map(({ text, why }) =>
    make('li', '', make('strong', '', text), make('span', 'soft', why)),
  );
  return part(
    'next',
    'What to practise next',
    steps.length
      ? make('ol', 'steps', ...steps)
      : make('p', '', 'Nothing stood out. Practise it again, or a stricter setting.'),
  );
}
