"""A token in the address lets a browser in, and is gone from the address at once."""

from typing import Final

import pytest
from browser.chromium import OpenPage, Watch
from browser.server_process import StartScripted
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

TOKEN: Final = "as-long-as-need-be-1234"  # noqa: S105  # of this test


def test_a_browser_is_let_in_once_and_for_all(
    start_scripted: StartScripted,
    open_page: OpenPage,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COACH_TOKEN", TOKEN)
    server = start_scripted()
    with open_page(server) as page:
        page.goto(f"{server.address}/")
        expect(page.get_by_text("This server asks for its token")).to_be_visible()
        assert watch.refusals
        page.goto("about:blank")
        watch.refusals.clear()

        page.goto(f"{server.address}/?x=1#token={TOKEN}")
        page.wait_for_url(f"{server.address}/?x=1")
        expect(page.locator('a[href*="/practice?routine=demo"]').first).to_be_visible()
        assert TOKEN not in page.evaluate("document.cookie")

        page.goto(f"{server.address}/trust")
        expect(page.locator("#now-state")).to_have_text("The coach is ready.")
    assert watch.refusals == []


def test_what_else_a_fragment_says_stays(module_page: Page) -> None:
    left = module_page.evaluate(
        """async () => {
          const { withoutToken } = await import('/static/js/token.js');
          return ['', '#warnings', '#token=abc', '#warnings&token=abc', '#token=abc&warnings']
            .map(withoutToken);
        }"""
    )
    assert left == ["", "#warnings", "", "#warnings", "#warnings"]
