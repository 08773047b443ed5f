"""A token in the address lets a browser in, and is gone from the address at once."""

from typing import Final

import pytest
from browser.axe import serious_faults
from browser.chromium import DESKTOP, PHONE, OpenPage, Scheme, Watch
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


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")])
@pytest.mark.parametrize("path", ["/", "/practice?routine=demo"])
def test_who_is_asked_for_the_token_can_read_it(
    start_scripted: StartScripted,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    size: tuple[int, int],
    scheme: Scheme,
) -> None:
    monkeypatch.setenv("COACH_TOKEN", TOKEN)
    server = start_scripted()
    with open_page(server, size=size, scheme=scheme) as page:
        page.goto(f"{server.address}{path}")
        expect(page.get_by_text("This server asks for its token")).to_be_visible()
        assert serious_faults(page) == []


def test_what_else_a_fragment_says_stays(module_page: Page) -> None:
    left = module_page.evaluate(
        """async () => {
          const { withoutToken } = await import('/static/js/token.js');
          return ['', '#warnings', '#token=abc', '#warnings&token=abc', '#token=abc&warnings']
            .map(withoutToken);
        }"""
    )
    assert left == ["", "#warnings", "", "#warnings", "#warnings"]
