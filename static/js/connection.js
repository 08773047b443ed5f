// The line to the coach: made whole, watched, and made again with the session kept.

import { sleep } from './clock.js';
import { iceServers } from './ice_servers.js';
import { MessageReader, byeMessage } from './messages.js';
import { makePeer, negotiate } from './offer.js';
import { ServerRefusal } from './routines.js';
import { sendAsAsked } from './sent_picture.js';

/** @typedef {import('./messages.js').ServerMessage} ServerMessage */
/** @typedef {import('./messages.js').PoseMessage} PoseMessage */
/** @typedef {import('./offer.js').Peer} Peer */
/**
 * - `connecting`: the first attempt is under way
 * - `live`: the coach sees
 * - `lost`: it was live; a new line is being made
 * - `full`: the server has no place, or the routine is not ready; asked again in a while
 * - `refused`: the server will not have this offer; asking again would not help
 * @typedef {{state: 'connecting' | 'live' | 'lost' | 'full' | 'refused', message: string,
 *   hint: string, retryInS: number}} Link
 */

/** Poses come with every frame, a state every 2 s: a server that says nothing is gone. */
const SILENT_LIMIT_MS = 4000;
const WATCH_MS = 500;
const STOOD_STILL_MS = 1000;
const RETRY_S = [0.25, 1, 1, 2];
/**
 * A network that was cut answers nothing: what was asked meanwhile may wait for long after it is
 * back, so another attempt is made soon.
 */
const AGAIN_LIMIT_MS = 2500;
const FIRST_LIMIT_MS = 10_000;
const PATIENT_AFTER = 8;
const FULL_S = 5;

export class Connection {
  /** @type {Peer | null} */
  #peer = null;
  /** @type {AbortController} */
  #stop = new AbortController();
  /** @type {string | null} */
  #resume;
  /** Grows from page to page: of a session's offers the server takes none that is older. */
  #attempt = 0;
  #failures = 0;
  #heardAt = 0;
  #wasLive = false;
  reader = new MessageReader();
  /** @type {string | null} the session's id, for its report */
  session = null;

  /**
   * @param {{
   *   track: MediaStreamTrack,
   *   routine: string,
   *   onPose: (pose: PoseMessage) => void,
   *   onControl: (message: ServerMessage) => void,
   *   onLink: (link: Link) => void,
   *   onOpen: () => void,
   * }} wiring `onOpen`: a new control channel is open and knows nothing of this page yet
   * @param {string | null} [resume] a session to take up
   */
  constructor(wiring, resume = null) {
    this.wiring = wiring;
    this.#resume = resume;
  }

  /** @returns {string | null} what brings this session back, in this page or in the next */
  get resume() {
    return this.#resume;
  }

  /** Keeps a line up until `close`; never throws. */
  async keep() {
    this.#failures = 0;
    this.#tell('connecting');
    while (!this.#stop.signal.aborted) {
      let wait = RETRY_S[Math.min(this.#failures, RETRY_S.length - 1)];
      this.#failures += 1;
      try {
        await this.#once();
        this.#tell('lost');
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const refusal = error instanceof ServerRefusal ? error : null;
        if (refusal?.status === 404 && this.#resume !== null) {
          // A session that the server has forgotten is begun anew.
          this.#resume = null;
          continue;
        }
        const state = stateAfter(refusal, this.#wasLive);
        wait = Math.max(wait, refusal?.retryAfterS ?? (state === 'full' ? FULL_S : 0));
        this.#tell(state, refusal, wait);
        if (state === 'refused') return;
      }
      await untilOnline(wait * 1000);
    }
  }

  /** One connection from offer to end. */
  async #once() {
    const limitMs = this.#wasLive ? againLimit(this.#failures) : FIRST_LIMIT_MS;
    const { signal } = this.#stop;
    const ice = await iceServers(AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    // The camera may have been changed meanwhile.
    const peer = makePeer(this.wiring.track, ice);
    this.#peer = peer;
    this.#heardAt = performance.now();
    try {
      const ended = this.#listen(peer);
      this.#attempt = Math.max(this.#attempt + 1, Date.now());
      const wish = { routine: this.wiring.routine, resume: this.#resume, attempt: this.#attempt };
      const answer = await negotiate(peer.pc, wish, limitMs, signal);
      this.session = answer.session;
      this.#resume = answer.resume;
      await opened(peer.control, limitMs);
      this.#heardAt = performance.now();
      this.#wasLive = true;
      this.#failures = 0;
      this.#tell('live');
      this.wiring.onOpen();
      await ended;
    } finally {
      peer.pc.close();
      this.#peer = null;
    }
  }

  /**
   * @param {Peer} peer
   * @returns {Promise<void>} resolves when the line is gone
   */
  #listen({ pc, pose, control }) {
    return new Promise((resolve) => {
      let lookedAt = performance.now();
      const watch = setInterval(() => {
        const now = performance.now();
        // What came while the machine stood still has not been heard yet.
        if (now - lookedAt > WATCH_MS + STOOD_STILL_MS) this.#heardAt = now;
        lookedAt = now;
        const silent = this.#wasLive && now - this.#heardAt > SILENT_LIMIT_MS;
        if (silent && control.readyState === 'open') end();
      }, WATCH_MS);
      const end = () => {
        clearInterval(watch);
        // A page has only so many connections, and what still listens is never freed.
        this.#stop.signal.removeEventListener('abort', end);
        resolve();
      };
      pc.addEventListener('connectionstatechange', () => {
        if (['failed', 'closed'].includes(pc.connectionState)) end();
      });
      control.addEventListener('close', end);
      this.#stop.signal.addEventListener('abort', end);
      pose.addEventListener('message', (event) => {
        const message = this.#read(event);
        if (message?.type === 'pose') this.wiring.onPose(message);
      });
      control.addEventListener('message', (event) => {
        const message = this.#read(event);
        if (!message) return;
        if (message.type === 'camera') void sendAsAsked(pc, message);
        this.wiring.onControl(message);
        if (message.type === 'bye') this.#onBye(message.reason, end);
      });
    });
  }

  /**
   * @param {string} reason
   * @param {() => void} end
   */
  #onBye(reason, end) {
    if (reason === 'replaced') {
      // Two windows taking the same session from each other would never end.
      this.#tell('refused', new ServerRefusal('This practice goes on in another window.'));
      this.#stop.abort();
    }
    end();
  }

  /** @param {MessageEvent<unknown>} event */
  #read(event) {
    this.#heardAt = performance.now();
    return this.reader.read(event.data);
  }

  /**
   * @param {Link['state']} state
   * @param {ServerRefusal | null} [refusal]
   * @param {number} [retryInS]
   */
  #tell(state, refusal = null, retryInS = 0) {
    if (this.#stop.signal.aborted) return;
    this.wiring.onLink({
      state,
      message: refusal?.message ?? '',
      hint: refusal?.hint ?? '',
      retryInS,
    });
  }

  /**
   * Another camera from now on.
   * @param {MediaStreamTrack} track
   */
  async replaceTrack(track) {
    this.wiring.track = track;
    const [sender] = this.#peer?.pc.getSenders() ?? [];
    await sender?.replaceTrack(track);
  }

  /** @param {string} message sent if the control channel is open, else dropped */
  send(message) {
    const control = this.#peer?.control;
    if (control?.readyState === 'open') control.send(message);
  }

  /** Says goodbye, so that the place is free at once. */
  close() {
    this.send(byeMessage());
    this.#stop.abort();
    this.#peer?.pc.close();
  }
}

/**
 * @param {ServerRefusal | null} refusal
 * @param {boolean} wasLive
 * @returns {Link['state']}
 */
export function stateAfter(refusal, wasLive) {
  if (refusal?.status === 503 && refusal.code === 'full') return 'full';
  if (refusal?.code === 'retracking') return 'full';
  if (refusal?.code === 'stale_offer') return wasLive ? 'lost' : 'connecting';
  const final = refusal && refusal.status >= 400 && refusal.status < 500;
  if (final && ![404, 429].includes(refusal.status)) return 'refused';
  if (refusal?.status === 404 && !wasLive) return 'refused';
  return wasLive ? 'lost' : 'connecting';
}

/**
 * How long an attempt to come back may take: little at first, for a network that is back answers at
 * once; more after many in vain, for a server may be slow.
 * @param {number} failures
 */
function againLimit(failures) {
  return failures > PATIENT_AFTER ? FIRST_LIMIT_MS : AGAIN_LIMIT_MS;
}

/**
 * Waits so long, or until the browser says that there is a network again.
 * @param {number} ms
 * @returns {Promise<void>}
 */
async function untilOnline(ms) {
  const waiting = new AbortController();
  /** @type {Promise<void>} */
  const online = new Promise((resolve) => {
    addEventListener('online', () => resolve(), { once: true, signal: waiting.signal });
  });
  await Promise.race([sleep(ms), online]);
  waiting.abort();
}

/**
 * @param {RTCDataChannel} channel
 * @param {number} limitMs
 * @returns {Promise<void>}
 */
function opened(channel, limitMs) {
  return new Promise((resolve, reject) => {
    if (channel.readyState === 'open') return resolve();
    const limit = setTimeout(
      () => reject(new ServerRefusal('The line to the coach did not open.')),
      limitMs,
    );
    channel.addEventListener('open', () => {
      clearTimeout(limit);
      resolve();
    });
    channel.addEventListener('close', () => {
      clearTimeout(limit);
      reject(new ServerRefusal('The line to the coach closed.'));
    });
  });
}
