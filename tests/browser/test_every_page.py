"""Every page and state: seen whole, within its own walls, and kept as a picture to look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from browser.chromium import DESKTOP, PHONE, OpenPage, Scheme, Watch
from browser.practice_page import PracticePage, after, noted, until
from browser.server_process import ServerProcess
from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

DEMO: Final = "routine=demo&camera=demo-faults"
WINDOWS: Final = [(DESKTOP, "dark"), (PHONE, "light")]
NAMES: Final = [f"{size[0]}x{size[1]}-{scheme}" for size, scheme in WINDOWS]
LEAST_CUE: Final = 0.06
"""Part of the window's height that a cue's letters take on a landscape screen: readable from
three metres; an upright phone, held nearer, may show less."""

LEAST_CUE_UPRIGHT: Final = 0.045

Shot = Callable[[str], None]


def fits(page: Page) -> bool:
    """Whether nothing is cut off at the sides, and the line lies within its band."""
    return bool(
        page.evaluate(
            """() => {
              const [line, band] = ['line', 'band'].map((id) => document.getElementById(id));
              const wide = document.documentElement.scrollWidth > window.innerWidth;
              const tall = band && !band.hidden && line.offsetHeight > band.clientHeight;
              return !wide && !tall;
            }"""
        )
    )


def cue_height(page: Page) -> float:
    """The size of the line's letters, part of the window's height."""
    size: float = page.eval_on_selector(
        "#line", "line => parseFloat(getComputedStyle(line).fontSize) / window.innerHeight"
    )
    return size


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_a_practice_from_library_to_summary(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
    watch: Watch,
    screenshots: Path,
) -> None:
    with open_page(scripted, size=size, scheme=scheme) as page:

        def shot(state: str) -> None:
            page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-{state}.png")
            assert fits(page), state

        practice = PracticePage(page)
        page.goto(f"{scripted.address}/")
        page.wait_for_selector(".card")
        page.wait_for_load_state("networkidle")
        shot("1-library")
        practice.open(scripted.address)
        page.wait_for_load_state("networkidle")
        shot("2-ready")
        practice.meet(scripted.address, DEMO)
        page.wait_for_timeout(1000)
        shot("3-framing")
        page.keyboard.press("Space")
        practice.stage("countdown")
        page.wait_for_timeout(1200)
        shot("4-countdown")
        practice.stage("practice")
        _practise(page, practice, shot)
        upright = size[1] > size[0]
        _finish(page, practice, shot, LEAST_CUE_UPRIGHT if upright else LEAST_CUE)
    assert watch.refusals == []


def _practise(page: Page, practice: PracticePage, shot: Shot) -> None:
    lines = noted(page, "#band")
    assert practice.tone("correct") == "Bend your left knee more"
    page.wait_for_timeout(600)
    shot("5-cue")
    until(page, lambda: "Good, that's it." in after("Bend your left knee more", lines()))
    shot("6-praise")
    page.keyboard.press("Space")


def _finish(page: Page, practice: PracticePage, shot: Shot, least: float) -> None:
    page.wait_for_timeout(400)
    shot("7-paused")
    before = _position(page)
    page.wait_for_timeout(300)
    assert _position(page) == before
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert practice.tone("correct") == "Raise your right arm to shoulder height"
    page.wait_for_timeout(600)
    shot("8-long-cue")
    assert cue_height(page) >= least
    page.keyboard.press("m")
    assert page.get_attribute("#mute", "aria-pressed") == "true"
    while page.get_attribute("body", "data-stage") == "practice":
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    practice.stage("summary")
    page.wait_for_timeout(300)
    shot("9-summary")
    assert page.inner_text("#summary-verdict").startswith("2 corrections, 1 mended.")


def _position(page: Page) -> float:
    position: float = page.eval_on_selector("#instructor", "film => film.currentTime")
    return position


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_a_library_that_is_empty_or_out_of_reach_says_what_to_do(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
    screenshots: Path,
) -> None:
    def empty(route: Route) -> None:
        route.fulfill(json={"routines": []})

    with open_page(scripted, size=size, scheme=scheme) as page:
        page.route("**/api/routines", empty)
        page.goto(f"{scripted.address}/")
        page.wait_for_selector("#notice:visible")
        assert "./coach prepare" in page.inner_text("#notice")
        page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-library-empty.png")
        page.unroute("**/api/routines")
        page.route("**/api/routines", lambda route: route.abort())
        page.reload()
        page.wait_for_selector("#notice button")
        assert "./coach serve" in page.inner_text("#notice")
        page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-library-error.png")
        page.unroute("**/api/routines")
        page.click("#notice button")
        page.wait_for_selector(".card")
        assert fits(page)


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_a_camera_that_fails_is_seen_whole(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
    screenshots: Path,
) -> None:
    gone = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"
    with open_page(scripted, init=gone, size=size, scheme=scheme) as page:
        practice = PracticePage(page)
        practice.open(scripted.address)
        practice.allow()
        practice.stage("failure")
        page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-failure.png")
        assert fits(page)


def test_the_demo_draws_every_pose_on_its_own_frame_without_a_webcam(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted) as page:
        practice = PracticePage(page)
        practice.begin(scripted.address, DEMO)
        practice.draws_on_own_frames(0.9)


def test_the_camera_is_matched_frame_by_frame(
    scripted: ServerProcess, open_page: OpenPage, right_camera: Path
) -> None:
    with open_page(scripted, camera=right_camera) as page:
        practice = PracticePage(page)
        practice.meet(scripted.address)
        practice.draws_on_own_frames(0.95)
