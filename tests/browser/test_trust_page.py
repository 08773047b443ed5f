"""What the page of trust says: that it is so, that it is alive, that every page leads to it."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from browser.axe import serious_faults
from browser.chromium import DESKTOP
from browser.desk import NAMES, ROUTINE, VIEWS, Desk, View
from browser.server_process import ROOT
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from playwright.sync_api import Page, Route, expect

from coach_server.library.jobs.job import State
from coach_server.library.jobs.recovery import KEPT_S
from coach_server.library.reports.kept import MOST
from coach_server.sessions.registry import KEEP_S

pytestmark = pytest.mark.browser

PAGES: Final = ("/", "/compare", f"/edit?routine={ROUTINE}", "/trust")
STATIC: Final = ROOT / "static"


def facts(page: Page) -> dict[str, str]:
    """The live part, by name."""
    rows = page.locator("#now-facts > div")
    expect(rows).not_to_have_count(0)
    told: list[Any] = rows.evaluate_all(
        "rows => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    return dict(told)


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_it_says_which_engines_run_and_that_nothing_came_from_elsewhere(
    view: View, desk: Desk
) -> None:
    page = desk.open("/trust", view)
    expect(page.locator("#now-state")).to_have_text("The coach is ready.")
    told = facts(page)
    assert told["Computes on"] == "this machine’s processor (CPU)"
    assert told["Finds your body"] == told["Sees it in space"] == "scripted"
    loaded = re.fullmatch(r"(\d+) files, all of (.+)", told["This page has loaded"])
    assert loaded
    assert int(loaded[1]) > 5
    assert loaded[2] == desk.server.host
    desk.shot(page, f"{view[1]}-trust")
    assert serious_faults(page) == []


def test_what_this_browser_keeps_is_shown_as_it_is_and_forgotten(desk: Desk) -> None:
    page = desk.open("/trust")
    page.evaluate("localStorage.clear()")
    for age_ms, is_kept in ((0, True), (61_000, False)):
        page.evaluate(
            """ageMs => sessionStorage.setItem('unfinished-practice', JSON.stringify({
              page: '?routine=demo', resume: 'secret', t: 5, rate: 1, atMs: Date.now() - ageMs,
            }))""",
            age_ms,
        )
        page.reload()
        expect(page.locator("#now-facts > div")).not_to_have_count(0)
        kept = page.locator("#kept-here dt").all_inner_texts()
        assert [each.startswith("Where your practice is") for each in kept] == [True] * is_kept
    expect(page.locator("#kept-none")).to_be_visible()
    expect(page.locator("#forget")).to_be_hidden()
    library = desk.open("/")
    library.select_option("#order", "title")
    expect(page.locator("#kept-here dt")).to_have_text("How the library is ordered")
    expect(page.locator("#kept-here code")).to_have_text("title")
    page.click("#forget")
    expect(page.locator("#kept-none")).to_be_visible()
    expect(page.locator("#forgot")).to_contain_text("Forgotten.")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_server_that_starts_or_is_gone_is_told_of_until_it_is_back(desk: Desk) -> None:
    starting = {"code": "starting", "message": "the coach is starting", "hint": "wait a moment"}
    gone = True

    def answer(route: Route) -> None:
        if gone:
            route.abort()
        else:
            route.fulfill(status=503, body=json.dumps({"error": starting}))

    page = desk.open(None)
    page.clock.install()
    page.route("**/healthz", answer)
    page.goto(f"{desk.server.address}/trust")
    state = page.locator("#now-state")
    expect(state).to_contain_text("The coach server does not answer.")
    expect(state).to_have_attribute("data-tone", "bad")
    gone = False
    page.clock.run_for(2500)
    expect(state).to_have_text("The coach is starting. Wait a moment.")
    page.unroute("**/healthz")
    page.clock.run_for(2500)
    expect(state).to_have_text("The coach is ready.")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_there_from_its_foot(path: str, desk: Desk) -> None:
    page = desk.open(path, ((320, 640), "dark"))
    foot = page.locator("footer a[href='/trust']")
    expect(foot).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_its_numbers_and_folders_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    text = " ".join((STATIC / "trust.html").read_text().split())
    assert f"The last {MOST} practices" in text
    assert KEEP_S == 60
    assert "in memory for a minute" in text
    assert (KEPT_S[State.FAILED], KEPT_S[State.CANCELLED]) == (86_400, 600)
    assert "after a failure it waits one day, and after a cancel ten minutes" in text
    for kind in (Unix, MacOS):
        folder = Path(kind("coach-server", appauthor=False).user_data_dir)
        assert f"<code>~/{folder.relative_to(Path.home())}</code>" in text
