// Files on their way to the server, with how much of them has gone.

import { ServerRefusal, outOfReach, refusalOf } from './routines.js';

/** So many at once; the rest wait. A browser has six lines to a server, and needs some itself. */
const AT_ONCE = 2;

/** @type {(() => void)[]} */
const waiting = [];
let under = 0;

/**
 * @typedef {object} Upload
 * @property {string} address
 * @property {FormData} parts
 * @property {(share: number) => void} onShare told 0..1 of the bytes that have gone
 * @property {AbortSignal} signal calls it off
 */

/**
 * Sends files, as soon as fewer than two others are under way.
 * @param {Upload} upload
 * @returns {Promise<unknown>} the answer's JSON; rejects with a ServerRefusal, or an AbortError
 */
export async function send(upload) {
  if (under >= AT_ONCE) await turn(upload.signal);
  upload.signal.throwIfAborted();
  under += 1;
  try {
    return await post(upload);
  } finally {
    under -= 1;
    waiting.shift()?.();
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function turn(signal) {
  return new Promise((resolve) => {
    waiting.push(resolve);
    signal.addEventListener('abort', () => {
      const at = waiting.indexOf(resolve);
      if (at >= 0) waiting.splice(at, 1);
      resolve();
    });
  });
}

/**
 * `fetch` does not tell how far an upload is; this does.
 * @param {Upload} upload
 * @returns {Promise<unknown>}
 */
function post({ address, parts, onShare, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && total > 0) onShare(loaded / total);
    });
    request.addEventListener('load', () => {
      const { status, response } = request;
      if (status < 400 && response !== null) resolve(response);
      else reject(refusalOf(status, response, request.getResponseHeader('Retry-After')));
    });
    // A server that refuses while the film is still coming closes the line.
    request.addEventListener('error', () => void explain().then(reject));
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort());
    request.send(parts);
  });
}

/** @returns {Promise<ServerRefusal>} why a line broke: the server is gone, or it hung up */
async function explain() {
  const alive = await fetch('/healthz', { cache: 'no-store' }).then(
    () => true,
    () => false,
  );
  if (!alive) return outOfReach();
  return new ServerRefusal('The upload broke off before the film was through.', {
    hint: 'Try again. If it breaks off again, the file may be too large, or no film at all.',
    code: 'upload_broken',
  });
}
