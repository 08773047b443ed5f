// The practice page, from the first question to the summary.

import { CameraError, EXPLANATIONS, openCamera, stopStream } from './camera.js';
import { fetchChapters } from './chapters.js';
import { languageName, offerChoices, offerNoFollowing, suggestMirror } from './choices.js';
import { CoachView } from './coach_view.js';
import { Connection } from './connection.js';
import { countDown } from './countdown.js';
import { byId, setText } from './dom.js';
import { FilmCamera, filmNamed } from './film_camera.js';
import { listenToKeys } from './keys.js';
import { watchCamera } from './local_frames.js';
import { playerMessage, settingsMessage } from './messages.js';
import { Player } from './player.js';
import { loadPreferences, savePreferences } from './preferences.js';
import { ServerRefusal, findRoutine, holdsOf, routineFile } from './routines.js';
import { Voice } from './speech.js';
import { Stages } from './stages.js';
import { cueItems, reportPage, reportedCues, verdict } from './summary.js';
import { keepAwake } from './wake_lock.js';

const COUNTDOWN_S = 5;
const REFRESH_MS = 100;
/** The instructor's sound under the coach's voice. */
const DUCKED = 0.25;
const ASKING = 'Your browser asks for the camera: choose Allow.';
const OPENING = 'Opening the demo';
/** The rendered student goes with the film, on the instructor's own sides, whoever watches. */
const FILM_FOLLOWS = { mirror: 'same', tempo: 'video' };

const query = new URLSearchParams(location.search);
const routineId = query.get('routine') ?? 'demo';
const filmAddress = filmNamed(query.get('camera'));
let preferences = loadPreferences();
/**
 * How this routine is followed unless the student chooses.
 * @type {import('./routines.js').Mirror}
 */
let routineMirror = 'same';

const stages = new Stages();
const view = new CoachView();
const voice = new Voice({
  muted: preferences.muted,
  language: preferences.language,
  onSpeaking: (speaking) => (player.film.volume = speaking ? DUCKED : 1),
});
const player = new Player(byId('instructor', HTMLVideoElement), {
  onClock: (clock) => {
    filmCamera?.follow(clock);
    connection?.send(playerMessage(clock));
    setText(byId('toggle-label', HTMLElement), clock.playing ? 'Pause' : 'Play');
  },
  onEnd: () => void finish(),
});

/** @type {FilmCamera | null} */
let filmCamera = null;
/** @type {MediaStream | null} */
let stream = null;
let stopWatching = () => {};
/** @type {Connection | null} */
let connection = null;
let called = new AbortController();

/** Learns what is to be practised. */
async function load() {
  try {
    const routine = await findRoutine(routineId);
    view.title = routine.title;
    view.holds = holdsOf(routine);
    routineMirror = routine.mirror ?? 'same';
    if (preferences.mirror === null) suggestMirror(routineMirror);
    document.title = `${routine.title} · Practice coach`;
    setText(byId('ready-title', HTMLElement), routine.title);
    byId('ready-poster', HTMLImageElement).src = routine.poster;
    player.film.poster = routine.poster;
    player.film.src = routineFile(routineId, 'video');
    if (filmAddress) introduceDemo();
    stages.show('ready');
    view.chapters = await fetchChapters(routineFile(routineId, 'chapters'));
  } catch (error) {
    fail(/** @type {ServerRefusal} */ (error));
  }
}

function introduceDemo() {
  view.stance.isFilm = true;
  setText(
    byId('ready-lead', HTMLElement),
    'A rendered student practises this routine in your place. Your camera stays off.',
  );
  setText(byId('allow', HTMLElement), 'Begin the demo');
  byId('ready-promises', HTMLElement).hidden = true;
  byId('ready-demo', HTMLElement).hidden = true;
  offerNoFollowing();
  byId('failure-demo', HTMLElement).hidden = true;
}

/** Opens the camera, shows it, and calls the coach. */
async function prepare() {
  if (stages.now !== 'ready') return;
  setText(byId('asking', HTMLElement), filmAddress ? OPENING : ASKING);
  stages.show('asking');
  try {
    stream = filmAddress ? await openFilm(filmAddress) : await openOwn();
  } catch (error) {
    fail(/** @type {Error} */ (error));
    return;
  }
  const [track] = stream.getVideoTracks();
  track.addEventListener('ended', () => fail(new CameraError('absent')));
  stages.show('framing');
  // From here on the film's first frame is seen: it shows the pose to begin with.
  player.film.removeAttribute('poster');
  keepAwake();
  connection = new Connection({
    track,
    routine: routineId,
    onPose: (pose) => view.onPose(pose),
    onControl: hear,
    onLink,
    onOpen: greet,
  });
  void connection.keep();
}

/** @param {import('./messages.js').ServerMessage} message */
function hear(message) {
  voice.say(view.onControl(message));
  if (message.type === 'state') player.wait(stages.now === 'practice' && message.wait === true);
  // A coach in trouble does not see the student come.
  if (message.type === 'error') player.goOn();
}

/** @param {import('./connection.js').Link} link */
function onLink(link) {
  view.onLink(link);
  // Nobody is there to say that the film may go on; a new line says anew that it should wait.
  if (link.state !== 'live') player.wait(false);
}

/** @param {string} address */
async function openFilm(address) {
  filmCamera = new FilmCamera(address);
  return filmCamera.open((frame) => view.self.onFrame(frame));
}

async function openOwn() {
  const opened = await openCamera();
  stopWatching = watchCamera(opened, (frame) => view.self.onFrame(frame));
  return opened;
}

/** Tells a new line all that it cannot know. */
function greet() {
  const { strictness, language } = preferences;
  const own = { mirror: preferences.mirror ?? routineMirror, tempo: preferences.tempo };
  const { mirror, tempo } = filmAddress ? FILM_FOLLOWS : own;
  view.findsSides = mirror === 'auto';
  connection?.send(
    settingsMessage({ strictness, mirror, tempo, voice: !voice.muted, language }),
  );
  connection?.send(playerMessage(player.clock()));
}

async function start() {
  if (stages.now !== 'framing') return;
  stages.show('countdown');
  called = new AbortController();
  const number = byId('number', HTMLElement);
  const done = await countDown(COUNTDOWN_S, (left) => setText(number, String(left)), called.signal);
  setText(number, '');
  if (!done) return;
  stages.show('practice');
  await player.play();
}

async function finish() {
  if (stages.now !== 'practice') return;
  const session = connection?.session ?? null;
  const { history, everJudged } = view.board;
  stages.show('summary');
  release();
  showOutcome(history, everJudged);
  offerReport(session);
  const reported = await reportedCues(session);
  if (reported.length >= history.length) showOutcome(reported, everJudged);
}

/**
 * @param {import('./cues.js').CueRecord[]} cues
 * @param {boolean} judged
 */
function showOutcome(cues, judged) {
  setText(byId('summary-verdict', HTMLElement), verdict(cues, judged));
  const items = cueItems(cues, preferences.language);
  byId('summary-cues', HTMLElement).replaceChildren(...items);
}

/** @param {string | null} session none where the coach was never reached */
function offerReport(session) {
  const link = byId('whole-report', HTMLAnchorElement);
  link.hidden = session === null;
  if (session !== null) link.href = reportPage(session);
}

/** Gives the camera and the coach's place back. */
function release() {
  voice.stop();
  connection?.close();
  connection = null;
  stopWatching();
  filmCamera?.close();
  if (stream) stopStream(stream);
}

/** @param {Error} error a CameraError, a ServerRefusal, or a film that cannot be played */
function fail(error) {
  called.abort();
  player.pause();
  release();
  const told = error instanceof CameraError ? EXPLANATIONS[error.fault] : null;
  const hint = error instanceof ServerRefusal ? error.hint : '';
  setText(byId('failure-title', HTMLElement), told?.title ?? error.message);
  setText(byId('failure-text', HTMLElement), told?.text ?? hint);
  byId('failure', HTMLElement).dataset.fault = error instanceof CameraError ? error.fault : '';
  stages.show('failure');
}

function toggle() {
  if (stages.now === 'framing') void start();
  else if (stages.now === 'practice') player.toggle();
}

/** @param {1 | -1} way */
function step(way) {
  if (stages.now === 'practice') player.step(way);
}

function mute() {
  voice.setMuted(!voice.muted);
  prefer({ muted: voice.muted });
  showMute();
  greet();
}

/** @param {Partial<import('./preferences.js').Preferences>} wish */
function prefer(wish) {
  preferences = { ...preferences, ...wish };
  savePreferences(preferences);
  voice.language = preferences.language;
  showVoice();
}

function showVoice() {
  const line = byId('voiceless', HTMLElement);
  const lacking = voice.isForeign ? `No voice for ${languageName()}` : 'No voice';
  setText(line, `${lacking} on this machine: cues are shown only.`);
  line.hidden = voice.available;
}

function showMute() {
  player.film.muted = voice.muted;
  byId('mute', HTMLElement).setAttribute('aria-pressed', String(voice.muted));
  setText(byId('mute-label', HTMLElement), voice.muted ? 'Muted' : 'Mute');
}

function leave() {
  location.assign('/');
}

/** @type {[string, () => void][]} */
const BUTTONS = [
  ['allow', () => void prepare()],
  ['retry', () => location.reload()],
  ['again', () => location.reload()],
  ['start', () => void start()],
  ['toggle', toggle],
  ['back', () => step(-1)],
  ['on', () => step(1)],
  ['mute', mute],
];
for (const [id, press] of BUTTONS) byId(id, HTMLButtonElement).addEventListener('click', press);
listenToKeys({ toggle, step, mute, leave }, () => stages.now !== 'loading');
addEventListener('pagehide', release);
// A page brought back from the browser's memory has given its camera and its place away.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
offerChoices(preferences, prefer);
voice.onVoices(showVoice);
showVoice();
showMute();
setInterval(
  () => {
    const { paused, currentTime: t } = player.film;
    view.refresh({ stage: stages.now, paused, waits: player.waits, t });
  },
  REFRESH_MS,
);
void load();
