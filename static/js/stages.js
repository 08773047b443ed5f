// Which part of the practice page is seen, from explanation to summary.

import { byId } from './dom.js';

/**
 * `asking`: the browser has been asked for the camera and has not answered yet.
 * @typedef {'loading' | 'ready' | 'asking' | 'framing' | 'countdown' | 'practice' | 'summary'
 *   | 'failure'} Stage
 */

/** @type {Record<string, Stage[]>} */
const SEEN_IN = {
  ready: ['ready', 'asking'],
  failure: ['failure'],
  summary: ['summary'],
  floor: ['framing', 'countdown', 'practice'],
  band: ['framing', 'countdown', 'practice'],
  controls: ['framing', 'countdown', 'practice'],
};

/** @type {Partial<Record<Stage, string>>} what the keyboard is on when a stage begins */
const FOCUS = {
  ready: 'allow',
  asking: 'asking',
  failure: 'retry',
  framing: 'start',
  summary: 'summary-title',
};

export class Stages {
  /** @type {Stage} */
  now = 'loading';

  /**
   * Whether it is that one now, whatever it was a moment ago.
   * @param {Stage} stage
   */
  is(stage) {
    return this.now === stage;
  }

  /** Whether what fails now is told in the place of the practice. */
  get mayFail() {
    return this.showsFilm || SEEN_IN.ready.includes(this.now);
  }

  /** Whether the two people are seen. */
  get showsFilm() {
    return SEEN_IN.floor.includes(this.now);
  }

  /** @param {Stage} stage */
  show(stage) {
    this.now = stage;
    document.body.dataset.stage = stage;
    for (const [id, stages] of Object.entries(SEEN_IN)) {
      byId(id, HTMLElement).hidden = !stages.includes(stage);
    }
    const focus = FOCUS[stage];
    if (focus) byId(focus, HTMLElement).focus({ preventScroll: true });
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }
}
