"""The parts of the pages that carry what was chosen: wishes, words, stance, the waiting film."""

from enum import StrEnum
from typing import Final

import pytest
from browser.test_page_modules import run
from playwright.sync_api import Page

from coach_server.coaching.choices import Language, Tempo
from coach_server.coaching.deviation import Strictness
from coach_server.coaching.routine import Mirror
from coach_server.sessions.coach_state import words_of

pytestmark = pytest.mark.browser


def test_preferences_that_make_no_sense_are_passed_over(module_page: Page) -> None:
    found = run(
        module_page,
        "preferences",
        """
        const read = (text) => {
          localStorage.setItem('practice-preferences', text);
          return m.loadPreferences();
        };
        const wish = { muted: true, strictness: 'strict', mirror: 'auto', tempo: 'free',
          language: 'hi', view: 'over', gestures: false, listens: true };
        m.savePreferences(wish);
        const kept = m.loadPreferences();
        const senseless = JSON.stringify({ muted: 1, strictness: 'none', mirror: 'no', tempo: null,
          language: 'tlh', view: 'none', gestures: null, listens: 1 });
        const others = ['null', '[', senseless].map(read);
        localStorage.clear();
        return [kept, ...others];
        """,
    )
    wish = {"muted": True, "strictness": "strict", "mirror": "auto", "tempo": "free"}
    usual = {"muted": False, "strictness": "default", "mirror": None, "tempo": "video"}
    wish |= {"language": "hi", "view": "over", "gestures": False, "listens": True}
    usual |= {"language": "en", "view": "side", "gestures": True, "listens": False}
    assert found == [wish, *[usual] * 3]


def test_every_choice_of_the_page_is_one_of_the_server(module_page: Page) -> None:
    offered = module_page.evaluate(
        """async () => {
          const page = new DOMParser().parseFromString(
            await (await fetch('/practice')).text(), 'text/html');
          return ['strictness', 'mirror', 'tempo', 'language'].map((name) =>
            [...page.querySelectorAll(`#choice-${name} option`)].map(({ value }) => value).sort());
        }"""
    )
    kinds: list[type[StrEnum]] = [Strictness, Mirror, Tempo, Language]
    assert offered == [sorted(str(choice) for choice in kind) for kind in kinds]


def test_before_the_server_has_spoken_the_page_says_what_the_server_would(
    module_page: Page,
) -> None:
    english = run(module_page, "words", "return m.ENGLISH;")
    assert english == words_of(Language.ENGLISH)


def test_the_board_speaks_the_language_of_the_server_and_fills_what_it_lacks(
    module_page: Page,
) -> None:
    told = run(
        module_page,
        "words",
        """
        const { CueBoard } = await import('/static/js/cues.js');
        const board = new CueBoard();
        const silences = { moving: 'Beweg dich' };
        board.words = m.wordsOf({ language: 'de', silences, phrases: {} });
        let now = 0;
        const said = () => {
          const { text, language } = board.saying((now += 2000));
          return [text, language];
        };
        board.setSilence('moving');
        const lines = [said()];
        board.setSilence(null);
        lines.push(said());
        board.note('mirrored', now);
        lines.push(said(), [board.saying((now += 5000)).text, 'de']);
        board.setAbsence({ tone: 'trouble', text: 'gone' });
        lines.push(said());
        return lines;
        """,
    )
    assert told == [
        ["Beweg dich", "de"],
        ["Nothing to correct", "de"],
        ["I compare as in a mirror", "de"],
        ["Nothing to correct", "de"],
        ["gone", "en"],
    ]


def test_the_stance_is_asked_for_a_while_and_thanked_for(module_page: Page) -> None:
    said = run(
        module_page,
        "stance",
        """
        const { CueBoard } = await import('/static/js/cues.js');
        const board = new CueBoard();
        const at = (stance, now, stage = 'framing') => stance.saying(stage, board, now).text;
        const stance = new m.Stance();
        const lines = [at(stance, 0)];
        stance.hear({ calibrated: false }, 100);
        lines.push(at(stance, 200), at(stance, 13000), at(stance, 13000, 'countdown'));
        stance.hear({ calibrated: true }, 14000);
        lines.push(stance.saying('countdown', board, 14100).tone, at(stance, 14100));
        stance.hear({ calibrated: true }, 18000);
        lines.push(at(stance, 18000), at(stance, 18000, 'countdown'));
        const film = new m.Stance();
        film.isFilm = true;
        film.hear({ calibrated: false }, 0);
        lines.push(at(film, 100));
        const old = new m.Stance();
        old.hear({}, 0);
        lines.push(at(old, 13000));
        stance.handsFree = true;
        return [...lines, at(stance, 18000), stance.saying('framing', board, 18000).tone];
        """,
    )
    back, ask, start = (
        "Stand about three metres away, then start.",
        "Stand at ease for a moment, arms by your sides",
        "Start when you like.",
    )
    assert said == [
        *(back, ask, start, "Get ready", "praise", "Good, now I know how you stand"),
        *(start, "Get ready", start, ask, "Raise both arms to start.", "guide"),
    ]


FILM: Final = """
    class Film extends EventTarget {
      paused = true; ended = false; seeking = false; readyState = 4; HAVE_FUTURE_DATA = 3;
      playbackRate = 1; currentTime = 7; duration = 60;
      #tell(what) { queueMicrotask(() => this.dispatchEvent(new Event(what))); }
      play() { if (this.paused) this.#tell('play'); this.paused = false; return Promise.resolve(); }
      pause() { if (!this.paused) this.#tell('pause'); this.paused = true; }
    }
    const film = new Film();
    const told = [];
    const player = new m.Player(film, { onClock: ({ playing }) => told.push(playing), onEnd() {} });
    const settle = () => new Promise((resolve) => setTimeout(resolve));
    const does = async (...acts) => {
      for (const act of acts) { act(); await settle(); }
      return [!film.paused, player.waits];
    };
    const [waits, goes] = [() => player.wait(true), () => player.wait(false)];
    const [play, pause, toggle] = ['play', 'pause', 'toggle'].map((act) => () => player[act]());
"""
"""A film of which only the logic is there; `does` gives whether it runs and whether it waits."""


@pytest.mark.parametrize(
    ("acts", "outcome"),
    [
        ("play, waits", [False, True]),
        ("play, waits, waits, goes", [True, False]),
        ("play, pause, waits", [False, False]),
        ("play, pause, waits, goes", [False, False]),
        ("play, waits, toggle", [True, False]),
        ("play, waits, toggle, waits", [True, False]),
        ("play, waits, toggle, pause, goes", [False, False]),
        ("play, waits, toggle, goes, waits", [False, True]),
        ("play, waits, () => film.play(), () => film.pause(), goes", [False, False]),
        ("play, waits, pause, goes", [False, False]),
        ("play, waits, () => player.goOn()", [True, False]),
        ("play, pause, waits, () => player.goOn()", [False, False]),
        ("() => { play(); waits(); }, goes", [True, False]),
        ("waits, play, goes", [True, False]),
    ],
)
def test_the_film_waits_and_goes_on_but_never_against_its_user(
    module_page: Page, acts: str, outcome: list[bool]
) -> None:
    assert run(module_page, "player", f"{FILM} return does({acts});") == outcome


def test_the_server_is_told_that_a_waiting_film_stands_still(module_page: Page) -> None:
    told = run(module_page, "player", f"{FILM} await does(play, waits, goes); return told;")
    assert told == [True, False, True]


def test_a_busy_coach_is_sent_less_and_later_all_again(module_page: Page) -> None:
    found = run(
        module_page,
        "sent_picture",
        """
        const pc = new RTCPeerConnection();
        const track = document.createElement('canvas').captureStream(30).getVideoTracks()[0];
        pc.addTransceiver(track, { sendEncodings: m.usualEncodings() });
        const sent = () => {
          const [encoding] = pc.getSenders()[0].getParameters().encodings;
          return [encoding.maxFramerate, encoding.scaleResolutionDownBy];
        };
        const seen = [sent()];
        for (const [max_fps, scale_down] of [[15, 1.5], [0, NaN], [30, 1]]) {
          await m.sendAsAsked(pc, { type: 'camera', max_fps, scale_down });
          seen.push(sent());
        }
        pc.close();
        return seen;
        """,
    )
    assert found == [[30, 1], [15, 1.5], [30, 1], [30, 1]]
