"""The TURN servers that the server names reach the peer connection as they were named."""

from typing import Any, Final

import pytest
from browser.chromium import OpenPage
from browser.practice_page import PracticePage, until
from browser.server_process import ServerProcess, StartScripted
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DEMO: Final = "routine=demo&camera=demo-right"
URLS: Final = ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
LASTS_S: Final = 3600

WAYS: Final = """
    window.ways = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...options) {
        super(...options);
        window.peer = this;
        window.ways.push(this.getConfiguration().iceServers);
      }
    };
    const now = Date.now.bind(Date);
    window.laterMs = 0;
    Date.now = () => now() + window.laterMs;
"""
"""Keeps what the browser itself has taken each peer connection to go by; can set its clock on."""


def ways(page: Page) -> list[list[dict[str, Any]]]:
    """The ICE servers of each peer connection, in order."""
    found: list[list[dict[str, Any]]] = page.evaluate("window.ways")
    return found


def test_the_peer_connection_goes_by_what_the_server_names(
    start_scripted: StartScripted, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COACH_TURN_URL", ", ".join(URLS))
    monkeypatch.setenv("COACH_TURN_SECRET", "north")
    server = start_scripted()
    with open_page(server, init=WAYS) as page:
        practice = PracticePage(page)
        practice.open(server.address, DEMO)
        with page.expect_response("**/api/ice") as told:
            practice.allow()
        named = told.value.json()["iceServers"]
        practice.live()
        assert [server["urls"] for server in named] == [URLS]
        assert named[0]["username"]
        assert named[0]["credential"]
        assert ways(page)[0] == named


ANOTHER_EACH_TIME: Final = f"""
    window.given = [];
    const ask = window.fetch;
    window.fetch = (address, init) => {{
      if (address !== '/api/ice') return ask(address, init);
      const nth = window.given.length;
      const server = {{ urls: {URLS}, username: `${{nth}}:one`, credential: `secret ${{nth}}` }};
      window.given.push([server]);
      return Promise.resolve(Response.json({{ iceServers: [server], ttl_s: {LASTS_S} }}));
    }};
"""
"""Credentials from nearby: none comes too late from a busy machine."""


def test_credentials_that_have_run_out_are_asked_for_again(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    """A line that is made again soon goes by the same ones; one an hour later by new ones."""
    with open_page(scripted, init=WAYS + ANOTHER_EACH_TIME) as page:
        practice = PracticePage(page)
        practice.meet(scripted.address, DEMO)
        made_again(page, practice, after_s=0)
        (first,) = page.evaluate("window.given")
        soon = ways(page)
        assert soon == [first] * len(soon)
        before = made_again(page, practice, after_s=LASTS_S)
        first, second = page.evaluate("window.given")
        later = ways(page)[before:]
        assert later == [second] * len(later)
        assert second != first


def made_again(page: Page, practice: PracticePage, *, after_s: float) -> int:
    """Lose the line so much later, and wait for the next; gives how many were made until then."""
    before: int = page.evaluate(
        """ms => {
          window.laterMs += ms;
          window.peer.close();
          return window.ways.length;
        }""",
        after_s * 1000,
    )
    until(page, lambda: len(ways(page)) > before)
    practice.live()
    return before
