"""A practice steered by voice, where the browser understands speech by itself."""

from typing import Final

import pytest
from browser.chromium import OpenPage
from browser.practice_page import PracticePage, until
from browser.server_process import ServerProcess

pytestmark = pytest.mark.browser

HEARING: Final = """
    class Recogniser extends EventTarget {
      processLocally = false;
      start() { window.listening = this; }
      abort() { window.listening = null; this.dispatchEvent(new Event('end')); }
      static async available() { window.asked = true; return 'available'; }
    }
    Recogniser.prototype.processLocally = false;
    window.SpeechRecognition = Recogniser;
    const results = [];
    window.say = (transcript) => {
      results.push(Object.assign([{ transcript }], { isFinal: true }));
      window.listening.dispatchEvent(
        Object.assign(new Event('result'), { resultIndex: results.length - 1, results }));
    };
"""


def test_a_practice_is_steered_by_voice_once_that_was_asked_for(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    paused = "document.getElementById('instructor').paused"
    with open_page(scripted, init=HEARING) as page:
        practice = PracticePage(page)
        practice.open(scripted.address, "routine=demo&camera=demo-faults")
        assert page.evaluate("document.featurePolicy?.allowsFeature('microphone') ?? true")
        assert page.evaluate("window.listening ?? null") is None
        page.check("#choice-listens")
        page.focus("#allow")
        practice.allow()
        practice.live()
        until(page, "window.listening?.processLocally === true")
        page.evaluate("say('Start, please.')")
        practice.stage("practice")
        until(page, f"!{paused}")
        page.evaluate("say('pause')")
        until(page, paused)
        page.evaluate("say('slower')")
        until(page, "document.getElementById('instructor').playbackRate === 0.75")
        page.evaluate("say('go on')")
        until(page, f"!{paused}")


def test_listening_is_offered_only_where_it_stays_here(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    afar = HEARING.replace("return 'available'", "return 'downloadable'")
    with open_page(scripted, init=afar) as page:
        practice = PracticePage(page)
        practice.open(scripted.address, "routine=demo&camera=demo-faults")
        until(page, "window.asked === true")
        page.wait_for_timeout(100)
        assert page.is_hidden("#offer-listens")
        assert page.evaluate("window.listening ?? null") is None
