// The server's words, made fit to be read by people.

/**
 * The server's words as a sentence.
 * @param {string} text
 */
export function sentence(text) {
  if (!text) return '';
  const end = /[.!?]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
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
