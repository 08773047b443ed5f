// What went wrong, with the way on, in the place of the practice.

import { CameraError, EXPLANATIONS } from './camera.js';
import { byId, setText } from './dom.js';
import { ServerRefusal } from './routines.js';
import { forgetUnfinished } from './unfinished.js';

const GONE = 404;
/** What helps where nobody has said what does: most often a codec is missing. */
const OTHERWISE = 'Try another browser, such as Chromium or Firefox with its usual codecs.';

/** @param {Error} error a CameraError, a ServerRefusal, or a film that cannot be played */
export function showFailure(error) {
  const told = error instanceof CameraError ? EXPLANATIONS[error.fault] : null;
  const hint = error instanceof ServerRefusal ? error.hint : OTHERWISE;
  setText(byId('failure-title', HTMLElement), told?.title ?? error.message);
  setText(byId('failure-text', HTMLElement), told?.text ?? hint);
  // A film that breaks where the practice was would break there again.
  if (!told && !(error instanceof ServerRefusal)) forgetUnfinished();
  // What is not there comes by no trying: the way on is another routine.
  const isGone = error instanceof ServerRefusal && error.status === GONE;
  byId('retry', HTMLButtonElement).hidden = isGone;
  if (isGone) byId('failure-library', HTMLAnchorElement).focus();
  byId('failure', HTMLElement).dataset.fault = error instanceof CameraError ? error.fault : '';
}
