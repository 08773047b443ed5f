"""The line to the coach: full, lost, back, and given back."""

import re
import time
from typing import Final
from urllib.parse import urlsplit

import pytest
from browser.chromium import OpenPage, Watch
from browser.practice_page import PracticePage, until
from browser.server_process import ServerProcess, StartScripted

pytestmark = pytest.mark.browser

DEMO: Final = "routine=demo&camera=demo-right"
FILM_T: Final = "document.querySelector('#instructor').currentTime"
KEEP_PEERS: Final = """
    window.peers = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...options) { super(...options); window.peers.push(this); }
    };
"""


def wait_until_free(server: ServerProcess) -> None:
    """Until no student is connected; the test's own time limit bounds it."""
    while server.metric("coach_sessions") > 0:
        time.sleep(0.05)


def test_a_reload_frees_the_place(
    start_scripted: StartScripted, open_page: OpenPage, watch: Watch
) -> None:
    server = start_scripted(places=1)
    with open_page(server) as page:
        practice = PracticePage(page)
        for _ in range(3):
            practice.meet(server.address, DEMO)
        assert server.metric("coach_sessions") == 1
        assert len(practice.answers) >= 3  # a busy machine may need more than one way to a coach
        page.goto(f"{server.address}/")
        wait_until_free(server)
    assert watch.refusals == [], "its own place was taken, and free only when it asked again"


def test_a_closed_tab_frees_the_place(start_scripted: StartScripted, open_page: OpenPage) -> None:
    server = start_scripted(places=1)
    with open_page(server) as page:
        practice = PracticePage(page)
        practice.meet(server.address, DEMO)
        page.close()
        wait_until_free(server)


def test_a_full_coach_is_said_and_asked_again(
    start_scripted: StartScripted, open_page: OpenPage, watch: Watch
) -> None:
    server = start_scripted(places=1)
    with open_page(server) as page:
        first = PracticePage(page)
        first.meet(server.address, DEMO)
        other = page.context.new_page()
        watch.over(other)
        second = PracticePage(other)
        second.open(server.address, DEMO)
        second.allow()
        assert "place is taken" in second.tone("trouble")
        page.close()
        second.live()
    assert all("503" in refusal for refusal in watch.refusals)


def test_practice_survives_a_server_that_goes_and_comes_back(
    start_scripted: StartScripted, open_page: OpenPage, watch: Watch
) -> None:
    server = start_scripted()
    port = urlsplit(server.address).port
    assert port is not None
    with open_page(server) as page:
        practice = PracticePage(page)
        practice.begin(server.address, DEMO)
        server.stop()
        assert "reconnecting" in practice.tone("trouble")
        before = page.evaluate(FILM_T)
        start_scripted(port=port)
        practice.live()
        assert page.evaluate(FILM_T) > before
        assert page.get_attribute("body", "data-stage") == "practice"
        assert len(practice.answers) >= 2
    assert all("ERR_CONNECTION" in refusal or "503" in refusal for refusal in watch.refusals)


def test_a_lost_line_is_taken_up_with_the_same_session(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted, init=KEEP_PEERS) as page:
        practice = PracticePage(page)
        practice.meet(scripted.address, DEMO)
        page.route("**/api/offer", lambda route: route.abort())
        page.evaluate("() => { window.peers.at(-1).close(); }")
        practice.tone("trouble")
        page.unroute("**/api/offer")
        practice.live()
        sessions = [answer["session"] for answer in practice.answers]
        assert len(sessions) >= 2  # a busy machine may need more than one way back
        assert len(set(sessions)) == 1
        assert scripted.get_json(f"/api/sessions/{practice.session}/report")["connections"] >= 2


def test_a_practice_goes_on_in_a_page_that_is_loaded_again(
    start_scripted: StartScripted, open_page: OpenPage
) -> None:
    """As often as it is, and after a line that was lost."""
    server = start_scripted(places=1)
    with open_page(server, init=KEEP_PEERS) as page:
        practice = PracticePage(page)
        practice.begin(server.address, DEMO)
        page.evaluate("() => { window.peers.at(-1).close(); }")
        until(page, lambda: len(practice.answers) > 1)
        practice.live()
        page.keyboard.press(",")
        for _ in range(2):
            until(page, f"{FILM_T} > 2.5")
            left_t = page.evaluate(FILM_T)
            page.reload()
            practice.stage("ready")
            assert "goes on where you were, at 0:" in page.inner_text("#goes-on")
            page.reload()  # before anything is taken up
            practice.stage("ready")
            practice.allow()
            practice.live()
            assert page.evaluate(FILM_T) > left_t - 2
            assert page.evaluate("document.querySelector('#instructor').playbackRate") == 0.75
            practice.start()
            until(page, f"{FILM_T} > {left_t + 1}")
        assert len({answer["session"] for answer in practice.answers}) == 1
        report = server.get_json(f"/api/sessions/{practice.session}/report")
        assert report["connections"] >= 4  # a busy machine may need more than one way back
        page.reload()
        practice.stage("ready")
        page.click("#anew")
        page.wait_for_selector("#goes-on", state="hidden")
        practice.stage("ready")
        assert page.evaluate(FILM_T) == 0


def test_a_practice_whose_session_is_forgotten_begins_anew_where_the_film_was(
    start_scripted: StartScripted, open_page: OpenPage, watch: Watch
) -> None:
    server = start_scripted()
    port = urlsplit(server.address).port
    assert port is not None
    with open_page(server) as page:
        practice = PracticePage(page)
        practice.begin(server.address, DEMO)
        until(page, f"{FILM_T} > 2.5")
        server.stop()
        server = start_scripted(port=port)
        page.reload()
        practice.stage("ready")
        practice.allow()
        practice.live()
        assert page.evaluate(FILM_T) > 0.5
        first, *_, last = (answer["session"] for answer in practice.answers)
        assert first != last
    assert all(re.search("ERR_CONNECTION|404|503", refusal) for refusal in watch.refusals)


def test_who_comes_by_a_link_or_has_ended_begins_anew(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted) as page:
        practice = PracticePage(page)
        practice.begin(scripted.address, DEMO)
        until(page, f"{FILM_T} > 1.5")
        page.goto(f"{scripted.address}/")
        practice.open(scripted.address, DEMO)
        assert page.is_hidden("#goes-on")
        assert page.evaluate(FILM_T) == 0
        practice.allow()
        practice.live()
        practice.start()
        until(page, f"{FILM_T} > 1.5")
        page.evaluate(
            "() => document.querySelector('#instructor').dispatchEvent(new Event('ended'))"
        )
        practice.stage("summary")
        page.reload()
        practice.stage("ready")
        assert page.is_hidden("#goes-on")
        assert page.evaluate(FILM_T) == 0


def test_an_unknown_routine_is_said_with_a_way_back(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted) as page:
        page.goto(f"{scripted.address}/practice?routine=nothing")
        page.wait_for_selector("body[data-stage=failure]")
        assert page.inner_text("#failure-title") == "This routine is not in the library."
        assert page.is_hidden("#retry")
        assert page.evaluate("document.activeElement.id") == "failure-library"
        assert page.is_visible("#failure a[href='/']")
