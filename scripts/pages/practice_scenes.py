"""Every state of the practice page, to be photographed; what is read from afar also from there."""

from collections.abc import Callable
from typing import Final

from browser.desk import Desk
from browser.practice_page import PracticePage
from playwright.sync_api import Page

from coach_server.errors import InternalError
from scripts.pages.gallery import Gallery
from scripts.pages.practice import PRACTICE, preferring

VIEWS: Final = ("side", "inset", "over", "figures")
ENOUGH_STEPS: Final = 18
"""Of 5 s lead from the film's end to its beginning, or on to its end."""

REFUSED: Final = """navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException('refused', 'NotAllowedError'));"""
SILENT: Final = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"


def practice(desk: Desk, gallery: Gallery) -> None:
    """From what is asked before to the summary, in every view."""
    _before(desk, gallery)
    page, on = _begun(desk, gallery)
    gallery.take(page, "practice-framing", far=True)
    page.keyboard.press("Space")
    on.stage("countdown")
    page.wait_for_timeout(1200)
    gallery.take(page, "practice-countdown", far=True)
    on.stage("practice")
    on.tone("correct")
    page.wait_for_timeout(700)
    gallery.take(page, "practice-cue", far=True)
    on.tone("praise")
    gallery.take(page, "practice-praise", far=True)
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    gallery.take(page, "practice-paused", far=True)
    _opened_details(page, gallery)
    page.keyboard.press("Space")
    _long_cue(page, on, gallery, "practice-long-cue")
    _lost(page, on, gallery)
    for _ in range(ENOUGH_STEPS):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    on.stage("summary")
    page.wait_for_timeout(700)
    gallery.take(page, "practice-summary", far=True)
    for view in VIEWS:
        _in_view(desk, gallery, view)


def _before(desk: Desk, gallery: Gallery) -> None:
    page = desk.open(None, (gallery.size, gallery.scheme))
    on = PracticePage(page)
    on.open(desk.server.address)
    page.wait_for_load_state("networkidle")
    gallery.take(page, "practice-ready")
    on.open(desk.server.address, PRACTICE)
    page.wait_for_load_state("networkidle")
    gallery.take(page, "practice-ready-demo")
    for script, stage in ((SILENT, "asking"), (REFUSED, "failure")):
        page = desk.open(None, (gallery.size, gallery.scheme))
        page.add_init_script(script)
        on = PracticePage(page)
        on.open(desk.server.address)
        on.allow()
        on.stage(stage)
        gallery.take(page, f"practice-{stage}", far=stage == "failure")
    page.goto(f"{desk.server.address}/practice?routine=none")
    on.stage("failure")
    gallery.take(page, "practice-unknown")


def _begun(desk: Desk, gallery: Gallery, **wishes: object) -> tuple[Page, PracticePage]:
    page = desk.open(None, (gallery.size, gallery.scheme))
    page.add_init_script(preferring(**wishes))
    on = PracticePage(page)
    on.open(desk.server.address, PRACTICE)
    on.allow()
    on.live()
    page.wait_for_timeout(1500)
    return page, on


def _opened_details(page: Page, gallery: Gallery) -> None:
    """What opens beside the practice."""
    for name in ("live", "more"):
        if page.locator(f"#{name}").count():
            page.eval_on_selector(f"#{name}", "details => { details.open = true; }")
            page.wait_for_timeout(400)
            gallery.take(page, f"practice-{name}")
            page.eval_on_selector(f"#{name}", "details => { details.open = false; }")


def _long_cue(page: Page, on: PracticePage, gallery: Gallery, state: str) -> None:
    on.tone("correct")
    until = "document.getElementById('line').innerText.includes('right arm')"
    _wait(lambda: bool(page.evaluate(until)), page)
    page.wait_for_timeout(700)
    gallery.take(page, state, far=True)


def _in_view(desk: Desk, gallery: Gallery, view: str) -> None:
    page, on = _begun(desk, gallery, view=view)
    on.start()
    _long_cue(page, on, gallery, f"practice-view-{view}")
    page.close()


def _lost(page: Page, on: PracticePage, gallery: Gallery) -> None:
    """The line to the coach is gone for a while."""
    page.route("**/api/offer", lambda route: route.abort())
    page.evaluate("() => window.peers.at(-1).close()")
    on.tone("trouble")
    gallery.take(page, "practice-lost", far=True)
    page.unroute("**/api/offer")
    on.live()


KEEP_PEERS: Final = """
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) { super(...options); window.peers.push(this); }
  };
"""
"""For every page: lets `_lost` cut the line."""


def _wait(ready: Callable[[], bool], page: Page) -> None:
    for _ in range(300):
        if ready():
            return
        page.wait_for_timeout(100)
    raise InternalError("the line that is waited for never came")
