// The comparing page: two films in, and what came of earlier ones; or one result whole.

import { getComparison, listComparisons } from './comparisons.js';
import { resultCard, wholeResult } from './comparison_view.js';
import { byId, make } from './dom.js';
import { holdThePage } from './drop_area.js';
import { JobList, outcome } from './job_list.js';
import { JobFeed } from './jobs.js';
import { tellEnd } from './news.js';
import { Pairing } from './pairing.js';
import { ServerRefusal, listRoutines } from './routines.js';
import { sentence } from './sentence.js';
import { sendShown } from './upload_row.js';

const id = new URLSearchParams(location.search).get('id');

/**
 * @param {ServerRefusal} refusal
 * @param {() => void} again
 */
function refuse({ message, hint }, again) {
  const retry = make('button', 'button', 'Try again');
  retry.type = 'button';
  retry.addEventListener('click', again);
  const ways = make('div', 'refusal-ways', retry);
  if (id) {
    const back = make('a', 'button plain', 'All comparisons');
    back.href = '/compare';
    ways.append(back);
  }
  const place = byId('refusal', HTMLElement);
  const heading = make(id ? 'h1' : 'h2', '', sentence(message));
  place.replaceChildren(heading, make('p', 'soft', sentence(hint)), ways);
  place.hidden = false;
}

/** @param {() => Promise<void>} act */
async function attempt(act) {
  byId('refusal', HTMLElement).hidden = true;
  try {
    await act();
  } catch (error) {
    refuse(/** @type {ServerRefusal} */ (error), () => void attempt(act));
  }
}

/** @param {string} name of the comparison */
async function showOne(name) {
  const here = byId('here', HTMLAnchorElement);
  here.textContent = 'All comparisons';
  here.removeAttribute('aria-current');
  const comparison = await getComparison(name);
  document.title = `${comparison.title} · Compare · Practice coach`;
  const result = byId('result', HTMLElement);
  result.replaceChildren(...wholeResult(comparison, () => location.assign('/compare')));
  result.hidden = false;
}

async function showAll() {
  const comparisons = await listComparisons();
  byId('results', HTMLElement).replaceChildren(...comparisons.map(resultCard));
  byId('none', HTMLElement).hidden = comparisons.length > 0;
}

function begin() {
  byId('begin', HTMLElement).hidden = false;
  const feed = new JobFeed({
    wants: ({ kind }) => kind === 'compare',
    onJobs: (all) => jobs.showJobs(all),
    onEnd: (job) => {
      const text = outcome(job);
      if (text) tellEnd(text);
      if (job.state === 'done') void attempt(showAll);
    },
  });
  const jobs = new JobList(byId('jobs', HTMLElement), byId('job-rows', HTMLUListElement), feed);
  const pairing = new Pairing((parts, title) => {
    void sendShown({ address: '/api/comparisons', parts, title, list: jobs, feed });
    pairing.clear();
    byId('jobs', HTMLElement).scrollIntoView({ block: 'nearest' });
  });
  holdThePage();
  void attempt(async () => {
    pairing.offer(await listRoutines());
    await showAll();
  });
  void feed.look();
}

if (id) void attempt(() => showOne(id));
else begin();
