// The media keys of keyboards and remotes, where the browser hands them on.

/**
 * @param {{
 *   toggle: () => void,
 *   runs: () => boolean,
 *   step: (way: 1 | -1) => void,
 *   jump: (way: 1 | -1) => void,
 * }} controls
 * @param {{title: string, artwork: string}} what is shown beside the system's own keys
 */
export function listenToMediaKeys({ toggle, runs, step, jump }, { title, artwork }) {
  if (!('mediaSession' in navigator)) return;
  const session = navigator.mediaSession;
  if ('MediaMetadata' in globalThis) {
    session.metadata = new MediaMetadata({ title, artwork: [{ src: artwork }] });
  }
  /** @type {[MediaSessionAction, () => unknown][]} */
  const acts = [
    // A headset says what it wants, though the film may do it already.
    ['play', () => !runs() && toggle()],
    ['pause', () => runs() && toggle()],
    ['seekbackward', () => step(-1)],
    ['seekforward', () => step(1)],
    ['previoustrack', () => jump(-1)],
    ['nexttrack', () => jump(1)],
  ];
  for (const [action, act] of acts) {
    try {
      session.setActionHandler(action, () => void act());
    } catch {
      // An action that this browser does not know.
    }
  }
}
