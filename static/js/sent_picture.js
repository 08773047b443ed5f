// What the page sends of its camera: as much as a coach needs, less where the coach asks for less.

/** Enough for a picture the coach can read; above it only latency grows. */
const MAX_BITRATE = 2_500_000;
const MAX_FRAMERATE = 30;
/** Beyond this a body three metres away is a stain. */
const MOST_SCALED = 4;

/** @typedef {import('./messages.js').CameraMessage} CameraMessage */

/**
 * What a camera sends until the coach asks for less.
 * @returns {RTCRtpEncodingParameters[]}
 */
export function usualEncodings() {
  return [{ maxBitrate: MAX_BITRATE, maxFramerate: MAX_FRAMERATE }];
}

/**
 * Rather fewer frames than smaller ones: a body three metres away has few pixels to lose.
 * @param {RTCPeerConnection} pc
 */
export async function keepResolution(pc) {
  await change(pc, (parameters) => {
    parameters.degradationPreference = 'maintain-resolution';
  });
}

/**
 * Sends what a busy coach asks for: fewer frames, smaller ones, or all again.
 * @param {RTCPeerConnection} pc
 * @param {CameraMessage} asked
 */
export async function sendAsAsked(pc, asked) {
  await change(pc, (parameters) => {
    for (const encoding of parameters.encodings ?? []) {
      encoding.maxFramerate = within(1, asked.max_fps || MAX_FRAMERATE, MAX_FRAMERATE);
      encoding.scaleResolutionDownBy = within(1, asked.scale_down || 1, MOST_SCALED);
    }
  });
}

/**
 * @param {RTCPeerConnection} pc
 * @param {(parameters: RTCRtpSendParameters & {degradationPreference?: string}) => void} to
 */
async function change(pc, to) {
  const [sender] = pc.getSenders();
  const parameters = /** @type {RTCRtpSendParameters & {degradationPreference?: string}} */ (
    sender.getParameters()
  );
  to(parameters);
  await sender.setParameters(parameters).catch(() => {
    // A browser that cannot goes on as it did; the bitrate floor in the answer helps its size.
  });
}

/**
 * @param {number} least
 * @param {number} value
 * @param {number} most
 */
function within(least, value, most) {
  return Math.min(most, Math.max(least, value));
}
