// The review as files to keep.

import { make } from '../dom.js';
import { keep } from '../downloads.js';
import { linkButton, part } from './parts.js';
import { reportAddress } from './report.js';

/** @param {string} session */
export function filesPart(session) {
  const address = reportAddress(session);
  const printed = linkButton(
    'Read or print it as one page',
    `${address}.html`,
    'button small plain',
  );
  return part(
    'files',
    'Keep it',
    make('p', 'soft', 'Only the newest practices are kept on the server. A file stays with you.'),
    make(
      'div',
      'files',
      file('Keep this report', `${address}.html?download=1`, 'practice.html'),
      file('Poses as a table (CSV)', `${address}.csv?download=1`, 'practice.csv'),
      file('All of it (JSON)', address, 'practice.json'),
      printed,
    ),
  );
}

/**
 * @param {string} label
 * @param {string} address
 * @param {string} name
 */
function file(label, address, name) {
  const button = make('button', 'button small plain', label);
  button.type = 'button';
  button.addEventListener('click', () => void keep(address, name));
  return button;
}
