"""Where a browser does not let the coach speak, what it shows stays and nothing breaks."""

from typing import Final

import pytest
from browser.axe import serious_faults_in_both_schemes
from browser.chromium import OpenPage
from browser.practice_page import PracticePage, noted, until
from browser.server_process import ServerProcess
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

VOICE: Final = """
    window.spoken = [];
    window.SpeechSynthesisUtterance = class extends EventTarget {
      constructor(text) { super(); this.text = text; }
    };
    const voices = [{ lang: 'en-US', localService: true, default: true, name: 'near' }];
    Object.defineProperty(window, 'speechSynthesis', { value: {
      getVoices: () => voices,
      speak: (utterance) => window.spoken.push(utterance),
      cancel: () => {},
    } });
"""
UNTOUCHED: Final = """
    Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } });
"""


def test_before_a_gesture_the_cue_is_seen_and_stays(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=VOICE + UNTOUCHED) as page:
        practice = PracticePage(page)
        practice.open(scripted.address, "routine=demo&camera=demo-faults")
        assert serious_faults_in_both_schemes(page) == []
        practice.allow()
        practice.live()
        lines = noted(page, "#band")
        practice.start()
        until(page, lambda: "Good, that's it." in lines())
        cue = lines().index("Bend your left knee more")
        assert lines()[cue + 1] == "Good, that's it.", "it is there until it is mended"
        assert page.evaluate("window.spoken.length") == 0


def test_a_voice_that_is_refused_lets_the_next_sentence_try(module_page: Page) -> None:
    told = module_page.evaluate(
        f"""async () => {{
          {VOICE}
          const {{ Voice }} = await import('/static/js/speech.js');
          Object.defineProperty(navigator, 'userActivation',
            {{ value: {{ hasBeenActive: true }}, configurable: true }});
          const states = [];
          const voice = new Voice(
            {{ muted: false, language: 'en', onSpeaking: (on) => states.push(on) }});
          voice.say('one');
          window.spoken.at(-1).dispatchEvent(new Event('error'));
          voice.say('two');
          return [window.spoken.map(({{ text }}) => text), states];
        }}"""
    )
    assert told == [["one", "two"], [True, False, True]]
