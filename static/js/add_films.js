// Adding to the library: what each film is to be called, and how it is followed.

import { make } from './dom.js';
import { titleOf } from './drop_area.js';

/**
 * One film, or one routine that was exported before.
 * @typedef {object} Addition
 * @property {File} film
 * @property {File | null} chapters names of its poses, WebVTT
 * @property {string} title empty where the file brings its own
 * @property {string} mirror
 * @property {string} level empty where it is not said
 */

const LONGEST_TITLE = 200;
const MIRRORS = [
  ['same', 'Same side'],
  ['mirrored', 'As in a mirror'],
  ['auto', 'Coach finds out'],
];

const LEVELS = [
  ['', 'Not said'],
  ['beginner', 'Beginner'],
  ['intermediate', 'Intermediate'],
  ['advanced', 'Advanced'],
];

/** @param {File} file */
function stem({ name }) {
  return name.replace(/\.[^.]*$/, '').toLowerCase();
}

/**
 * Sorts what was dropped: a WebVTT file goes with the film of its name, or with the only film.
 * @param {File[]} files
 * @returns {Addition[]}
 */
export function pair(files) {
  const names = files.filter(({ name }) => /\.vtt$/i.test(name));
  const films = files.filter((file) => !names.includes(file));
  return films.map((film) => {
    const own = names.find((file) => stem(file) === stem(film));
    const chapters = own ?? (films.length === 1 ? (names[0] ?? null) : null);
    const title = isRoutine(film) ? '' : titleOf(film.name);
    return { film, chapters, title, mirror: 'same', level: '' };
  });
}

/** @param {File} file */
function isRoutine({ name, type }) {
  return type === 'application/zip' || /\.zip$/i.test(name);
}

/**
 * Asks what the films are to be called and how they are followed.
 * @param {Addition[]} additions
 * @returns {Promise<Addition[]>} as they are to be sent; none where it was called off
 */
export function askAbout(additions) {
  const many = additions.length > 1;
  const heading = make('h2', '', many ? `Add ${additions.length} films` : 'Add to the library');
  heading.id = 'adding-title';
  const rows = additions.map(fields);
  const stay = make('button', 'button plain', 'Cancel');
  stay.type = 'button';
  const go = make('button', 'button', many ? 'Upload all' : 'Upload');
  go.value = 'yes';
  const form = make(
    'form',
    'adding',
    heading,
    ...rows.map(({ element }) => element),
    make('div', 'dialog-buttons', stay, go),
  );
  form.method = 'dialog';
  const dialog = make('dialog', 'dialog', form);
  dialog.setAttribute('aria-labelledby', heading.id);
  stay.addEventListener('click', () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes' ? rows.map(({ read }) => read()) : []);
    });
  });
}

/**
 * @param {Addition} addition
 * @param {number} index
 */
function fields(addition, index) {
  const { film, chapters } = addition;
  const with_ = chapters ? `, with the names of poses in ${chapters.name}` : '';
  const element = make('fieldset', 'addition', make('legend', '', `${film.name}${with_}`));
  if (isRoutine(film)) {
    element.append(make('p', 'soft', 'A routine that was exported: it brings its own title.'));
    return { element, read: () => addition };
  }
  const title = make('input', 'input');
  Object.assign(title, {
    id: `adding-title-${index}`,
    value: addition.title,
    maxLength: LONGEST_TITLE,
    autocomplete: 'off',
  });
  const mirror = choice(`adding-mirror-${index}`, MIRRORS);
  const level = choice(`adding-level-${index}`, LEVELS);
  element.append(
    field('Title', title),
    field('Students follow', mirror),
    field('Level', level),
  );
  return {
    element,
    read: () => ({
      ...addition,
      title: title.value.trim(),
      mirror: mirror.value,
      level: level.value,
    }),
  };
}

/**
 * @param {string} id
 * @param {string[][]} options value and name of each
 */
function choice(id, options) {
  const select = make('select', 'input');
  select.id = id;
  select.append(...options.map(([value, name]) => new Option(name, value)));
  return select;
}

/**
 * @param {string} name
 * @param {HTMLElement} control
 */
function field(name, control) {
  const label = make('label', '', name);
  label.htmlFor = control.id;
  return make('p', 'field', label, control);
}

/**
 * What is sent of one.
 * @param {Addition} addition
 * @returns {{parts: FormData, title: string}}
 */
export function partsOf({ film, chapters, title, mirror, level }) {
  const parts = new FormData();
  // What is said of the film comes before it: so the server knows it when the film begins.
  if (title) parts.set('title', title);
  if (!isRoutine(film)) parts.set('mirror', mirror);
  if (level) parts.set('level', level);
  if (chapters) parts.set('chapters', chapters, chapters.name);
  parts.set('film', film, film.name);
  return { parts, title: title || film.name };
}
