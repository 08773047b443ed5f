// The comparing page: two films in, and what came of earlier ones; or one result whole.

import './token.js';

import { getComparison, listComparisons } from './comparisons.js';
import { resultCard, wholeResult } from './comparison_view.js';
import { byId } from './dom.js';
import { holdThePage } from './drop_area.js';
import { JobList, outcome } from './job_list.js';
import { JobFeed } from './jobs.js';
import { tellEnd } from './news.js';
import { Pairing } from './pairing.js';
import { hideRefusal, showRefusal } from './refusal.js';
import { ServerRefusal, listRoutines } from './routines.js';
import { sendShown } from './upload_row.js';

const id = new URLSearchParams(location.search).get('id');

/** @param {() => Promise<void>} act */
async function attempt(act) {
  hideRefusal();
  try {
    await act();
  } catch (error) {
    const again = () => void attempt(act);
    const back = { label: 'All comparisons', href: '/compare' };
    const refusal = /** @type {ServerRefusal} */ (error);
    if (id) showRefusal(refusal, { heading: 'h1', again, back });
    else showRefusal(refusal, { heading: 'h2', again });
  }
}

/** @param {string} name of the comparison */
async function showOne(name) {
  byId('here', HTMLAnchorElement).removeAttribute('aria-current');
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
