// Nobody touches the keyboard during a practice: the screen must stay on all the same.

/** Keeps the screen on while the page is seen, where the browser can. */
export function keepAwake() {
  const ask = () => {
    if (document.visibilityState !== 'visible') return;
    navigator.wakeLock?.request('screen').catch(() => {
      // Refused on low battery: the screen then sleeps as it always does.
    });
  };
  // The lock is lost whenever the page is hidden.
  document.addEventListener('visibilitychange', ask);
  ask();
}
