// The library page: choose a routine, or make one of a film.

import { askAbout, pair, partsOf } from './add_films.js';
import { byId, make } from './dom.js';
import { holdThePage, takeFiles } from './drop_area.js';
import { JobList, outcome } from './job_list.js';
import { JobFeed } from './jobs.js';
import { announce, tellEnd } from './news.js';
import { routineCard } from './routine_card.js';
import { ServerRefusal, listRoutines } from './routines.js';
import { sentence } from './sentence.js';
import { sendShown } from './upload_row.js';

const list = byId('routines', HTMLUListElement);
const notice = byId('notice', HTMLElement);

const feed = new JobFeed({
  onJobs: (all) => jobs.showJobs(all),
  onEnd: (job) => {
    const text = outcome(job);
    if (text) tellEnd(text);
    if (job.state === 'done') void fill();
  },
});
const jobs = new JobList(byId('jobs', HTMLElement), byId('job-rows', HTMLUListElement), feed);

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

async function fill() {
  notice.hidden = true;
  list.setAttribute('aria-busy', 'true');
  try {
    const routines = await listRoutines();
    list.replaceChildren(...routines.map((routine) => routineCard(routine, () => void fill())));
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
    list.replaceChildren();
    tell(sentence(message), sentence(hint), true);
  } finally {
    list.removeAttribute('aria-busy');
  }
}

/** @param {File[]} files */
async function take(files) {
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
  (files) => void take(files),
);
holdThePage();
for (const id of ['add-button', 'add-first']) {
  byId(id, HTMLButtonElement).addEventListener('click', () =>
    byId('add-files', HTMLInputElement).click(),
  );
}
void fill();
void feed.look();
