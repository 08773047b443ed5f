// Jobs of the server: what is under way, how far it is, and how it ended.

import { ServerRefusal, fetchJson } from './routines.js';

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {'prepare' | 'compare' | 'import' | 'trim'} kind
 * @property {string} title
 * @property {'queued' | 'running' | 'done' | 'failed' | 'cancelled'} state
 * @property {string} stage what is done at the moment, in the server's words
 * @property {number | null} percent
 * @property {number | null} left_s seconds
 * @property {string} created_at ISO 8601
 * @property {{routine?: string, comparison?: string} | null} result
 * @property {{code: string, message: string, hint: string} | null} error
 */

/** Streams a page opens at the most: a browser has six lines to a server, for all of its pages. */
const STREAMS = 2;
const LOOK_EVERY_MS = 4000;

/** @param {Job} job */
export function isOver({ state }) {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** @param {string} id */
function addressOf(id) {
  return `/api/jobs/${encodeURIComponent(id)}`;
}

/**
 * Calls a job off; takes one that is over off the list.
 * @param {string} id
 */
export async function endJob(id) {
  return /** @type {Job} */ (await fetchJson(addressOf(id), { method: 'DELETE' }));
}

/** @param {string} id */
export async function retryJob(id) {
  return /** @type {Job} */ (await fetchJson(`${addressOf(id)}/retry`, { method: 'POST' }));
}

/**
 * Keeps a page up to date: the first jobs by streams, the rest by looking now and then.
 */
export class JobFeed {
  /** @type {Map<string, Job>} newest first */
  #jobs = new Map();
  /** @type {Map<string, EventSource>} */
  #streams = new Map();
  /** @type {Set<string>} seen under way on this page */
  #followed = new Set();
  /** @type {Promise<void> | null} */
  #looking = null;
  #isAsked = false;

  /**
   * @param {object} wiring
   * @param {(jobs: Job[]) => void} wiring.onJobs told all jobs that concern this page, newest first
   * @param {(job: Job) => void} wiring.onEnd told once of each that ended while the page was open
   * @param {(job: Job) => boolean} [wiring.wants] which jobs concern the page
   */
  constructor({ onJobs, onEnd, wants = () => true }) {
    this.onJobs = onJobs;
    this.onEnd = onEnd;
    this.wants = wants;
    document.addEventListener('visibilitychange', () => !document.hidden && void this.look());
    addEventListener('pagehide', () => this.#hangUp());
    // A page brought back from the browser's memory has lost its streams.
    addEventListener('pageshow', ({ persisted }) => persisted && void this.look());
    setInterval(() => !this.#looking && this.#isBlind() && void this.look(), LOOK_EVERY_MS);
  }

  /** Follows a job that was just begun here. @param {string} id */
  async follow(id) {
    this.#followed.add(id);
    await this.look();
  }

  /** Forgets a job that was taken off the list. @param {string} id */
  forget(id) {
    this.#jobs.delete(id);
    this.#close(id);
    this.#isAsked = true; // a list that is on its way has it still
    this.#tell();
  }

  /** Whether a job was seen under way here. @param {Job} job */
  isOwn({ id }) {
    return this.#followed.has(id);
  }

  /** Asks for the whole list; once more after that under way, which may not know of what is new. */
  async look() {
    this.#isAsked = true;
    this.#looking ??= this.#lookWhileAsked();
    await this.#looking;
  }

  async #lookWhileAsked() {
    try {
      while (this.#isAsked) {
        this.#isAsked = false;
        await this.#lookOnce();
      }
    } finally {
      this.#looking = null;
    }
  }

  async #lookOnce() {
    try {
      const answer = /** @type {{jobs?: Job[]}} */ (await fetchJson('/api/jobs'));
      const known = this.#jobs;
      this.#jobs = new Map();
      for (const job of (answer.jobs ?? []).filter(this.wants)) {
        this.#put(job, known.get(job.id));
      }
      for (const id of this.#streams.keys()) if (!this.#jobs.has(id)) this.#close(id);
    } catch (error) {
      // The next look, or the streams' own new attempts, will find out whether it is back.
      if (!(error instanceof ServerRefusal)) throw error;
    }
    this.#tell();
  }

  /**
   * @param {Job} job
   * @param {Job} [before]
   */
  #put(job, before = this.#jobs.get(job.id)) {
    this.#jobs.set(job.id, job);
    if (!isOver(job)) {
      this.#followed.add(job.id);
      return;
    }
    this.#close(job.id);
    const news = this.#followed.has(job.id) && (!before || !isOver(before));
    if (news) this.onEnd(job);
  }

  #tell() {
    this.#listen();
    this.onJobs([...this.#jobs.values()]);
  }

  #active() {
    return [...this.#jobs.values()].filter((job) => !isOver(job));
  }

  /** Whether something goes on that no stream tells of: it has none, or its line is down. */
  #isBlind() {
    return this.#active().some(
      ({ id }) => this.#streams.get(id)?.readyState !== EventSource.OPEN,
    );
  }

  #listen() {
    const active = this.#active().sort((a, b) => rank(a) - rank(b));
    for (const { id } of active) {
      if (this.#streams.size >= STREAMS) return;
      if (!this.#streams.has(id)) this.#open(id);
    }
  }

  /** @param {string} id */
  #open(id) {
    const stream = new EventSource(`${addressOf(id)}/events`);
    this.#streams.set(id, stream);
    stream.addEventListener('job', (event) => {
      this.#put(/** @type {Job} */ (JSON.parse(event.data)));
      this.#tell();
    });
    stream.addEventListener('error', () => {
      // A line that broke is opened anew by the browser itself; one that was refused is not.
      if (stream.readyState === EventSource.CLOSED) this.#streams.delete(id);
    });
  }

  /** @param {string} id */
  #close(id) {
    this.#streams.get(id)?.close();
    this.#streams.delete(id);
  }

  #hangUp() {
    for (const id of [...this.#streams.keys()]) this.#close(id);
  }
}

/** @param {Job} job */
function rank({ state, created_at }) {
  return (state === 'running' ? 0 : 1e15) + Date.parse(created_at);
}
