// How the server is: which engines it runs, and on what.

import { ServerRefusal, fetchJson } from './routines.js';
import { sentence } from './sentence.js';

/**
 * What the server says of itself once it is ready.
 * @typedef {object} Health
 * @property {string} status
 * @property {string} [device] cpu, or cuda
 * @property {string} [keypoints] the engine that finds the body
 * @property {string} [lifter] the engine that sees it in space
 * @property {string} [provider] what runs the first
 * @property {string} [lifter_provider] what runs the second
 */
/**
 * @typedef {object} Standing
 * @property {'good' | 'going' | 'bad'} tone
 * @property {string} text
 * @property {[name: string, value: string][]} facts
 */

/** @type {Record<string, string>} */
const DEVICES = {
  cpu: 'this machine’s processor (CPU)',
  cuda: 'this machine’s graphics card (GPU)',
};

/** @returns {Promise<Standing>} never refused: that nobody answers is an answer */
export async function look() {
  try {
    const health = /** @type {Health} */ (await fetchJson('/healthz', { cache: 'no-store' }));
    return { tone: 'good', text: 'The coach is ready.', facts: factsOf(health) };
  } catch (error) {
    const { code, message, hint } = /** @type {ServerRefusal} */ (error);
    const text = [message, hint].map(sentence).join(' ').trim();
    return { tone: code === 'starting' ? 'going' : 'bad', text, facts: [] };
  }
}

/**
 * @param {Health} health
 * @returns {[name: string, value: string][]}
 */
function factsOf({ device, keypoints, lifter, provider, lifter_provider }) {
  /** @type {[string, string | undefined][]} */
  const all = [
    ['Computes on', device && (DEVICES[device] ?? device)],
    ['Finds your body', withRunner(keypoints, provider)],
    ['Sees it in space', withRunner(lifter, lifter_provider)],
  ];
  return /** @type {[string, string][]} */ (all.filter(([, value]) => value));
}

/**
 * @param {string | undefined} engine
 * @param {string | undefined} runner
 */
function withRunner(engine, runner) {
  return engine && runner && runner !== 'none' ? `${engine}, run by ${runner}` : engine;
}
