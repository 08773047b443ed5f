// The TURN servers that the coach server names: they carry the picture where no direct way is open.

import { fetchJson } from './routines.js';

/** @type {RTCIceServer[]} */
let known = [];
let staleAt = -Infinity;

/**
 * None where the server names none, or does not answer: what is asked next says why.
 * @param {AbortSignal} signal
 * @returns {Promise<RTCIceServer[]>}
 */
export async function iceServers(signal) {
  if (performance.now() < staleAt) return known;
  try {
    const answer = /** @type {{iceServers: RTCIceServer[], ttl_s: number}} */ (
      await fetchJson('/api/ice', { signal })
    );
    known = answer.iceServers;
    staleAt = performance.now() + 500 * answer.ttl_s; // half of the time that they are good for
    return known;
  } catch {
    return [];
  }
}
