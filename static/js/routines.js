// Routines as the server lists them, and what can be done to them.

/** @typedef {'same' | 'mirrored' | 'auto'} Mirror on which side students follow */
/** @typedef {'beginner' | 'intermediate' | 'advanced'} Level for whom a routine is */
/** @typedef {{start_s: number, end_s: number}} Span seconds on the routine's clock */
/**
 * @typedef {Span & {kind: 'hold' | 'transition' | 'repetitions', count?: number | null}} Segment
 *   `count` is how often a movement is repeated
 */
/** @typedef {{code: string, message: string, spans: Span[]}} FilmWarning */
/**
 * @typedef {object} RoutineSummary
 * @property {string} id
 * @property {string} title
 * @property {number} duration_s
 * @property {string} poster address of a picture
 * @property {string} video address of the film
 * @property {string} chapters address of the WebVTT file
 * @property {Segment[]} [segments]
 * @property {Mirror} [mirror]
 * @property {FilmWarning[]} [warnings]
 * @property {Span[]} [anomalies] when the instructor leaves their own pose
 * @property {Level | null} [level] null where nobody has said
 * @property {string | null} [practised_at] ISO 8601, the last time; null where never
 * @property {string | null} [created_at] ISO 8601, when it was made; null where nobody knows
 */
/**
 * What can be changed at once, and only as a whole.
 * @typedef {object} RoutineChange
 * @property {string} [title]
 * @property {Mirror} [mirror]
 * @property {Level | null} [level]
 * @property {(Span & {title: string})[]} [chapters]
 * @property {Span[]} [holds]
 */

/** Ways in which the joint track can be had. */
export const TRACK_FORMATS = ['csv', 'json', 'npz', 'trc', 'bvh', 'c3d'];

const NO_CONTENT = 204;

/** What the server, or the way to it, refused; `message` and `hint` are sentences for people. */
export class ServerRefusal extends Error {
  /**
   * @param {string} message
   * @param {{hint?: string, code?: string, status?: number, retryAfterS?: number | null}} [more]
   */
  constructor(message, more = {}) {
    super(message);
    this.hint = more.hint ?? '';
    this.code = more.code ?? '';
    this.status = more.status ?? 0;
    this.retryAfterS = more.retryAfterS ?? null;
  }
}

export function outOfReach() {
  return new ServerRefusal('The coach server does not answer.', {
    hint: 'Start it with ./coach serve, then try again.',
    code: 'unreachable',
  });
}

/**
 * Fetches JSON, or null where the answer has none; every failure becomes a ServerRefusal with a
 * sentence and a way on.
 * @param {string} address
 * @param {RequestInit} [init]
 * @returns {Promise<unknown>}
 */
export async function fetchJson(address, init) {
  let answer;
  try {
    answer = await fetch(address, init);
  } catch {
    throw outOfReach();
  }
  /** @type {unknown} */
  const body = await answer.json().catch(() => null);
  if (answer.ok && (body !== null || answer.status === NO_CONTENT)) return body;
  throw refusalOf(answer.status, body, answer.headers.get('Retry-After'));
}

/**
 * @param {number} status
 * @param {unknown} body
 * @param {string | null} [retryAfter] the header's seconds
 */
export function refusalOf(status, body, retryAfter = null) {
  const wrapped = /** @type {{error?: {code?: string, message?: string, hint?: string}}} */ (body);
  const error = wrapped?.error ?? {};
  const retry = Number(retryAfter);
  return new ServerRefusal(error.message ?? `The coach server answered ${status}.`, {
    hint: error.hint ?? '',
    code: error.code ?? '',
    status,
    retryAfterS: retry > 0 ? retry : null,
  });
}

/**
 * Names of poses that are known, to choose from; none where the server does not answer.
 * @returns {Promise<string[]>}
 */
export async function knownNames() {
  try {
    const answer = /** @type {{names?: string[]}} */ (await fetchJson('/api/poses'));
    return answer.names ?? [];
  } catch {
    return [];
  }
}

/** @returns {Promise<RoutineSummary[]>} */
export async function listRoutines() {
  const answer = /** @type {{routines?: RoutineSummary[]}} */ (await fetchJson('/api/routines'));
  return answer.routines ?? [];
}

/**
 * @param {string} id
 * @returns {Promise<RoutineSummary>}
 */
export async function findRoutine(id) {
  const found = (await listRoutines()).find((routine) => routine.id === id);
  if (found) return found;
  throw new ServerRefusal('This routine is not in the library.', {
    hint: 'Choose another one.',
    code: 'not_found',
    status: 404,
  });
}

/**
 * The stretches in which a pose is held.
 * @param {RoutineSummary} routine
 */
export function holdsOf({ segments = [] }) {
  return segments.filter(({ kind }) => kind === 'hold');
}

/** @param {string} id */
function addressOf(id) {
  return `/api/routines/${encodeURIComponent(id)}`;
}

/**
 * @param {string} id
 * @returns {Promise<RoutineSummary>}
 */
export async function getRoutine(id) {
  return /** @type {RoutineSummary} */ (await fetchJson(addressOf(id)));
}

/**
 * @param {string} id
 * @param {RoutineChange} change
 * @returns {Promise<RoutineSummary>} what it has become
 */
export async function changeRoutine(id, change) {
  return /** @type {RoutineSummary} */ (await patch(id, change));
}

/**
 * Cuts the film for good.
 * @param {string} id
 * @param {Span} trim what is kept
 * @returns {Promise<string>} the job that does it
 */
export async function trimRoutine(id, trim) {
  return /** @type {{job: string}} */ (await patch(id, { trim })).job;
}

/**
 * @param {string} id
 * @param {object} change
 */
function patch(id, change) {
  return fetchJson(addressOf(id), {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  });
}

/** @param {string} id */
export async function removeRoutine(id) {
  await fetchJson(addressOf(id), { method: 'DELETE' });
}

/**
 * The address of one of a routine's files.
 * @param {string} id
 * @param {'video' | 'poster' | 'chapters' | 'export' | `track.${string}`} file
 */
export function routineFile(id, file) {
  return `${addressOf(id)}/${file}`;
}
