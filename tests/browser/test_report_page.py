"""The report's page, from the summary's link to the file that is kept."""

from pathlib import Path
from typing import Final

import pytest
from browser.axe import serious_faults
from browser.chromium import DESKTOP, PHONE, OpenPage, Scheme, Watch
from browser.practice_page import PracticePage, until
from browser.server_process import ServerProcess
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DEMO: Final = "routine=demo&camera=demo-faults"
WINDOWS: Final = [(DESKTOP, "dark"), (PHONE, "light")]
NAMES: Final = [f"{size[0]}x{size[1]}-{scheme}" for size, scheme in WINDOWS]
LEAST_LETTERS_PX: Final = 12


def practise(page: Page, server: ServerProcess) -> None:
    """Two poses of the script, the fault in the first mended, then on to the summary."""
    practice = PracticePage(page)
    practice.begin(server.address, DEMO)
    practice.tone("praise")
    assert practice.tone("correct") == "Raise your right arm to shoulder height"
    page.wait_for_timeout(1500)
    while page.get_attribute("body", "data-stage") == "practice":
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    practice.stage("summary")


def fits(page: Page) -> bool:
    """Whether nothing is cut off at the sides of the window, or of its part of the page."""
    return bool(
        page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll('.part, .facts div')]
              .every((box) => box.scrollWidth <= box.clientWidth + 1)"""
        )
    )


def letters_px(page: Page) -> float:
    """The smallest letters of the charts as they are seen."""
    smallest: float = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('.chart text')]
          .map((text) => parseFloat(getComputedStyle(text).fontSize)))"""
    )
    return smallest


def report_of(page: Page, server: ServerProcess) -> str:
    """The report's address, by way of the page that the summary leads to."""
    page.click("#whole-report")
    page.wait_for_selector("a[href$='/report.html']")
    return server.address + str(page.get_attribute("a[href$='/report.html']", "href"))


@pytest.mark.parametrize(("size", "scheme"), WINDOWS, ids=NAMES)
def test_the_summary_leads_to_a_report_that_can_be_kept(
    size: tuple[int, int],
    scheme: Scheme,
    scripted: ServerProcess,
    open_page: OpenPage,
    watch: Watch,
    screenshots: Path,
    tmp_path: Path,
) -> None:
    with open_page(scripted, size=size, scheme=scheme) as page:
        practise(page, scripted)
        page.screenshot(path=screenshots / f"{size[0]}x{size[1]}-{scheme}-summary-report.png")
        assert serious_faults(page) == []
        page.goto(report_of(page, scripted))
        page.wait_for_load_state("networkidle")
        report = page
        report.screenshot(
            path=screenshots / f"{size[0]}x{size[1]}-{scheme}-report.png", full_page=True
        )
        assert report.inner_text("h1") == "Scripted routine"
        assert "2 of 2 poses held; 2 corrections, 1 mended." in report.inner_text("header")
        assert "Raise your right arm to shoulder height" in report.inner_text(".steps")
        assert report.locator(".chart").count() == 2
        assert fits(report)
        assert letters_px(report) >= LEAST_LETTERS_PX
        assert serious_faults(report) == []
        ground = report.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(12, 16, 21)" if scheme == "dark" else "rgb(245, 246, 247)")
        with report.expect_download() as download:
            report.click("text=Keep this page")
        kept = tmp_path / download.value.suggested_filename
        download.value.save_as(kept)
        report.goto(kept.as_uri())
        assert report.inner_text("h1") == "Scripted routine"
        assert report.locator("a").count() == 0
        assert fits(report)
    assert watch.refusals == []


def test_the_policy_stops_what_does_not_belong_into_the_page(
    scripted: ServerProcess, open_page: OpenPage, watch: Watch
) -> None:
    with open_page(scripted) as page:
        practise(page, scripted)
        page.goto(report_of(page, scripted))
        page.evaluate(
            """() => {
              window.stopped = [];
              document.addEventListener('securitypolicyviolation', (event) =>
                window.stopped.push(event.effectiveDirective));
              const script = document.createElement('script');
              script.textContent = 'window.ran = true';
              const style = document.createElement('style');
              style.textContent = 'body { display: none }';
              const image = document.createElement('img');
              image.src = '/static/icon.svg';
              document.body.append(script, style, image);
            }"""
        )
        until(page, "window.stopped.length >= 3")
        assert set(page.evaluate("window.stopped")) == {
            "script-src-elem",
            "style-src-elem",
            "img-src",
        }
        assert page.evaluate("window.ran") is None
        assert page.is_visible("h1")
    assert len(watch.faults) == 3
    watch.faults.clear()
