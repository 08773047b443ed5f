// An upload as a line of the list: how far it is, what was refused, how to try again.

import { ServerRefusal } from './routines.js';
import { sentence } from './sentence.js';
import { send } from './uploads.js';

/**
 * @typedef {object} Sending
 * @property {string} address
 * @property {FormData} parts
 * @property {string} title
 * @property {import('./job_list.js').JobList} list
 * @property {import('./jobs.js').JobFeed} feed follows the job that the server begins
 */

let count = 0;
/** @type {Set<string>} */
const under = new Set();

/**
 * Sends files up and hands what becomes of them to the feed.
 * @param {Sending} sending
 */
export async function sendShown(sending) {
  const { address, parts, title, list, feed } = sending;
  const key = `upload-${(count += 1)}`;
  const given = new AbortController();
  const cancel = { label: 'Cancel', press: () => given.abort() };
  /** @param {string} text @param {number | null} share */
  const show = (text, share) =>
    list.showOwn(key, { title, text, share, tone: 'going', actions: [cancel] });
  show('Waits to be uploaded.', null);
  under.add(key);
  try {
    const onShare = (/** @type {number} */ share) => show(uploading(share), share);
    const answer = await send({ address, parts, signal: given.signal, onShare });
    await feed.follow(/** @type {{job: string}} */ (answer).job);
    list.showOwn(key, null);
  } catch (error) {
    if (error instanceof ServerRefusal) refused(error);
    else list.showOwn(key, null);
  } finally {
    under.delete(key);
  }

  /** @param {ServerRefusal} refusal */
  function refused({ message, hint }) {
    const again = () => {
      list.showOwn(key, null);
      void sendShown(sending);
    };
    list.showOwn(key, {
      title,
      text: [message, hint].map(sentence).join(' ').trim(),
      share: undefined,
      tone: 'bad',
      actions: [
        { label: 'Try again', press: again },
        { label: 'Dismiss', press: () => list.showOwn(key, null) },
      ],
    });
  }
}

/** @param {number} share */
function uploading(share) {
  const percent = Math.floor(share * 100);
  return share < 1 ? `Uploading · ${percent} %` : 'Uploaded. The server looks at it.';
}

// A page that is left takes its uploads with it.
addEventListener('beforeunload', (event) => {
  if (under.size) event.preventDefault();
});
