// The practice by keyboard: from where one stands, a wireless one will do.

/**
 * @typedef {object} Controls
 * @property {() => void} toggle
 * @property {(way: 1 | -1) => void} step
 * @property {() => void} mute
 * @property {() => void} leave
 */

/**
 * @param {Controls} controls
 * @param {() => boolean} active whether keys mean something now
 */
export function listenToKeys(controls, active) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !active()) return;
    const action = actionOf(event.key, controls);
    if (!action || isControlsOwn(event)) return;
    event.preventDefault();
    action();
  });
}

/**
 * Whether the key belongs to the control it was pressed on: to a choice all of them, to a button
 * or a link Space.
 * @param {KeyboardEvent} event
 */
function isControlsOwn({ key, target }) {
  if (!(target instanceof HTMLElement)) return false;
  const owners = key === ' ' ? 'select, button, a, summary' : 'select';
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
      return () => controls.step(-1);
    case 'ArrowRight':
      return () => controls.step(1);
    case 'm':
    case 'M':
      return controls.mute;
    case 'Escape':
      return controls.leave;
    default:
      return null;
  }
}
