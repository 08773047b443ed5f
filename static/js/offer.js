// One peer connection from offer to answer: the server knows no trickle, so the offer is complete.

import { fetchJson } from './routines.js';
import { keepResolution, usualEncodings } from './sent_picture.js';

const GATHERING_LIMIT_MS = 2000;

/**
 * @typedef {object} Peer
 * @property {RTCPeerConnection} pc
 * @property {RTCDataChannel} pose unordered, never sent again
 * @property {RTCDataChannel} control ordered and reliable
 */

/**
 * A peer that sends the track, with both channels made by this page.
 * @param {MediaStreamTrack} track
 * @param {RTCIceServer[]} iceServers
 * @returns {Peer}
 */
export function makePeer(track, iceServers) {
  const pc = new RTCPeerConnection({ iceServers });
  const pose = pc.createDataChannel('pose', { ordered: false, maxRetransmits: 0 });
  const control = pc.createDataChannel('control', { ordered: true });
  // A still picture does the coach no good: keep what moves fresh, and its size constant.
  track.contentHint = 'motion';
  pc.addTransceiver(track, {
    direction: 'sendonly',
    sendEncodings: usualEncodings(),
  });
  return { pc, pose, control };
}

/**
 * @typedef {object} Answer
 * @property {string} session
 * @property {string} resume what brings this session back after a lost connection
 */

/**
 * Offers, posts, and applies the answer.
 * @param {RTCPeerConnection} pc
 * @param {{routine: string, resume: string | null, attempt: number}} wish `attempt`: numbers this
 *   page's offers, by which the server knows one that was long under way
 * @param {number} limitMs for the server to answer
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function negotiate(pc, { routine, resume, attempt }, limitMs, signal) {
  await pc.setLocalDescription(await pc.createOffer());
  await gathered(pc);
  const { sdp, type } = /** @type {RTCSessionDescription} */ (pc.localDescription);
  const known = resume ? { resume, attempt } : {};
  const body = JSON.stringify({ sdp, type, routine, ...known });
  const answer = /** @type {RTCSessionDescriptionInit & Answer} */ (
    await fetchJson('/api/offer', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    })
  );
  await pc.setRemoteDescription({ sdp: answer.sdp, type: answer.type });
  await keepResolution(pc);
  return { session: answer.session, resume: answer.resume };
}

/**
 * @param {RTCPeerConnection} pc
 * @returns {Promise<void>}
 */
function gathered(pc) {
  return new Promise((resolve) => {
    if (pc.iceGatheringState === 'complete') return resolve();
    const limit = setTimeout(resolve, GATHERING_LIMIT_MS);
    pc.addEventListener('icegatheringstatechange', () => {
      if (pc.iceGatheringState !== 'complete') return;
      clearTimeout(limit);
      resolve();
    });
  });
}
