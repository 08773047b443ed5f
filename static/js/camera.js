// One's own camera, and the five ways it fails.

/** @typedef {'denied' | 'absent' | 'busy' | 'insecure' | 'unanswered'} CameraFault */

/** How long the browser's question may stay open before the page says where it is. */
export const ANSWER_LIMIT_MS = 20_000;

const WISH = {
  audio: false,
  video: {
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 30 },
    facingMode: 'user',
  },
};

export class CameraError extends Error {
  /** @param {CameraFault} fault */
  constructor(fault) {
    super(EXPLANATIONS[fault].title);
    this.fault = fault;
    this.explanation = EXPLANATIONS[fault];
  }
}

/**
 * What went wrong in a title, and the way on in steps.
 * @type {Record<CameraFault, {title: string, text: string}>}
 */
export const EXPLANATIONS = {
  denied: {
    title: 'The camera is not allowed',
    text:
      'Choose the camera sign beside the address at the top of the window, allow the camera for ' +
      'this page, then try again.',
  },
  absent: {
    title: 'No camera was found',
    text: 'Plug one in, or open its cover or switch, then try again.',
  },
  busy: {
    title: 'Another program is using the camera',
    text: 'Close video calls and other pages that show your camera, then try again.',
  },
  insecure: {
    title: 'This address cannot use a camera',
    text:
      'Browsers give the camera only to secure pages. On the machine that runs the coach, open ' +
      'http://localhost instead; from another one, the address must begin with https.',
  },
  unanswered: {
    title: 'The browser is still asking',
    text:
      'Look for its question about the camera near the top of the window and choose Allow. If ' +
      'there is none, try again.',
  },
};

/**
 * Asks for the camera.
 * @param {string | null} [deviceId] which one, where it is still there
 * @param {number} [limitMs]
 * @returns {Promise<MediaStream>}
 * @throws {CameraError}
 */
export async function openCamera(deviceId = null, limitMs = ANSWER_LIMIT_MS) {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('insecure');
  try {
    return await ask(deviceId ? { ...WISH, video: wishFor(deviceId) } : WISH, limitMs);
  } catch (error) {
    // The one chosen last may be in use elsewhere: any other is better than none.
    const busy = deviceId !== null && /** @type {CameraError} */ (error).fault === 'busy';
    if (!busy) throw error;
    return ask(WISH, limitMs);
  }
}

/**
 * @param {string} deviceId
 * @returns {MediaTrackConstraints}
 */
function wishFor(deviceId) {
  // Chosen by name, a camera at a phone's back is meant as well.
  const { facingMode: _, ...wish } = WISH.video;
  return { ...wish, deviceId: { ideal: deviceId } };
}

/**
 * @param {MediaStreamConstraints} wish
 * @param {number} limitMs
 * @returns {Promise<MediaStream>}
 * @throws {CameraError}
 */
async function ask(wish, limitMs) {
  const asked = navigator.mediaDevices.getUserMedia(wish);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let limit;
  const unanswered = new Promise((_, reject) => {
    limit = setTimeout(() => reject(new CameraError('unanswered')), limitMs);
  });
  try {
    return /** @type {MediaStream} */ (await Promise.race([asked, unanswered]));
  } catch (error) {
    // An answer that comes after all must not leave the camera's light on.
    asked.then(stopStream, () => {});
    throw error instanceof CameraError ? error : new CameraError(faultOf(error));
  } finally {
    clearTimeout(limit);
  }
}

/**
 * The fault behind a rejection of getUserMedia.
 * @param {unknown} error
 * @returns {CameraFault}
 */
export function faultOf(error) {
  switch (/** @type {{name?: string}} */ (error)?.name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
    case 'DevicesNotFoundError':
      return 'absent';
    case 'NotReadableError':
    case 'AbortError':
    case 'TrackStartError':
      return 'busy';
    case 'TypeError':
      return 'insecure';
    default:
      return 'denied';
  }
}

/** @param {MediaStream} stream */
export function stopStream(stream) {
  for (const track of stream.getTracks()) track.stop();
}
