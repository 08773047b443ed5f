// Where files are dropped, or chosen with a button.

/**
 * @param {object} parts
 * @param {HTMLElement} parts.area lights up while files hang over it
 * @param {EventTarget} [parts.target] what takes the drop; the area where not given
 * @param {HTMLInputElement} parts.input the browser's own choice of files
 * @param {(files: File[]) => void} onFiles
 */
export function takeFiles({ area, target = area, input }, onFiles) {
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // The same file can be chosen again after a failure.
    input.value = '';
    if (files.length) onFiles(files);
  });
  let over = 0;
  /** @param {Event} event */
  const filesOf = (event) =>
    event instanceof DragEvent && event.dataTransfer?.types.includes('Files')
      ? event.dataTransfer
      : null;
  /** @param {number} now */
  const light = (now) => {
    over = Math.max(0, now);
    area.classList.toggle('over', over > 0);
  };
  target.addEventListener('dragenter', (event) => filesOf(event) && light(over + 1));
  target.addEventListener('dragleave', (event) => filesOf(event) && light(over - 1));
  target.addEventListener('dragover', (event) => filesOf(event) && event.preventDefault());
  target.addEventListener('drop', (event) => {
    const transfer = filesOf(event);
    if (!transfer) return;
    event.preventDefault();
    event.stopPropagation();
    light(0);
    onFiles([...transfer.files]);
  });
}

/** A file that is dropped beside the area must not replace the page. */
export function holdThePage() {
  for (const name of ['dragover', 'drop']) {
    document.addEventListener(name, (event) => event.preventDefault());
  }
}

/**
 * A title out of a file's name: `sun_salutation-a.mp4` becomes `Sun salutation a`.
 * @param {string} name
 */
export function titleOf(name) {
  const words = name
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[_\s-]+/g, ' ')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
