// Questions in the way: one thing to decide, or a few words to give, before going on.

import { make } from './dom.js';
import { sentence } from './sentence.js';

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string | Node} text
 * @property {string} yes what the button says that goes on
 * @property {string} [no]
 * @property {boolean} [grave] whether it cannot be undone
 */

let made = 0;

/**
 * @param {Question} question
 * @returns {Promise<boolean>} whether to go on
 */
export function ask({ title, text, yes, no = 'Cancel', grave = false }) {
  const go = make('button', grave ? 'button grave' : 'button', yes);
  go.value = 'yes';
  const stay = make('button', 'button plain', no);
  const { dialog, form } = open(title, typeof text === 'string' ? make('p', '', text) : text);
  form.append(make('div', 'dialog-buttons', stay, go));
  dialog.showModal();
  // What cannot be undone is not one stroke of Enter away.
  (grave ? stay : go).focus();
  return closed(dialog).then((answer) => answer === 'yes');
}

/**
 * Asks for a line of text.
 * @param {{title: string, label: string, value: string, yes: string, longest: number}} question
 * @returns {Promise<string | null>} null where it was called off
 */
export async function askText({ title, label, value, yes, longest }) {
  const input = make('input', 'input');
  Object.assign(input, { id: `answer-${made}`, value, required: true, maxLength: longest });
  const name = make('label', '', label);
  name.htmlFor = input.id;
  const { dialog, form } = open(title, make('p', 'field', name, input));
  const go = make('button', 'button', yes);
  go.value = 'yes';
  const stay = make('button', 'button plain', 'Cancel');
  stay.formNoValidate = true;
  stay.type = 'button';
  stay.addEventListener('click', () => dialog.close());
  form.append(make('div', 'dialog-buttons', stay, go));
  dialog.showModal();
  input.select();
  const answer = await closed(dialog);
  const text = input.value.trim();
  return answer === 'yes' && text ? text : null;
}

/**
 * Shows what was refused, with the way on.
 * @param {Error} error
 */
export async function tellRefusal(error) {
  const hint = 'hint' in error ? String(error.hint) : '';
  const { dialog, form } = open(
    sentence(error.message),
    make('p', '', sentence(hint) || 'Try again in a moment.'),
  );
  form.append(make('div', 'dialog-buttons', make('button', 'button', 'Close')));
  dialog.showModal();
  await closed(dialog);
}

/**
 * @param {string} title
 * @param {Node} content
 */
function open(title, content) {
  made += 1;
  const heading = make('h2', '', title);
  heading.id = `question-${made}`;
  const form = make('form', '', heading, content);
  form.method = 'dialog';
  const dialog = make('dialog', 'dialog', form);
  dialog.setAttribute('aria-labelledby', heading.id);
  document.body.append(dialog);
  return { dialog, form };
}

/**
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>} the value of the button that closed it; empty for Escape
 */
function closed(dialog) {
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}
