"""The student's own choices at work: the film that waits, the language, the side found out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from browser.chromium import DESKTOP, PHONE, OpenPage, Scheme
from browser.practice_page import PracticePage, noted, until
from browser.scripted_server import SAID, WAITS_FROM_S
from browser.server_process import ServerProcess, StartScripted
from browser.test_every_page import LEAST_CUE, LEAST_CUE_UPRIGHT, cue_height, fits
from browser.test_ready_sheet import LISTENING, settings_told
from playwright.sync_api import Page, expect

from coach_server.coaching.choices import Language
from coach_server.coaching.silence import Silence
from coach_server.coaching.wording import Phrase, phrase, silence

pytestmark = pytest.mark.browser

WINDOWS: Final = [(DESKTOP, "dark"), (PHONE, "light")]
NAMES: Final = [f"{size[0]}x{size[1]}-{scheme}" for size, scheme in WINDOWS]

HEARING: Final = """
    window.heard = [];
    const create = RTCPeerConnection.prototype.createDataChannel;
    window.lines = [];
    RTCPeerConnection.prototype.createDataChannel = function (label, options) {
      const channel = create.call(this, label, options);
      window.lines.push(this);
      if (label === 'control') {
        channel.addEventListener('message', ({ data }) => window.heard.push(JSON.parse(data)));
      }
      return channel;
    };
"""
"""Keeps what the server says on `control`."""

VOICES: Final = """
    window.spoken = [];
    window.SpeechSynthesisUtterance = class extends EventTarget {
      constructor(text) { super(); this.text = text; }
    };
    const voices = ['en-US', 'de-DE', 'zh-HK', 'zh_CN'].map((lang) => (
      { lang, localService: true, default: lang === 'en-US', name: lang }));
    Object.defineProperty(window, 'speechSynthesis', { value: {
      getVoices: () => voices,
      speak: (utterance) => {
        window.spoken.push([utterance.text, utterance.lang, utterance.voice.name]);
        utterance.dispatchEvent(new Event('end'));
      },
      cancel: () => {},
    } });
"""
"""A machine that speaks three languages, and Cantonese."""

STOOD_STILL: Final = "film => film.paused"
RUNS: Final = "() => !document.querySelector('#instructor').paused"


NOTE_SIGNED: Final = """text => {
  const band = document.getElementById('band');
  const look = () => {
    window.signed ||= band.innerText.includes(text) && band.checkVisibility()
      && band.querySelector('#sign svg')?.checkVisibility();
  };
  new MutationObserver(look).observe(band, { childList: true, subtree: true });
  look();
}"""
"""Notes whether a text is ever shown with a sign."""


@contextmanager
def practising(
    open_page: OpenPage, server: ServerProcess, choices: dict[str, str], **options: Any
) -> Iterator[PracticePage]:
    """A practice with these choices, from the moment that the coach sees."""
    init = HEARING + LISTENING + options.pop("init", "")
    with open_page(server, init=init, **options) as page:
        practice = PracticePage(page)
        practice.open(server.address)
        noted(page, "#band")
        page.evaluate(NOTE_SIGNED, phrase(Phrase.CALIBRATED))
        for name, value in choices.items():
            page.select_option(f"#choice-{name}", value)
        page.focus("#allow")
        practice.allow()
        practice.live()
        yield practice


def shown(page: Page) -> list[str]:
    """All that the coach's band has shown."""
    return list(page.evaluate("window.noted['#band']"))


def heard(page: Page, state: str) -> None:
    """Wait until the server has said such a state, as a JavaScript condition on `state`."""
    page.wait_for_function(
        f"() => window.heard.some((state) => state.type === 'state' && ({state}))", timeout=30_000
    )


def last_state(page: Page, state: str) -> None:
    """Wait until the last state is such a one."""
    page.wait_for_function(
        "() => { const state = window.heard.findLast(({ type }) => type === 'state');"
        f" return state && ({state}); }}",
        timeout=30_000,
    )


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_the_film_waits_for_the_student_and_says_so(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
    right_camera: Path,
    screenshots: Path,
) -> None:
    options = {"camera": right_camera, "size": size, "scheme": scheme}
    with practising(open_page, scripted, {"tempo": "free"}, **options) as practice:
        page = practice.page
        practice.start()
        assert practice.tone("halt") == phrase(Phrase.WAITING)
        assert page.eval_on_selector("#instructor", STOOD_STILL)
        expect(page.locator("#toggle-label")).to_have_text("Play")
        page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-waiting.png")
        upright = size[1] > size[0]
        assert cue_height(page) >= (LEAST_CUE_UPRIGHT if upright else LEAST_CUE)
        assert fits(page)
        last_state(page, "!state.wait")
        page.wait_for_function(RUNS)
        expect(page.locator("#toggle-label")).to_have_text("Pause")
        told = page.evaluate(
            "window.told.map((text) => JSON.parse(text)).filter(({ type }) => type === 'player')"
            ".map(({ playing }) => playing)"
        )
    ran = [playing for i, playing in enumerate(told) if i == 0 or told[i - 1] != playing]
    assert ran[:4] == [False, True, False, True]


def test_a_pause_made_by_hand_outlasts_the_wait(
    scripted: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    with practising(open_page, scripted, {"tempo": "free"}, camera=right_camera) as practice:
        page = practice.page
        practice.start()
        page.keyboard.press("Space")
        for _ in range(2):  # to where the script waits
            page.keyboard.press("ArrowRight")
            page.wait_for_function("() => !document.querySelector('#instructor').seeking")
        assert page.eval_on_selector("#instructor", "film => film.currentTime") > WAITS_FROM_S
        heard(page, "state.wait")
        expect(page.locator("#line")).to_have_text(re.compile("^Paused"))
        last_state(page, "!state.wait")
        page.wait_for_timeout(500)
        assert page.eval_on_selector("#instructor", STOOD_STILL)
        page.keyboard.press("Space")
        page.wait_for_function(RUNS)


def test_a_line_that_is_lost_lets_the_film_go_on(
    start_scripted: StartScripted, open_page: OpenPage, right_camera: Path
) -> None:
    server = start_scripted()
    with practising(open_page, server, {"tempo": "free"}, camera=right_camera) as practice:
        page = practice.page
        practice.start()
        practice.tone("halt")
        page.route("**/api/offer", lambda route: route.abort())
        page.evaluate("() => window.lines.at(-1).close()")
        practice.tone("trouble")
        page.wait_for_function(RUNS)
        page.unroute("**/api/offer")


def test_the_film_waits_for_nobody_unless_asked(
    scripted: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    with practising(open_page, scripted, {}, camera=right_camera) as practice:
        practice.start()
        practice.page.wait_for_function(
            f"() => document.querySelector('#instructor').currentTime > {WAITS_FROM_S} + 1"
        )
        assert not practice.page.eval_on_selector("#instructor", STOOD_STILL)


@pytest.mark.parametrize(
    ("language", "voice"), [("de", "de-DE"), ("en", "en-US"), ("es", None), ("zh", "zh_CN")]
)
def test_cues_are_shown_and_spoken_in_the_language_chosen(
    language: str,
    voice: str | None,
    scripted: ServerProcess,
    open_page: OpenPage,
    right_camera: Path,
) -> None:
    said = SAID.get(Language(language), SAID[Language.ENGLISH])
    options = {"camera": right_camera, "init": VOICES}
    with practising(open_page, scripted, {"language": language}, **options) as practice:
        page = practice.page
        assert settings_told(page)["language"] == language
        practice.start()
        page.wait_for_function("() => window.heard.filter(({ type }) => type === 'cue').length > 2")
        assert page.evaluate("window.spoken") == (
            [[text, voice, voice] for text in said] if voice else []
        )
        expect(page.locator("#line")).to_have_attribute("lang", language)
        lines = shown(page)
        mended = lines.index(said[1], lines.index(said[0]))
        assert phrase(Phrase.JUDGING, Language(language)) in lines[mended:]


def test_a_language_without_a_voice_is_called_by_its_name(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=VOICES) as page:
        PracticePage(page).open(scripted.address)
        line = page.locator("#voiceless")
        expect(line).to_be_hidden()
        page.get_by_label("Cues in").select_option("हिन्दी")
        expect(line).to_have_text("No voice for हिन्दी on this machine: cues are shown only.")
        page.get_by_label("Cues in").select_option("中文")
        expect(line).to_be_hidden()
        page.reload()
        expect(page.get_by_label("Cues in")).to_have_value("zh")
        expect(line).to_be_hidden()


def test_the_stance_is_ticked_and_the_side_found_is_told(
    scripted: ServerProcess, open_page: OpenPage, right_camera: Path, screenshots: Path
) -> None:
    with practising(open_page, scripted, {"mirror": "auto"}, camera=right_camera) as practice:
        page = practice.page
        expect(page.locator("#start")).to_be_enabled()
        page.screenshot(path=screenshots / "at-ease.png")
        until(page, "window.signed")
        page.screenshot(path=screenshots / "calibrated.png")
        assert practice.detail()["Sides"] == "left with left, as the coach sees it"
        practice.start()
        until(page, lambda: phrase(Phrase.MIRRORED) in shown(page))
        assert phrase(Phrase.AT_EASE) in shown(page)
        detail = practice.detail()
        assert detail["Sides"] == "as in a mirror, as the coach sees it"
        assert detail["Stance at ease"] == "known"


def test_who_starts_at_once_is_not_held_up_by_the_stance(
    scripted: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    never = """
        const read = JSON.parse;
        JSON.parse = (text) => {
          const value = read(text);
          if (value?.type === 'state') value.calibrated = false;
          return value;
        };
    """
    with practising(open_page, scripted, {}, camera=right_camera, init=never) as practice:
        practice.start()
        assert practice.tone("correct") == SAID[Language.ENGLISH][0]


def test_who_is_too_near_is_told_before_and_while_the_film_waits(
    scripted: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    near = """
        const read = JSON.parse;
        JSON.parse = (text) => {
          const value = read(text);
          if (value?.type === 'state') value.silence = 'too_near';
          return value;
        };
    """
    with practising(
        open_page, scripted, {"tempo": "free"}, camera=right_camera, init=near
    ) as practice:
        line = practice.page.locator("#line")
        expect(line).to_have_text(silence(Silence.TOO_NEAR))
        practice.start()
        assert practice.tone("halt") == silence(Silence.TOO_NEAR)
