// The server's words, made fit to be read by people.

/** A first word that is one, and no file's name: those stay as they are written. */
const WORD = /^\p{Ll}[^\s.]*(?=\s|$|[.!?]$)/u;

/**
 * The server's words as a sentence.
 * @param {string} text
 */
export function sentence(text) {
  if (!text) return '';
  const end = /[.!?]$/.test(text) ? '' : '.';
  const begun = WORD.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return begun + end;
}

/**
 * One of so many things, or several: `1 hold`, `3 holds`.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
