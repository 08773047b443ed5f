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
    // Space on a focused button or link is that control's own.
    const taken = event.key === ' ' && event.target instanceof HTMLElement &&
      event.target.closest('button, a, summary, select, input') !== null;
    if (!action || taken) return;
    event.preventDefault();
    action();
  });
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
