// The first sheet: what is practised, and what it needs.

import { suggestMirror } from './choices.js';
import { moment } from './clock.js';
import { byId, setText } from './dom.js';

const DEMO = 'A rendered student practises this routine in your place. Your camera stays off.';
/** What means nothing there: the student follows the film, on its own sides, whoever watches. */
const NOT_IN_DEMO = [
  ...['offer-mirror', 'offer-tempo', 'offer-gestures'],
  ...['ready-promises', 'ready-demo', 'failure-demo'],
];

/** Explains the demo in the place of the practice, and offers what can be chosen there. */
export function offerDemo() {
  setText(byId('ready-lead', HTMLElement), DEMO);
  setText(byId('allow', HTMLElement), 'Begin the demo');
  for (const id of NOT_IN_DEMO) byId(id, HTMLElement).hidden = true;
}

/**
 * @param {import('./routines.js').RoutineSummary} routine
 * @param {boolean} mirrorChosen whether the student has a side of their own
 */
export function introduce({ title, poster, mirror = 'same' }, mirrorChosen) {
  document.title = `${title} · Practice coach`;
  setText(byId('ready-title', HTMLElement), title);
  byId('ready-poster', HTMLImageElement).src = poster;
  if (!mirrorChosen) suggestMirror(mirror);
}

/**
 * @param {HTMLVideoElement} film is put where it was
 * @param {import('./unfinished.js').Unfinished} unfinished
 */
export function offerToGoOn(film, { t, rate }) {
  film.currentTime = t;
  film.playbackRate = rate;
  byId('goes-on', HTMLElement).hidden = false;
  setText(byId('goes-on-at', HTMLElement), `It goes on where you were, at ${moment(t, 0)}.`);
}

/** @param {boolean} listens whether spoken wishes are listened for */
export function promiseMicrophone(listens) {
  // What cannot be had is not listened for, whatever was once wished.
  const promise = listens && !byId('offer-listens', HTMLElement).hidden
    ? 'The microphone is listened to on this machine only'
    : 'The microphone stays off';
  setText(byId('promise-microphone', HTMLElement), promise);
}

/** @param {boolean} isFilm whether the demo's film is opened, for which nobody is asked */
export function tellAsking(isFilm) {
  const asking = 'Your browser asks for the camera: choose Allow.';
  setText(byId('asking', HTMLElement), isFilm ? 'Opening the demo' : asking);
}
