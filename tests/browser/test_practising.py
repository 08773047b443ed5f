"""What can be done while practising: by the arms, by the keyboard, and by hand."""

from pathlib import Path
from typing import Final

import pytest
from browser.axe import serious_faults_in_both_schemes
from browser.chromium import OpenPage
from browser.practice_page import PracticePage, noted, until
from browser.server_process import ServerProcess, StartScripted
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

DEMO: Final = "routine=demo&camera=demo-faults"
POSITION: Final = "document.getElementById('instructor').currentTime"
PAUSED: Final = "document.getElementById('instructor').paused"


def begin(page: Page, server: ServerProcess) -> PracticePage:
    """The demo, up to where the film runs."""
    practice = PracticePage(page)
    practice.begin(server.address, DEMO)
    until(page, f"!{PAUSED} && {POSITION} > .5")
    return practice


def view(page: Page) -> str | None:
    return page.get_attribute("#floor", "data-view")


def test_raised_arms_start_and_go_on_and_crossed_arms_pause(
    start_scripted: StartScripted, open_page: OpenPage, right_camera: Path, screenshots: Path
) -> None:
    server = start_scripted(signs=True)
    with open_page(server, camera=right_camera) as page:
        practice = PracticePage(page)
        practice.open(server.address)
        signs, lines = noted(page, "#gesture"), noted(page, "#band")
        practice.allow()
        practice.live()
        practice.stage("practice")
        until(page, "window.noted['#gesture'].includes('Pause')")
        page.screenshot(path=screenshots / "1280x720-dark-signing.png")
        until(page, PAUSED)
        until(page, f"!{PAUSED}")
        assert list(filter(None, signs()))[:2] == ["Start", "Pause"]
        assert "Paused. Raise both arms to go on." in lines()


def test_arms_mean_nothing_where_they_are_not_to(
    start_scripted: StartScripted, open_page: OpenPage, right_camera: Path
) -> None:
    server = start_scripted(signs=True)
    with open_page(server, camera=right_camera) as page:
        practice = PracticePage(page)
        practice.open(server.address)
        page.uncheck("#choice-gestures")
        page.focus("#allow")
        practice.allow()
        practice.live()
        page.wait_for_timeout(7000)
        assert page.get_attribute("body", "data-stage") == "framing"
        assert page.is_hidden("#gesture")
        expect(page.locator("#line")).to_have_text("Start when you like.")


def test_everything_is_done_by_the_keyboard(scripted: ServerProcess, open_page: OpenPage) -> None:
    with open_page(scripted) as page:
        begin(page, scripted)
        lines = noted(page, "#band")
        page.keyboard.press(",")
        assert page.evaluate("document.getElementById('instructor').playbackRate") == 0.75
        until(page, lambda: "Three quarters of the speed" in lines())
        page.keyboard.press(".")
        assert page.evaluate("document.getElementById('instructor').playbackRate") == 1
        page.keyboard.press("PageDown")
        until(page, f"{POSITION} > 5")
        before = page.evaluate(POSITION)
        page.keyboard.press("PageUp")
        until(page, f"{POSITION} < {before}")
        for name in ("inset", "over", "figures", "side"):
            page.keyboard.press("v")
            assert view(page) == name
        page.keyboard.press("l")
        page.wait_for_selector("#band >> text=Repeating")
        end = page.evaluate("document.getElementById('instructor').duration")
        for _ in range(8):  # steps stay within what is repeated
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        assert page.evaluate(POSITION) < end / 2
        assert page.get_attribute("body", "data-stage") == "practice"


def test_a_sequence_is_repeated_until_it_is_let_go(
    scripted: ServerProcess, open_page: OpenPage
) -> None:
    with open_page(scripted) as page:
        begin(page, scripted)
        page.click("#more summary")
        chapters = page.locator("#chapters button")
        assert chapters.count() > 3
        page.check("#loop")
        chapters.nth(1).click()
        page.wait_for_selector("#chapters li:nth-child(2) [aria-current]")
        start = page.evaluate(POSITION)
        page.keyboard.press("Escape")
        assert page.is_hidden(".more-sheet")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        until(page, f"Math.abs({POSITION} - {start}) < 1.5")
        page.keyboard.press("l")
        until(page, "!document.getElementById('loop').checked")


def test_each_view_is_seen_whole_and_the_last_is_kept(
    scripted: ServerProcess, open_page: OpenPage, screenshots: Path
) -> None:
    with open_page(scripted) as page:
        practice = begin(page, scripted)
        for name in ("inset", "figures", "over"):
            page.click("#more summary")
            page.check(f"#view-options [value={name}]")
            page.keyboard.press("Escape")
            page.wait_for_timeout(700)
            page.screenshot(path=screenshots / f"1280x720-dark-view-{name}.png")
            assert serious_faults_in_both_schemes(page) == []
        page.reload()
        practice.stage("ready")
        assert view(page) == "over"
