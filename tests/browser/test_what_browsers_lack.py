"""Where a browser lacks what Chromium has, the page says less and still works."""

from pathlib import Path

import pytest
from browser.chromium import OpenPage
from browser.practice_page import PracticePage, until
from browser.server_process import ServerProcess
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NO_CAPTURE_TIMES = """
    const watch = HTMLVideoElement.prototype.requestVideoFrameCallback;
    HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
      return watch.call(this, (now, { mediaTime, expectedDisplayTime }) =>
        callback(now, { mediaTime, expectedDisplayTime }));
    };
"""
NOTHING_MODERN = """
    delete HTMLVideoElement.prototype.requestVideoFrameCallback;
    delete window.speechSynthesis;
    delete Navigator.prototype.wakeLock;
    delete Navigator.prototype.userActivation;
    delete Navigator.prototype.mediaSession;
    delete window.SpeechRecognition;
    delete window.webkitSpeechRecognition;
    delete window.AudioContext;
"""
VOICES = """
    window.spoken = [];
    class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }
    window.SpeechSynthesisUtterance = Utterance;
    const voices = [
      { lang: 'en-GB', localService: false, default: true, name: 'far' },
      { lang: 'de-DE', localService: true, default: false, name: 'other' },
      { lang: 'en-US', localService: true, default: false, name: 'near' },
    ];
    Object.defineProperty(window, 'speechSynthesis', { value: {
      getVoices: () => voices,
      speak: (utterance) => window.spoken.push(utterance),
      cancel: () => {},
    } });
"""
NEW_VOICE = """
    const { Voice } = await import('/static/js/speech.js');
    const states = [];
    const voice = new Voice({ muted: false, language: 'en', onSpeaking: (on) => states.push(on) });
    const texts = () => window.spoken.map(({ text }) => text);
    const end = () => window.spoken.at(-1).dispatchEvent(new Event('end'));
"""


def test_the_demo_is_practised_where_nothing_tells_of_frames(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=NOTHING_MODERN) as page:
        practice = PracticePage(page)
        practice.begin(scripted.address, "routine=demo&camera=demo-faults")
        assert practice.tone("correct") == "Bend your left knee more"


@pytest.mark.parametrize("lacking", [NO_CAPTURE_TIMES, NOTHING_MODERN], ids=["times", "all"])
def test_the_coach_is_seen_and_heeded_all_the_same(
    lacking: str, scripted: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    with open_page(scripted, init=lacking, camera=right_camera) as page:
        practice = PracticePage(page)
        practice.begin(scripted.address)
        assert practice.tone("correct") == "Bend your left knee more"
        assert practice.tone("praise") == "Good, that's it."
        assert _is_painted(page, "picture")
        until(page, lambda: _is_painted(page, "overlay"))  # cleared while no pose comes


def _is_painted(page: Page, canvas: str) -> bool:
    return bool(
        page.eval_on_selector(
            f"#{canvas}",
            # From a copy: Chromium complains of who reads the same canvas twice.
            """canvas => {
              const { width, height } = canvas;
              const copy = Object.assign(document.createElement('canvas'), { width, height });
              const context = copy.getContext('2d', { willReadFrequently: true });
              context.drawImage(canvas, 0, 0);
              const { data } = context.getImageData(0, 0, width, height);
              return data.some((value, index) => index % 4 < 3 && value > 0);
            }""",
        )
    )


def test_nothing_is_spoken_before_a_gesture(scripted: ServerProcess, open_page: OpenPage) -> None:
    untouched = """
        Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } });
    """
    with open_page(scripted, init=VOICES + untouched) as page:
        page.goto(f"{scripted.address}/")
        assert (
            page.evaluate(f"async () => {{ {NEW_VOICE} voice.say('one'); return texts(); }}") == []
        )


def test_sentences_wait_for_each_other_and_only_the_newest_waits(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=VOICES) as page:
        page.goto(f"{scripted.address}/")
        page.click("h1")
        told = page.evaluate(
            f"""async () => {{
              {NEW_VOICE}
              for (const text of ['one', 'two', 'three']) voice.say(text);
              const during = texts();
              end();
              const after = texts();
              end();
              voice.setMuted(true);
              voice.say('four');
              return {{ during, after, all: texts(), states, by: window.spoken[0].voice.name }};
            }}"""
        )
    assert told == {
        "during": ["one"],
        "after": ["one", "three"],
        "all": ["one", "three"],
        "states": [True, False, True, False],
        "by": "near",
    }


def test_without_a_voice_of_the_machine_nothing_is_spoken(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(
        scripted, init=VOICES.replace("localService: true", "localService: false")
    ) as page:
        page.goto(f"{scripted.address}/")
        page.click("h1")
        assert (
            page.evaluate(f"async () => {{ {NEW_VOICE} voice.say('one'); return texts(); }}") == []
        )
