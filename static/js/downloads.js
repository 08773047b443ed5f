// Files that the server makes when they are asked for, and may refuse.

import { tellRefusal } from './ask.js';
import { make } from './dom.js';
import { outOfReach, refusalOf } from './routines.js';

const NAME = /filename="([^"]+)"/;

/**
 * Fetches a file and hands it to the browser to keep. A link would do, were it not that a refusal
 * would then be kept as if it were the file.
 * @param {string} address
 * @param {string} name where the server gives none
 */
export async function keep(address, name) {
  try {
    const answer = await fetch(address).catch(() => {
      throw outOfReach();
    });
    if (!answer.ok) throw refusalOf(answer.status, await answer.json().catch(() => null));
    const link = make('a', '');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = NAME.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    await tellRefusal(/** @type {Error} */ (error));
  }
}
