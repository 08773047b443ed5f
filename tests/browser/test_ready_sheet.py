"""Before the practice: what the student chooses, and the browser's question for the camera."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from browser.chromium import DESKTOP, PHONE, OpenPage, Scheme
from browser.practice_page import PracticePage
from browser.server_process import ServerProcess
from browser.test_every_page import fits
from browser.test_what_browsers_lack import VOICES
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WINDOWS: Final = [(DESKTOP, "dark"), (PHONE, "light")]
NAMES: Final = [f"{size[0]}x{size[1]}-{scheme}" for size, scheme in WINDOWS]

UNDECIDED: Final = """
    window.asked = 0;
    window.peers = 0;
    navigator.mediaDevices.getUserMedia = () => {
      window.asked += 1;
      return new Promise((resolve) => {
        window.answer = () => {
          const canvas = document.createElement('canvas');
          const context = canvas.getContext('2d');
          setInterval(() => context.fillRect(0, 0, 9, 9), 50);
          resolve(canvas.captureStream(30));
        };
      });
    };
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...options) { super(...options); window.peers += 1; }
    };
"""
"""A browser that asks, counts how often, and is answered by `answer()`."""

LISTENING: Final = """
    window.told = [];
    const send = RTCDataChannel.prototype.send;
    RTCDataChannel.prototype.send = function (text) {
      window.told.push(text);
      return send.call(this, text);
    };
"""
"""Keeps what the page sends on its channels."""

SHOWS_ITS_TEXT: Final = """select => {
    const given = select.offsetWidth;
    select.style.justifySelf = 'start';
    select.style.width = 'max-content';
    return given >= select.offsetWidth;
}"""
"""Whether a select is as wide as its longest choice."""

PRESS_TWICE: Final = "button => { button.click(); button.click(); }"


def settings_told(page: Page) -> dict[str, Any]:
    """The last settings that the page sent."""
    page.wait_for_function("window.told.some((text) => text.includes('settings'))")
    told: list[dict[str, Any]] = [json.loads(text) for text in page.evaluate("window.told")]
    return [message for message in told if message["type"] == "settings"][-1]


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_the_browser_is_asked_once_however_often_one_presses(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
    screenshots: Path,
) -> None:
    with open_page(scripted, init=UNDECIDED, size=size, scheme=scheme) as page:
        practice = PracticePage(page)
        practice.open(scripted.address)
        page.eval_on_selector("#allow", PRESS_TWICE)
        practice.stage("asking")
        page.keyboard.press("Enter")
        page.keyboard.press("Space")
        asking = page.locator("#asking")
        expect(asking).to_have_text("Your browser asks for the camera: choose Allow.")
        expect(asking).to_be_in_viewport(ratio=1)
        expect(asking).to_be_focused()
        expect(page.locator("#allow")).to_be_hidden()
        page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-asking.png")
        page.evaluate("() => window.answer()")
        practice.live()
        assert page.evaluate("[window.asked, window.peers]") == [1, 1]
        assert scripted.metric("coach_sessions") == 1


def test_the_demo_is_opened_once_however_often_one_presses(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=UNDECIDED) as page:
        practice = PracticePage(page)
        practice.open(scripted.address, "routine=demo&camera=demo-right")
        page.eval_on_selector("#allow", PRESS_TWICE)
        practice.live()
        assert page.evaluate("[window.asked, window.peers]") == [0, 1]


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_the_whole_sheet_is_seen_without_scrolling(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
) -> None:
    with open_page(scripted, size=size, scheme=scheme) as page:
        PracticePage(page).open(scripted.address)
        page.wait_for_load_state("networkidle")
        expect(page.locator("#voiceless")).to_be_visible()  # its tallest: this machine is mute
        for part in (
            "img",
            "#choice-strictness",
            "#choice-mirror",
            "#choice-tempo",
            "#choice-language",
            "#voiceless",
            "#allow",
            "#ready-demo",
        ):
            expect(page.locator(f"#ready {part}")).to_be_in_viewport(ratio=1)
        for choice in ("strictness", "mirror", "tempo", "language"):
            assert page.eval_on_selector(f"#choice-{choice}", SHOWS_ITS_TEXT), choice
        assert fits(page)


def test_what_is_chosen_by_keyboard_is_told_and_kept(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=UNDECIDED + LISTENING) as page:
        practice = PracticePage(page)
        practice.open(scripted.address)
        strictness = page.get_by_label("How strict")
        sides = page.get_by_label("Sides")
        expect(strictness).to_have_value("default")
        expect(sides).to_have_value("same")
        tempo = page.get_by_label("Tempo")
        language = page.get_by_label("Cues in")
        page.keyboard.press("Shift+Tab")
        expect(page.locator("#choice-gestures")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(language).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Tab")
        expect(tempo).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Tab")
        expect(sides).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Tab")
        expect(strictness).to_be_focused()
        page.keyboard.press("m")  # the choice's own key while it has the focus
        page.keyboard.press("ArrowRight")
        expect(page.locator("#mute")).to_have_attribute("aria-pressed", "false")
        page.reload()
        practice.stage("ready")
        expect(strictness).to_have_value("strict")
        expect(sides).to_have_value("mirrored")
        expect(tempo).to_have_value("free")
        expect(language).to_have_value("de")
        practice.allow()
        practice.stage("asking")
        page.evaluate("() => window.answer()")
        practice.live()
        told = settings_told(page)
        assert (told["strictness"], told["mirror"]) == ("strict", "mirrored")
        assert (told["tempo"], told["language"]) == ("free", "de")
        # The rendered student has the instructor's own sides, and goes with the film.
        practice.open(scripted.address, "routine=demo&camera=demo-right")
        expect(sides).to_be_hidden()
        expect(tempo).to_be_hidden()
        practice.allow()
        practice.live()
        told = settings_told(page)
        assert (told["strictness"], told["mirror"]) == ("strict", "same")
        assert (told["tempo"], told["language"]) == ("video", "de")


def test_a_machine_with_a_voice_of_its_own_is_not_called_mute(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=VOICES) as page:
        PracticePage(page).open(scripted.address)
        expect(page.locator("#voiceless")).to_be_hidden()


def test_a_voice_that_comes_late_is_noticed(scripted: ServerProcess, open_page: OpenPage) -> None:
    late = """
        const voices = [];
        const speech = new EventTarget();
        speech.getVoices = () => voices;
        speech.cancel = () => {};
        Object.defineProperty(window, 'speechSynthesis', { value: speech });
        window.voiceCame = () => {
          voices.push({ lang: 'en-US', localService: true, default: true, name: 'near' });
          speech.dispatchEvent(new Event('voiceschanged'));
        };
    """
    with open_page(scripted, init=late) as page:
        PracticePage(page).open(scripted.address)
        line = page.locator("#voiceless")
        expect(line).to_have_text("No voice on this machine: cues are shown only.")
        page.evaluate("() => window.voiceCame()")
        expect(line).to_be_hidden()
