// The list of what is under way: uploads of this page, then the server's jobs.

import { tellRefusal } from './ask.js';
import { timeLeft } from './clock.js';
import { endJob, isOver, retryJob } from './jobs.js';
import { ProgressRow } from './progress_row.js';
import { sentence } from './sentence.js';

/** @typedef {import('./jobs.js').Job} Job */
/** @typedef {import('./progress_row.js').Progress} Progress */

export class JobList {
  /** @type {Map<string, ProgressRow>} */
  #rows = new Map();
  /** @type {Map<string, Progress>} what this page itself has under way */
  #own = new Map();
  /** @type {Job[]} */
  #jobs = [];

  /**
   * @param {HTMLElement} section hidden while there is nothing
   * @param {HTMLUListElement} list
   * @param {import('./jobs.js').JobFeed} feed
   */
  constructor(section, list, feed) {
    this.section = section;
    this.list = list;
    this.feed = feed;
  }

  /** @param {Job[]} jobs newest first */
  showJobs(jobs) {
    this.#jobs = jobs.filter(
      (job) => !isOver(job) || job.state === 'failed' || this.feed.isOwn(job),
    );
    this.#render();
  }

  /**
   * Shows something of this page's own, such as an upload.
   * @param {string} key
   * @param {Progress | null} progress null takes it away
   */
  showOwn(key, progress) {
    if (progress) this.#own.set(key, progress);
    else this.#own.delete(key);
    this.#render();
  }

  #render() {
    /** @type {[string, Progress][]} */
    const wanted = [
      ...this.#own,
      ...this.#jobs.map((job) => /** @type {[string, Progress]} */ ([job.id, this.#toldOf(job)])),
    ];
    const keys = new Set(wanted.map(([key]) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    wanted.forEach(([key, progress], index) => {
      const row = this.#rows.get(key) ?? new ProgressRow();
      this.#rows.set(key, row);
      row.show(progress);
      // Moved only where it stands elsewhere: moving takes the keyboard's focus away.
      const there = this.list.children[index] ?? null;
      if (there !== row.element) this.list.insertBefore(row.element, there);
    });
    this.section.hidden = wanted.length === 0;
  }

  /**
   * @param {Job} job
   * @returns {Progress}
   */
  #toldOf(job) {
    const end = () => void this.#try(() => this.#end(job));
    const retry = { label: 'Try again', press: () => void this.#try(() => this.#retry(job)) };
    const dismiss = { label: 'Dismiss', press: end };
    const { title } = job;
    switch (job.state) {
      case 'queued':
      case 'running':
        return {
          title,
          text: underWay(job),
          share: job.percent === null || job.state === 'queued' ? null : job.percent / 100,
          tone: 'going',
          actions: [{ label: 'Cancel', press: end }],
        };
      case 'done':
        return {
          title,
          text: READY[job.kind] ?? 'Done.',
          share: undefined,
          tone: 'good',
          actions: [...waysOn(job), dismiss],
        };
      case 'failed':
        return {
          title,
          text: [job.error?.message ?? 'It failed', job.error?.hint ?? '']
            .map(sentence)
            .join(' '),
          share: undefined,
          tone: 'bad',
          actions: [retry, dismiss],
        };
      default:
        return {
          title,
          text: 'Cancelled.',
          share: undefined,
          tone: 'quiet',
          actions: [retry, dismiss],
        };
    }
  }

  /** @param {Job} job */
  async #end(job) {
    await endJob(job.id);
    if (isOver(job)) this.feed.forget(job.id);
    else await this.feed.look();
  }

  /** @param {Job} job */
  async #retry(job) {
    const begun = await retryJob(job.id);
    await this.feed.follow(begun.id);
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    try {
      await act();
    } catch (error) {
      await tellRefusal(/** @type {Error} */ (error));
      await this.feed.look();
    }
  }
}

/** @type {Record<Job['kind'], string>} */
const READY = {
  prepare: 'Ready to practise.',
  import: 'Ready to practise.',
  trim: 'Cut.',
  compare: 'Compared.',
};

/** @param {Job} job */
function underWay({ state, stage, percent, left_s }) {
  if (state === 'queued') return 'Waits for its turn.';
  const share = percent === null ? '' : `${Math.floor(percent)} %`;
  const doing = stage ? sentence(stage).replace(/\.$/, '') : 'Begins';
  return [doing, share, timeLeft(left_s)].filter(Boolean).join(' · ');
}

/**
 * @param {Job} job
 * @returns {import('./progress_row.js').Action[]}
 */
function waysOn({ result }) {
  if (result?.comparison) {
    const id = encodeURIComponent(result.comparison);
    return [{ label: 'See it', href: `/compare?id=${id}`, quiet: false }];
  }
  if (!result?.routine) return [];
  const id = encodeURIComponent(result.routine);
  return [
    { label: 'Practise', href: `/practice?routine=${id}`, quiet: false },
    { label: 'Edit', href: `/edit?routine=${id}` },
  ];
}

/**
 * What to say when a job is over.
 * @param {Job} job
 */
export function outcome({ state, title, error }) {
  if (state === 'done') return `Ready: ${title}`;
  return state === 'failed' ? `Failed: ${title}. ${sentence(error?.message ?? '')}` : '';
}
