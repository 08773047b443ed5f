// What can be done to the instructor's film while practising: back, on, slower, from there, again.

import { chapterAt, chapterBeside, shortTitle } from './chapters.js';
import { byId, setText } from './dom.js';
import { RATES } from './player.js';

/** @typedef {import('./chapters.js').Chapter} Chapter */

const SPEEDS = ['Half speed', 'Three quarters of the speed', 'Normal speed', 'A quarter faster'];

export class FilmControls {
  /**
   * @param {import('./player.js').Player} player
   * @param {import('./place_view.js').PlaceView} place knows the chapters
   * @param {(text: string) => void} tell says what was changed
   * @param {() => boolean} isShown whether the film is seen; nothing is done to it where not
   */
  constructor(player, place, tell, isShown) {
    this.player = player;
    this.place = place;
    this.tell = tell;
    this.isShown = isShown;
  }

  /** @param {1 | -1} way by some seconds */
  step(way) {
    if (this.isShown()) this.player.step(way);
  }

  /** @param {number} rate one of `RATES` */
  setSpeed(rate) {
    if (!this.isShown()) return;
    this.player.setRate(rate);
    this.tell(SPEEDS[RATES.indexOf(rate)]);
  }

  /** @param {1 | -1} way faster or slower */
  speed(way) {
    const rate = RATES[RATES.indexOf(this.player.rate) + way];
    if (rate !== undefined) this.setSpeed(rate);
  }

  /** @param {1 | -1} way to the chapter after this, or back */
  jump(way) {
    const chapter = chapterBeside(this.place.chapters, this.player.film.currentTime, way);
    if (chapter) this.goTo(chapter);
  }

  /** @param {Chapter} chapter */
  goTo(chapter) {
    if (!this.isShown()) return;
    if (this.player.loop) this.player.setLoop(chapter);
    this.player.seek(chapter.start);
    this.tell(shortTitle(chapter.title));
  }

  /** @param {boolean} [wanted] whether the chapter under way is shown over and over */
  loop(wanted = this.player.loop === null) {
    if (!this.isShown()) return;
    const chapter = wanted ? this.chapter : null;
    this.player.setLoop(chapter);
    if (chapter) this.tell(`Repeating ${shortTitle(chapter.title)}`);
    else this.tell(wanted ? 'This routine has no sequences to repeat' : 'On to the end');
  }

  /** @returns {Chapter | null} the one under way, or to come */
  get chapter() {
    return chapterAt(this.place.chapters, this.player.film.currentTime);
  }
}

/**
 * What the one button does that starts and stops.
 * @param {import('./stages.js').Stage} stage
 * @param {boolean} playing
 */
export function showToggle(stage, playing) {
  const stops = stage === 'countdown' ? 'Call it off' : 'Pause';
  setText(byId('toggle-label', HTMLElement), playing || stage === 'countdown' ? stops : 'Play');
}

/**
 * @param {HTMLButtonElement} button
 * @param {() => void} press
 */
export function onPress(button, press) {
  button.addEventListener('click', ({ detail }) => {
    press();
    // Pressed by hand, it would keep Space, which is to pause and go on.
    if (detail > 0) button.blur();
  });
}
