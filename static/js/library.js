// The library page: choose a routine, or make one of a film.

import './token.js';

import { askAbout, pair, partsOf } from './add_films.js';
import { byId, make } from './dom.js';
import { holdThePage, takeFiles } from './drop_area.js';
import { JobList, outcome } from './job_list.js';
import { JobFeed } from './jobs.js';
import { matching } from './library_filter.js';
import { LibraryTools } from './library_tools.js';
import { announce, tellEnd } from './news.js';
import { PoseNames } from './pose_names.js';
import { RoutineCard } from './routine_card.js';
import { ServerRefusal, listRoutines } from './routines.js';
import { sentence } from './sentence.js';
import { sendShown } from './upload_row.js';

const list = byId('routines', HTMLUListElement);
const notice = byId('notice', HTMLElement);

/** @type {import('./routines.js').RoutineSummary[]} */
let routines = [];
/** @type {Map<string, RoutineCard>} by the routine's id */
const cards = new Map();

const feed = new JobFeed({
  onJobs: (all) => jobs.showJobs(all),
  onEnd: (job) => {
    const text = outcome(job);
    if (text) tellEnd(text);
    if (job.state === 'done') void fill();
  },
});
const jobs = new JobList(byId('jobs', HTMLElement), byId('job-rows', HTMLUListElement), feed);
const names = new PoseNames(() => show());
const tools = new LibraryTools({ onWish: () => show(), onSearch: () => void names.find(routines) });

/**
 * @param {string} title
 * @param {string} text
 * @param {boolean} retry
 */
function tell(title, text, retry) {
  notice.replaceChildren(make('h2', '', title), make('p', '', text));
  if (retry) {
    const again = make('button', 'button', 'Try again');
    again.type = 'button';
    again.addEventListener('click', () => void fill());
    notice.append(again);
  }
  notice.hidden = false;
}

/** Shows the cards that are wanted, in the order that is. */
function show() {
  const found = matching(routines, tools.wish, (id) => names.of(id));
  list.replaceChildren(
    ...found.map(({ routine, pose }) => {
      const card = /** @type {RoutineCard} */ (cards.get(routine.id));
      card.showPose(pose);
      return card.element;
    }),
  );
  tools.tell(found.length, routines.length);
}

/** @param {import('./routines.js').RoutineSummary[]} all */
function take(all) {
  routines = all;
  cards.clear();
  for (const routine of all) cards.set(routine.id, new RoutineCard(routine, () => void fill()));
  names.forget();
  if (tools.wish.text) void names.find(routines);
  show();
}

async function fill() {
  notice.hidden = true;
  list.setAttribute('aria-busy', 'true');
  try {
    take(await listRoutines());
    if (routines.length === 0) {
      tell(
        'No routine yet',
        'Make one of any film of an instructor: add it below, or run ./coach prepare FILM.mp4 ' +
          'and reload this page.',
        false,
      );
    }
  } catch (error) {
    const { message, hint } = /** @type {ServerRefusal} */ (error);
    take([]);
    tell(sentence(message), sentence(hint), true);
  } finally {
    list.removeAttribute('aria-busy');
  }
}

/** @param {File[]} files */
async function add(files) {
  const additions = pair(files);
  if (additions.length === 0) {
    announce('Names of poses go with a film: choose both at once.');
    return;
  }
  const wanted = await askAbout(additions);
  const way = { address: '/api/routines', list: jobs, feed };
  await Promise.all(wanted.map((addition) => sendShown({ ...way, ...partsOf(addition) })));
}

takeFiles(
  {
    area: byId('add', HTMLElement),
    target: document,
    input: byId('add-files', HTMLInputElement),
  },
  (files) => void add(files),
);
holdThePage();
for (const id of ['add-button', 'add-first']) {
  byId(id, HTMLButtonElement).addEventListener('click', () =>
    byId('add-files', HTMLInputElement).click(),
  );
}
void fill();
void feed.look();
