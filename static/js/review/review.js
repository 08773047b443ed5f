// The page of reviews: one practice whole, or all of them.

import '../token.js';

import { byId, make } from '../dom.js';
import { ServerRefusal } from '../routines.js';
import { sentence } from '../sentence.js';
import { linkButton } from './parts.js';
import { pastPractices } from './past.js';
import { fetchReport } from './report.js';
import { listPractices } from './sessions.js';
import { showReview } from './whole.js';

const NOT_FOUND = 404;

const wish = new URLSearchParams(location.search);
const session = wish.get('session');
const main = byId('main', HTMLElement);

async function showOne(/** @type {string} */ name) {
  const here = byId('here', HTMLAnchorElement);
  here.removeAttribute('aria-current');
  const report = await fetchReport(name);
  document.title = `${report.title || 'Practice'} · Review · Practice coach`;
  const place = byId('review', HTMLElement);
  place.hidden = false;
  await showReview(report, place);
}

async function showAll() {
  const practices = await listPractices(wish.get('routine') ?? undefined);
  const place = byId('past', HTMLElement);
  place.replaceChildren(...pastPractices(practices));
  place.hidden = false;
}

/** @param {ServerRefusal} refusal */
function refuse({ message, hint, status }) {
  const again = make('button', 'button', 'Try again');
  again.type = 'button';
  again.addEventListener('click', () => void attempt());
  const ways = make('div', 'refusal-ways', again);
  if (session) ways.append(linkButton('All practices', '/review', 'button plain'));
  ways.append(linkButton('Library', '/', 'button plain'));
  const place = byId('refusal', HTMLElement);
  place.replaceChildren(
    make(
      'h1',
      '',
      status === NOT_FOUND ? 'There is no review of this practice.' : sentence(message),
    ),
    make('p', 'soft', sentence(hint) || 'Try again in a moment.'),
    ways,
  );
  place.hidden = false;
}

async function attempt() {
  const loading = byId('loading', HTMLElement);
  byId('refusal', HTMLElement).hidden = true;
  loading.hidden = false;
  main.setAttribute('aria-busy', 'true');
  try {
    await (session ? showOne(session) : showAll());
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    refuse(error);
  } finally {
    loading.hidden = true;
    main.removeAttribute('aria-busy');
  }
}

void attempt();
