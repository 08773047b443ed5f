// The TURN servers that the coach server names: they carry the picture where no direct way is open.

import { fetchJson } from './routines.js';

/** @type {RTCIceServer[]} */
let known = [];
let staleAt = -Infinity;
let endsAt = -Infinity;

/**
 * None where the server names none, or does not answer and those known have run out: what is asked
 * next says why. By the wall clock, for others stand still while a laptop sleeps.
 * @param {AbortSignal} signal
 * @returns {Promise<RTCIceServer[]>}
 */
export async function iceServers(signal) {
  if (Date.now() < staleAt) return known;
  try {
    const answer = /** @type {{iceServers: RTCIceServer[], ttl_s: number}} */ (
      await fetchJson('/api/ice', { signal })
    );
    known = answer.iceServers;
    staleAt = Date.now() + 500 * answer.ttl_s; // half of the time that they are good for
    endsAt = Date.now() + 1000 * answer.ttl_s;
    return known;
  } catch {
    return Date.now() < endsAt ? known : [];
  }
}
