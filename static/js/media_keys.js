// The media keys of keyboards and remotes, where the browser hands them on.

/**
 * @param {{
 *   toggle: () => void,
 *   step: (way: 1 | -1) => void,
 *   jump: (way: 1 | -1) => void,
 * }} controls
 * @param {{title: string, artwork: string}} what is shown beside the system's own keys
 */
export function listenToMediaKeys({ toggle, step, jump }, { title, artwork }) {
  if (!('mediaSession' in navigator)) return;
  const session = navigator.mediaSession;
  session.metadata = new MediaMetadata({ title, artwork: [{ src: artwork }] });
  /** @type {[MediaSessionAction, () => void][]} */
  const acts = [
    ['play', toggle],
    ['pause', toggle],
    ['seekbackward', () => step(-1)],
    ['seekforward', () => step(1)],
    ['previoustrack', () => jump(-1)],
    ['nexttrack', () => jump(1)],
  ];
  for (const [action, act] of acts) {
    try {
      session.setActionHandler(action, act);
    } catch {
      // An action that this browser does not know.
    }
  }
}
