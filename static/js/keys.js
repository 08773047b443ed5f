// The practice by keyboard: from where one stands, a wireless one will do.

/**
 * @typedef {object} Controls
 * @property {() => void} toggle
 * @property {import('./film_controls.js').FilmControls} film
 * @property {() => void} view the next one
 * @property {() => void} mute
 * @property {() => void} leave
 */

/**
 * @param {Controls} controls
 * @param {() => boolean} active whether the film is seen
 */
export function listenToKeys(controls, active) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    // On a sheet to read all other keys are the browser's, to turn its pages.
    if (!active() && event.key !== 'Escape') return;
    // A key held down, as remotes do, is pressed once; only steps add up.
    if (event.repeat && !event.key.startsWith('Arrow')) return;
    const action = actionOf(event.key, controls);
    if (!action || isControlsOwn(event)) return;
    event.preventDefault();
    action();
  });
}

/**
 * Whether the key belongs to the control it was pressed on: to a choice all
 * of them, to a box the arrows and Space, to a button or a link Space.
 * @param {KeyboardEvent} event
 */
function isControlsOwn({ key, target }) {
  if (!(target instanceof HTMLElement)) return false;
  const moves = key.startsWith('Arrow');
  const pressed = key === ' ' ? ', button, a, summary, input' : '';
  const owners = `select${moves ? ', input' : ''}${pressed}`;
  return target.closest(owners) !== null;
}

/**
 * @param {string} key
 * @param {Controls} controls
 * @returns {(() => void) | null}
 */
function actionOf(key, controls) {
  switch (key) {
    case ' ':
    case 'MediaPlayPause':
      return controls.toggle;
    case 'ArrowLeft':
      return () => controls.film.step(-1);
    case 'ArrowRight':
      return () => controls.film.step(1);
    case 'PageUp':
    case 'MediaTrackPrevious':
      return () => controls.film.jump(-1);
    case 'PageDown':
    case 'MediaTrackNext':
      return () => controls.film.jump(1);
    case ',':
    case '<':
      return () => controls.film.speed(-1);
    case '.':
    case '>':
      return () => controls.film.speed(1);
    case 'v':
    case 'V':
      return controls.view;
    case 'l':
    case 'L':
      return () => controls.film.loop();
    case 'm':
    case 'M':
      return controls.mute;
    case 'Escape':
      return controls.leave;
    default:
      return null;
  }
}
