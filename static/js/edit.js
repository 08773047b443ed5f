// The editing page: a routine's title, holds, names, sides and length.

import './token.js';

import { tellRefusal } from './ask.js';
import { fetchChapters, readChapters } from './chapters.js';
import { moment } from './clock.js';
import { byId, make, setText } from './dom.js';
import { Draft } from './draft.js';
import { countNoticed, marksOf, warningItems } from './film_warnings.js';
import { JobList, outcome } from './job_list.js';
import { JobFeed, isOver } from './jobs.js';
import { announce, tellEnd } from './news.js';
import { hideRefusal, showRefusal } from './refusal.js';
import { ServerRefusal, changeRoutine, getRoutine, holdsOf, knownNames } from './routines.js';
import { counted } from './sentence.js';
import { SpanList } from './span_list.js';
import { tabs } from './tabs.js';
import { Timeline } from './timeline.js';
import { Trim } from './trim.js';

/** @typedef {import('./draft.js').Lane} Lane */

/** How long a new hold, or the stretch of a new name, is at first. */
const NEW_HOLD_S = 3;
const NEW_NAME_S = 6;
const STEP_S = 1;

const id = new URLSearchParams(location.search).get('routine') ?? '';
const film = byId('film', HTMLVideoElement);
const title = byId('title', HTMLInputElement);
const mirror = byId('mirror', HTMLSelectElement);
const level = byId('level', HTMLSelectElement);
const save = byId('save', HTMLButtonElement);
const discard = byId('discard', HTMLButtonElement);

let draft = new Draft({ title: '', mirror: 'same', level: null, holds: [], chapters: [] }, 1);
let saving = false;
let cutting = false;
let trimJob = '';

const timeline = new Timeline({ film, onSelect: select });
const wiring = { draft: () => draft, film, onSelect: select };
const lists = {
  holds: new SpanList({ ...wiring, lane: 'holds', list: byId('holds', HTMLElement) }),
  chapters: new SpanList({ ...wiring, lane: 'chapters', list: byId('names', HTMLElement) }),
};
const showTab = tabs(/** @type {HTMLElement} */ (document.querySelector('[role="tablist"]')));
const trim = new Trim(film, (job) => {
  trimJob = job;
  void feed.follow(job);
});
const feed = new JobFeed({
  wants: (job) => job.id === trimJob,
  onJobs: (jobs) => {
    cutting = jobs.some((job) => !isOver(job));
    rows.showJobs(jobs);
    show();
  },
  onEnd: (job) => {
    tellEnd(outcome(job) || 'Cancelled.');
    if (job.state === 'done') void load();
  },
});
const rows = new JobList(byId('jobs', HTMLElement), byId('job-rows', HTMLUListElement), feed);

async function load() {
  hideRefusal();
  try {
    const routine = await getRoutine(id);
    await begin(routine);
  } catch (error) {
    refuse(/** @type {ServerRefusal} */ (error));
  }
}

async function offerNames() {
  const options = (await knownNames()).map((name) => {
    const option = make('option', '');
    option.value = name;
    return option;
  });
  byId('known-names', HTMLDataListElement).replaceChildren(...options);
}

/** @param {import('./routines.js').RoutineSummary} routine */
async function begin(routine) {
  const at = film.currentTime;
  // A film that was cut has the same address.
  film.src = `${routine.video}?at=${Date.now()}`;
  film.currentTime = Math.min(at, routine.duration_s);
  film.poster = routine.poster;
  await adopt(routine);
  byId('editor', HTMLElement).hidden = false;
  timeline.begin(draft, marks(routine));
  trim.begin(id, routine.duration_s);
  byId('warnings', HTMLElement).replaceChildren(...warningItems(routine, seek));
  setText(byId('tab-warnings', HTMLElement), withCount('Warnings', countNoticed(routine)));
  byId('names-download', HTMLAnchorElement).href = routine.chapters;
}

/**
 * Takes what the server has as what is saved.
 * @param {import('./routines.js').RoutineSummary} routine
 */
async function adopt(routine) {
  const chapters = await fetchChapters(routine.chapters);
  draft = new Draft(
    {
      title: routine.title,
      mirror: routine.mirror ?? 'same',
      level: routine.level ?? null,
      holds: holdsOf(routine).map(({ start_s, end_s }) => ({ start_s, end_s })),
      chapters: chapters.map(({ start, end, title: name }) => ({
        start_s: start,
        end_s: end,
        title: name,
      })),
    },
    routine.duration_s,
  );
  draft.addEventListener('change', show);
  document.title = `${routine.title} · Edit · Practice coach`;
  setText(byId('heading', HTMLElement), `Edit ${routine.title}`);
  show();
}

/** @param {import('./routines.js').RoutineSummary} routine */
function marks(routine) {
  const all = marksOf(routine);
  for (const kind of ['repetitions', 'warning', 'anomaly']) {
    const entry = document.querySelector(`.key-${kind}`);
    if (entry instanceof HTMLElement) entry.hidden = !all.some((mark) => mark.kind === kind);
  }
  return all;
}

/** Brings everything but the timeline, which follows the draft itself, up to date. */
function show() {
  const { now, change, fault } = draft;
  if (title.value !== now.title) title.value = now.title;
  title.ariaInvalid = String(!now.title.trim());
  mirror.value = now.mirror;
  level.value = now.level ?? '';
  lists.holds.show();
  lists.chapters.show();
  setText(byId('tab-holds', HTMLElement), withCount('Holds', now.holds.length));
  setText(byId('tab-names', HTMLElement), withCount('Names', now.chapters.length));
  save.disabled = !change || fault !== '' || saving || cutting;
  discard.hidden = !change || saving;
  setText(byId('saved', HTMLElement), standing(change !== null, fault));
  trim.block(whyNoCut(change !== null));
}

/**
 * @param {boolean} changed
 * @param {string} fault
 */
function standing(changed, fault) {
  if (saving) return 'Saving';
  if (cutting) return 'The film is being cut';
  if (changed) return fault || 'Not saved';
  return 'All saved';
}

/** @param {boolean} changed */
function whyNoCut(changed) {
  if (cutting) return 'The film is being cut.';
  return changed ? 'Save or discard your changes first.' : '';
}

/**
 * @param {string} name
 * @param {number} count
 */
function withCount(name, count) {
  return count ? `${name} ${count}` : name;
}

/**
 * @param {Lane} lane
 * @param {number} index
 */
function select(lane, index) {
  showTab(lane === 'holds' ? 'tab-holds' : 'tab-names');
  timeline.select(lane, index);
  lists.holds.select(lane === 'holds' ? index : -1);
  lists.chapters.select(lane === 'chapters' ? index : -1);
}

/** @param {number} t */
function seek(t) {
  film.currentTime = t;
}

/**
 * @param {Lane} lane
 * @param {number} wish seconds
 */
function addHere(lane, wish) {
  const index = draft.add(lane, film.currentTime, wish);
  if (index < 0) {
    const there = lane === 'holds' ? 'a hold' : 'a name';
    announce(`There is no room at ${moment(film.currentTime)}: ${there} is there already.`);
    return;
  }
  select(lane, index);
  lists[lane].focus(index);
}

async function saveAll() {
  const { change, fault } = draft;
  if (!change || fault || saving || cutting) return;
  saving = true;
  show();
  try {
    const routine = await changeRoutine(id, change);
    await adopt(routine);
    timeline.begin(draft, marks(routine));
    announce('Saved.');
  } catch (error) {
    await tellRefusal(/** @type {Error} */ (error));
  } finally {
    saving = false;
    show();
  }
}

/** @param {File} file */
async function readNames(file) {
  const chapters = readChapters(await file.text()).filter(({ title: name }) => name);
  const taken = draft.setChapters(
    chapters.map(({ start, end, title: name }) => ({ start_s: start, end_s: end, title: name })),
  );
  announce(
    taken
      ? `${counted(taken, 'name')} read from ${file.name}. Save to keep them.`
      : `${file.name} has no names in it. A WebVTT file with chapters is needed.`,
  );
}

/** @param {ServerRefusal} refusal */
function refuse(refusal) {
  const back = { label: 'Back to the library', href: '/' };
  showRefusal(refusal, { heading: 'h1', again: () => void load(), back });
  byId('editor', HTMLElement).hidden = true;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
    event.preventDefault();
    void saveAll();
    return;
  }
  const free = event.target === document.body && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (!free) return;
  if (event.key === ' ') {
    event.preventDefault();
    if (film.paused) void film.play();
    else film.pause();
  }
  if (event.key === 'ArrowLeft') seek(film.currentTime - STEP_S);
  if (event.key === 'ArrowRight') seek(film.currentTime + STEP_S);
}

const names = byId('names-file', HTMLInputElement);
names.addEventListener('change', () => {
  const [file] = names.files ?? [];
  names.value = '';
  if (file) void readNames(file);
});
title.addEventListener('input', () => draft.set({ title: title.value }));
mirror.addEventListener('change', () =>
  draft.set({ mirror: /** @type {import('./routines.js').Mirror} */ (mirror.value) }),
);
level.addEventListener('change', () =>
  draft.set({ level: /** @type {import('./routines.js').Level} */ (level.value) || null }),
);
/** @type {[string, () => void][]} */
const BUTTONS = [
  ['save', () => void saveAll()],
  ['discard', () => draft.discard()],
  ['add-hold', () => addHere('holds', NEW_HOLD_S)],
  ['add-name', () => addHere('chapters', NEW_NAME_S)],
  ['read-names', () => names.click()],
];
for (const [name, press] of BUTTONS) byId(name, HTMLButtonElement).addEventListener('click', press);
document.addEventListener('keydown', onKey);
addEventListener('beforeunload', (event) => draft.change && event.preventDefault());
if (location.hash === '#warnings') showTab('tab-warnings');
void load();
void offerNames();
