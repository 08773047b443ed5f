// The practice page, from the first question to the summary.

import './token.js';

import { offerCameras, preferredCamera } from './cameras.js';
import { fetchChapters } from './chapters.js';
import { offerChoices } from './choices.js';
import { CoachView } from './coach_view.js';
import { countDown } from './countdown.js';
import { byId, setText } from './dom.js';
import { InstructorTrack } from './figures/instructor_track.js';
import { showFailure } from './failure.js';
import { filmNamed } from './film_camera.js';
import { FilmControls, onPress, showToggle } from './film_controls.js';
import { Hands } from './hands.js';
import { listenToKeys } from './keys.js';
import { listenToMediaKeys } from './media_keys.js';
import { playerMessage, settingsMessage } from './messages.js';
import { More } from './more.js';
import { Player } from './player.js';
import { loadPreferences, savePreferences, wishOf } from './preferences.js';
import { introduce, offerDemo, offerToGoOn, tellAsking } from './ready_sheet.js';
import { findRoutine, holdsOf, routineFile } from './routines.js';
import { SigningView } from './signing_view.js';
import { Sight } from './sight.js';
import { SpokenWishes } from './spoken_wishes.js';
import { Sound } from './sound.js';
import { Stages } from './stages.js';
import { showOutcome } from './summary.js';
import { beginAnew, forgetUnfinished, noteUnfinished, unfinishedHere } from './unfinished.js';
import { VIEW_NAMES, Views, shape } from './views.js';
import { keepAwake } from './wake_lock.js';

const COUNTDOWN_S = 5;
const REFRESH_MS = 100;

const query = new URLSearchParams(location.search);
const routineId = query.get('routine') ?? 'demo';
const filmAddress = filmNamed(query.get('camera'));
const unfinished = unfinishedHere();
let preferences = loadPreferences();
/** @type {import('./routines.js').Mirror} how it is followed unless the student chooses */
let routineMirror = 'same';
let called = new AbortController();
let letSleep = () => {};

const stages = new Stages();
const view = new CoachView();
const { board, place, scene, stance } = view;
stance.isFilm = filmAddress !== null;
const views = new Views(byId('floor', HTMLElement), preferences.view);
const player = new Player(byId('instructor', HTMLVideoElement), {
  onClock: (clock) => {
    sight.follow(clock);
    sight.send(playerMessage(clock));
    showToggle(stages.now, clock.playing);
    if (stages.showsFilm) noteUnfinished(sight.resume, clock);
  },
  onEnd: () => void finish(),
  onBroken: (error) => stages.mayFail && fail(error),
});
scene.clock = () => player.clock();
const film = new FilmControls(player, place, tell, () => stages.showsFilm);
const sound = new Sound(player.film, preferences);
const sight = new Sight({
  routine: routineId,
  filmAddress,
  onFrame: (frame) => view.onFrame(frame),
  onPose: (pose) => {
    view.onPose(pose);
    hands.hear(pose, scene.aspect, performance.now());
  },
  onControl: hear,
  onLink,
  onOpen: greet,
  onLost: fail,
});
/** Which stands still, and would go on. */
const stands = () => stages.now === 'practice' && player.film.paused;
/** Which runs, or will. */
const goesOn = () =>
  stages.now === 'countdown' || (stages.now === 'practice' && (!player.film.paused || player.waits));
const hands = new Hands({
  mayGo: () => stages.now === 'framing' || (stands() && !player.waits),
  mayPause: goesOn,
  filmTime: () => player.film.currentTime,
  onGo: toggle,
  onPause: pause,
});
const signing = new SigningView();
const more = new More({
  onView: (name) => prefer({ view: name }),
  onSpeed: (rate) => film.setSpeed(rate),
  onLoop: (wanted) => film.loop(wanted),
  onChapter: (chapter) => film.goTo(chapter),
});
const wishes = new SpokenWishes(
  {
    start: () => (stages.now === 'framing' || stands()) && toggle(),
    play: () => stands() && toggle(),
    pause: () => goesOn() && pause(),
    back: () => film.step(-1),
    on: () => film.step(1),
    slower: () => film.speed(-1),
    faster: () => film.speed(1),
    again: () => film.loop(),
    mute,
  },
  (text) => board.tell(text, performance.now()),
);
const controls = {
  toggle,
  mute,
  film,
  view: () => prefer({ view: views.next() }),
  leave: () => more.close() || view.close() || location.assign('/'),
};

/** Learns what is to be practised. */
async function load() {
  try {
    const routine = await findRoutine(routineId);
    place.title = routine.title;
    place.holds = holdsOf(routine);
    routineMirror = routine.mirror ?? 'same';
    introduce(routine, preferences.mirror !== null);
    player.film.poster = routine.poster;
    player.film.src = routineFile(routineId, 'video');
    if (filmAddress) offerDemo();
    if (unfinished) offerToGoOn(player.film, unfinished);
    stages.show('ready');
    const steps = { step: film.step.bind(film), jump: film.jump.bind(film) };
    const shown = { title: routine.title, artwork: routine.poster };
    listenToMediaKeys({ toggle, runs: goesOn, ...steps }, shown);
    place.chapters = await fetchChapters(routineFile(routineId, 'chapters'));
    more.offer(place.chapters);
    scene.track = hands.track = await InstructorTrack.fetch(routineId);
  } catch (error) {
    fail(/** @type {Error} */ (error));
  }
}

/** Opens the camera, shows it, and calls the coach. */
async function prepare() {
  if (stages.now !== 'ready') return;
  tellAsking(filmAddress !== null);
  stages.show('asking');
  try {
    await sight.open(filmAddress ? null : preferredCamera());
  } catch (error) {
    fail(/** @type {Error} */ (error));
    return;
  }
  wishes.listen(preferences.listens, preferences.language);
  stages.show('framing');
  // From here on the film's first frame is seen: it shows the pose to begin with.
  player.film.removeAttribute('poster');
  letSleep = keepAwake();
  sight.connect(unfinished?.resume ?? null);
  if (!filmAddress) void offerCameras(() => sight.deviceId, (id) => sight.change(id).catch(fail));
}

/** @param {import('./messages.js').ServerMessage} message */
function hear(message) {
  sound.say(view.onControl(message));
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

/** Tells a new line all that it cannot know. */
function greet() {
  const wish = wishOf(preferences, routineMirror, filmAddress !== null);
  view.findsSides = wish.mirror === 'auto';
  sight.send(settingsMessage({ ...wish, voice: !sound.muted }));
  sight.send(playerMessage(player.clock()));
}

async function start() {
  if (stages.now !== 'framing') return;
  stages.show('countdown');
  showToggle('countdown', false);
  called = new AbortController();
  const number = byId('number', HTMLElement);
  const done = await countDown(COUNTDOWN_S, (left) => setText(number, String(left)), called.signal);
  setText(number, '');
  if (done) await player.play();
  if (!stages.is('failure')) stages.show(done ? 'practice' : 'framing');
}

async function finish() {
  if (stages.now !== 'practice') return;
  const { session } = sight;
  stages.show('summary');
  forgetUnfinished();
  release();
  await showOutcome(board, session, preferences.language);
}

function release() {
  letSleep();
  wishes.listen(false, preferences.language);
  sound.stop();
  sight.close();
}

/** @param {Error} error */
function fail(error) {
  called.abort();
  stages.show('failure');
  player.pause();
  release();
  showFailure(error);
}

function toggle() {
  if (stages.now === 'framing') void start();
  else if (stages.now === 'countdown') called.abort();
  else if (stages.now === 'practice') player.toggle();
}

/** @param {string} text a word about what has been changed, seen from where one stands */
function tell(text) {
  if (stages.showsFilm) board.tell(text, performance.now());
}

function pause() {
  if (stages.now === 'countdown') called.abort();
  else player.pause();
}

function mute() {
  prefer({ muted: !sound.muted });
  tell(sound.muted ? 'Muted' : 'Sound on');
  greet();
}

/** @param {Partial<import('./preferences.js').Preferences>} wish */
function prefer(wish) {
  preferences = { ...preferences, ...wish };
  savePreferences(preferences);
  apply();
  if (wish.view) tell(VIEW_NAMES[wish.view]);
}

function apply() {
  sound.prefer(preferences);
  void wishes.offer(preferences.language, preferences.listens);
  views.show(preferences.view);
  hands.enabled = preferences.gestures && !filmAddress;
  view.handsFree = stance.handsFree = hands.enabled;
}

function refresh() {
  const { paused, currentTime: t } = player.film;
  scene.show(views.now, stages.showsFilm);
  if (!stages.showsFilm) return;
  view.refresh({ stage: stages.now, paused, waits: player.waits, t });
  signing.show(hands.signing);
  const chapter = film.chapter ? place.chapters.indexOf(film.chapter) : -1;
  more.show({ view: views.now, rate: player.rate, loops: player.loop !== null, chapter });
}

/** @type {Record<string, () => void>} */
const BUTTONS = {
  allow: () => void prepare(),
  retry: () => location.reload(),
  again: beginAnew,
  anew: beginAnew,
  start: () => void start(),
  toggle,
  mute,
  back: () => film.step(-1),
  on: () => film.step(1),
};
for (const [id, press] of Object.entries(BUTTONS)) {
  onPress(byId(id, HTMLButtonElement), press);
}
listenToKeys(controls, () => stages.showsFilm);
addEventListener('pagehide', release);
// A page brought back from the browser's memory has given its camera and its place away.
addEventListener('pageshow', ({ persisted }) => persisted && beginAnew());
player.film.addEventListener('seeking', () => board.jump());
player.film.addEventListener('loadedmetadata', () => {
  const { videoWidth, videoHeight } = player.film;
  shape(byId('instructor', HTMLElement), videoWidth, videoHeight);
});
sound.onSpeaking = (/** @type {boolean} */ speaking) => wishes.hush(speaking);
offerChoices(preferences, prefer);
apply();
setInterval(refresh, REFRESH_MS);
void load();
