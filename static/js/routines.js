// Routines as the server lists them.

/**
 * @typedef {object} RoutineSummary
 * @property {string} id
 * @property {string} title
 * @property {number} duration_s
 * @property {string} poster address of a picture
 * @property {import('./chapters.js').Hold[]} [segments] where a pose is held
 */

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

/**
 * Fetches JSON; every failure becomes a ServerRefusal with a sentence and a way on.
 * @param {string} address
 * @param {RequestInit} [init]
 * @returns {Promise<unknown>}
 */
export async function fetchJson(address, init) {
  let answer;
  try {
    answer = await fetch(address, init);
  } catch {
    throw new ServerRefusal('The coach server does not answer.', {
      hint: 'Start it with ./coach serve, then try again.',
      code: 'unreachable',
    });
  }
  /** @type {unknown} */
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body;
  throw refusalOf(answer, body);
}

/**
 * @param {Response} answer
 * @param {unknown} body
 */
function refusalOf(answer, body) {
  const wrapped = /** @type {{error?: {code?: string, message?: string, hint?: string}}} */ (body);
  const error = wrapped?.error ?? {};
  const retry = Number(answer.headers.get('Retry-After'));
  return new ServerRefusal(error.message ?? `The coach server answered ${answer.status}.`, {
    hint: error.hint ?? '',
    code: error.code ?? '',
    status: answer.status,
    retryAfterS: retry > 0 ? retry : null,
  });
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
 * The address of one of a routine's files.
 * @param {string} id
 * @param {'video' | 'poster' | 'chapters'} file
 */
export function routineFile(id, file) {
  return `/api/routines/${encodeURIComponent(id)}/${file}`;
}
