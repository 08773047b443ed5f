// Nobody touches the keyboard during a practice: the screen must stay on all the same.

/**
 * Keeps the screen on while the page is seen, where the browser can.
 * @returns {() => void} lets it sleep again
 */
export function keepAwake() {
  let over = false;
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  const ask = async () => {
    if (over || document.visibilityState !== 'visible') return;
    try {
      lock = (await navigator.wakeLock?.request('screen')) ?? null;
      if (over) void lock?.release();
    } catch {
      // Refused on low battery: the screen then sleeps as it always does.
    }
  };
  // The lock is lost whenever the page is hidden.
  document.addEventListener('visibilitychange', ask);
  void ask();
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  };
}
