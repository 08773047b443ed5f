// Five seconds to walk back to where the whole body is seen.

import { sleep } from './clock.js';

/**
 * Counts down, one number a second.
 * @param {number} from
 * @param {(left: number) => void} show
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} false where it was called off
 */
export async function countDown(from, show, signal) {
  const end = performance.now() + from * 1000;
  const calledOff = new Promise((resolve) => signal.addEventListener('abort', resolve));
  for (let left = from; left > 0; left -= 1) {
    if (signal.aborted) return false;
    show(left);
    // Counted from the start, so that late timers do not add up.
    await Promise.race([sleep(end - (left - 1) * 1000 - performance.now()), calledOff]);
  }
  return !signal.aborted;
}
