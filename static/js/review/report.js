// What a practice came to, as the server tells it; older reports know less.

import { fetchJson } from '../routines.js';

/** @typedef {import('../messages.js').Side} Side */
/**
 * @typedef {object} Sequence one stay in a pose
 * @property {number} number
 * @property {string} pose
 * @property {number} t seconds since the student's first frame
 * @property {number} end_t
 * @property {number} routine_t
 * @property {number} judged_s
 * @property {boolean} reached
 * @property {number | null} within_share
 * @property {{deviation_deg: number, band_deg: number, text: string} | null} worst
 * @property {{raised: number, mended: number}} cues
 * @property {number | null} lag_s
 */
/**
 * @typedef {object} Balance the two of a pair of angles: degrees beyond what is tolerated
 * @property {string} joints
 * @property {number} left_deg
 * @property {number} right_deg
 * @property {number} left_minus_right_deg
 * @property {number} poses
 * @property {boolean} real
 */
/**
 * @typedef {object} Timeline columns of equal length
 * @property {number} row_s
 * @property {number[]} t
 * @property {(number | null)[]} excess
 * @property {Record<string, (number | null)[]>} [joints] by the names of the wire
 */
/**
 * @typedef {object} Moment
 * @property {number} t
 * @property {number} routine_t
 * @property {number} sequence
 * @property {string} pose
 * @property {string} name
 * @property {string} text
 * @property {number} deviation_deg
 * @property {number} band_deg
 * @property {string[]} joints_names
 * @property {boolean} mirrored whether the student followed as in a mirror
 * @property {[number, number, number][]} joints the student: H36M-17, metres
 */
/**
 * @typedef {object} CueEvent
 * @property {number} id
 * @property {number} t
 * @property {number} routine_t
 * @property {string} joint
 * @property {Side} side
 * @property {number} deviation_deg
 * @property {string} text
 * @property {'raised' | 'fixed'} state
 */
/**
 * @typedef {object} Report
 * @property {string} session
 * @property {string} [routine]
 * @property {string} title
 * @property {string} began_at
 * @property {boolean} [live]
 * @property {'judged' | 'too_little' | 'not_begun'} verdict
 * @property {number | null} [score]
 * @property {{began_t: number, film_s: number, judged_s: number, judged_share: number,
 *   silent_s?: Record<string, number>}} time
 * @property {{passed: number, reached: number}} holds
 * @property {{median_s: number, quartiles_s: [number, number]} | null} lag
 * @property {Sequence[]} sequences
 * @property {number} [sequences_dropped]
 * @property {Balance[]} symmetry
 * @property {number | null} best
 * @property {number | null} worst
 * @property {CueEvent[]} cues
 * @property {Timeline} timeline
 * @property {Moment[]} [moments]
 * @property {{kind: string, text: string, why: string}[]} next
 */
/**
 * @typedef {object} Correction
 * @property {number} t
 * @property {number} routineT
 * @property {string[]} joints names of the wire
 * @property {string} text
 * @property {number} offDeg
 * @property {number | null} mendedT
 */

/** @param {string} session */
export function reportAddress(session) {
  return `/api/sessions/${encodeURIComponent(session)}/report`;
}

/**
 * @param {string} session
 * @returns {Promise<Report>}
 */
export async function fetchReport(session) {
  return /** @type {Report} */ (await fetchJson(reportAddress(session)));
}

/**
 * What was corrected, in order, each with the moment at which it was mended.
 * @param {Report} report
 * @returns {Correction[]}
 */
export function correctionsOf({ cues = [] }) {
  const mended = new Map(cues.filter((cue) => cue.state === 'fixed').map(({ id, t }) => [id, t]));
  return cues
    .filter(({ state }) => state === 'raised')
    .map((cue) => ({
      t: cue.t,
      routineT: cue.routine_t,
      joints: jointsOf(cue),
      text: cue.text,
      offDeg: Math.abs(cue.deviation_deg),
      mendedT: mended.get(cue.id) ?? null,
    }));
}

/** @param {CueEvent} cue */
function jointsOf({ joint, side }) {
  if (side === 'both') return [`left_${joint}`, `right_${joint}`];
  return [side === 'center' ? joint : `${side}_${joint}`];
}

/**
 * When the practice is over: the end of the last thing that is known.
 * @param {Report} report
 */
export function endOf({ time, sequences, timeline }) {
  const last = timeline.t.at(-1);
  return Math.max(
    time.began_t + 1,
    ...sequences.map(({ end_t }) => end_t),
    ...(last === undefined ? [] : [last + timeline.row_s]),
  );
}

/**
 * The pose in which the student was, or was to be.
 * @param {Report} report
 * @param {number} t
 */
export function sequenceAt({ sequences }, t) {
  return sequences.find((each) => t >= each.t && t < each.end_t) ?? null;
}

/**
 * Where the instructor's film was, as far as the report tells: it is known at every pose and every
 * cue, and goes from one to the next at an even pace.
 * @param {Report} report
 * @returns {(t: number) => number}
 */
export function filmClock({ sequences, cues, moments = [] }) {
  const known = [...sequences, ...cues, ...moments]
    .map(({ t, routine_t }) => ({ t, routine_t }))
    .sort((a, b) => a.t - b.t);
  return (t) => {
    const next = known.findIndex((each) => each.t > t);
    const [before, after] = [known[(next < 0 ? known.length : next) - 1], known[next]];
    if (!before) return after ? Math.max(0, after.routine_t - (after.t - t)) : 0;
    const passed = t - before.t;
    if (!after || after.routine_t < before.routine_t) return before.routine_t + passed;
    // It may have run slower or faster, or have waited.
    const pace = (after.routine_t - before.routine_t) / (after.t - before.t);
    return before.routine_t + passed * pace;
  };
}
