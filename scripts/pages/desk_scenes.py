"""Every state of the pages beside the practice, to be photographed."""

from typing import Any, Final

from browser.desk import ROUTINE, Desk, add_routine, apart, scripted_worker
from browser.practised import SESSION, figures, older_report, report, sessions, unjudged_report
from browser.scripted_jobs import HOPELESS, write_comparison
from browser.server_process import ROOT
from playwright.sync_api import Page, Route

from scripts.pages.gallery import Gallery

FILM: Final = (ROOT / "static" / "demo" / "routine" / "video.mp4").read_bytes()


def library(desk: Desk, gallery: Gallery) -> None:
    """Cards, their menu, a search, films to add and on their way, nothing, and no server."""
    page = _open(desk, gallery, "/")
    page.wait_for_selector(".routine")
    _settled(page)
    gallery.take(page, "library", whole=True)
    page.click(".routine .menu summary >> nth=0")
    gallery.take(page, "library-menu")
    page.keyboard.press("Escape")
    if page.is_visible("#search"):
        page.fill("#search", "handstand")
        page.wait_for_timeout(300)
        gallery.take(page, "library-nothing-found")
        page.fill("#search", "")
    _adding(desk, gallery, page)
    page = _open(desk, gallery, None)
    page.route("**/api/routines", lambda route: route.fulfill(json={"routines": []}))
    page.goto(desk.server.address)
    _settled(page)
    gallery.take(page, "library-empty")
    page.unroute("**/api/routines")
    page.route("**/api/routines", lambda route: route.abort())
    page.reload()
    _settled(page)
    gallery.take(page, "library-no-server")


def _adding(desk: Desk, gallery: Gallery, page: Page) -> None:
    names = ("morning_flow.mp4", "evening.mp4", "broken.mp4")
    files: Any = [{"name": name, "mimeType": "video/mp4", "buffer": FILM} for name in names]
    page.set_input_files("#add-files", files)
    page.wait_for_selector("dialog input")
    page.fill("dialog input >> nth=2", f"A {HOPELESS} one")
    gallery.take(page, "library-adding")
    with scripted_worker(desk.data):
        page.click("dialog .dialog-buttons button >> text=Upload")
        page.wait_for_selector(".row progress[value='0.4']", timeout=60_000)
        gallery.take(page, "library-jobs")
        desk.let_jobs_go_on(on=True)
        page.wait_for_selector(".row-text >> text=Nobody is seen", timeout=60_000)
        gallery.take(page, "library-jobs-done", whole=True)
    desk.let_jobs_go_on(on=False)


def edit(desk: Desk, gallery: Gallery) -> None:
    """Its four leaves, and a routine that is not there."""
    for leaf in ("holds", "names", "warnings", "whole"):
        page = _open(desk, gallery, f"/edit?routine={ROUTINE}")
        page.wait_for_selector("#editor:not([hidden])")
        page.click(f"#tab-{leaf}")
        _settled(page)
        gallery.take(page, f"edit-{leaf}", whole=True)
    page = _open(desk, gallery, "/edit?routine=none")
    page.wait_for_selector("#refusal:not([hidden])")
    gallery.take(page, "edit-unknown")


def compare(desk: Desk, gallery: Gallery) -> None:
    """Two films to choose, a result, and one that is not there."""
    page = _open(desk, gallery, "/compare")
    page.wait_for_selector(".result-card")
    _settled(page)
    gallery.take(page, "compare", whole=True)
    page.click(".result-card")
    page.wait_for_selector(".worst")
    _settled(page)
    gallery.take(page, "compare-result", whole=True)
    page = _open(desk, gallery, "/compare?id=none")
    page.wait_for_selector("#refusal:not([hidden])")
    gallery.take(page, "compare-unknown")


def review(desk: Desk, gallery: Gallery) -> None:
    """A practice looked back on, an older one, one of which little was seen, and all of them."""
    kinds = {"review": report(), "review-older": older_report(), "review-little": unjudged_report()}
    for state, told in kinds.items():
        page = _reviewed(desk, gallery, told, f"/review?session={SESSION}")
        gallery.take(page, state)
        gallery.take(page, f"{state}-whole", whole=True)
    gallery.take(_reviewed(desk, gallery, report(), "/review"), "review-all", whole=True)
    page = _open(desk, gallery, "/review?session=none")
    page.wait_for_selector("#refusal:not([hidden])")
    gallery.take(page, "review-unknown")


def _reviewed(desk: Desk, gallery: Gallery, told: dict[str, Any], path: str) -> Page:
    def instructor(route: Route) -> None:
        route.fulfill(body=figures(), headers={"X-Rows-Per-Second": "15"})

    page = _open(desk, gallery, None)
    page.route(f"**/api/sessions/{SESSION}/report", lambda route: route.fulfill(json=told))
    page.route("**/api/sessions?*", lambda route: route.fulfill(json={"sessions": sessions()}))
    page.route("**/api/sessions", lambda route: route.fulfill(json={"sessions": sessions()}))
    page.route("**/api/routines/*/figures", instructor)
    page.goto(desk.server.address + path)
    page.wait_for_selector("#main:not([aria-busy])")
    _settled(page)
    return page


def trust(desk: Desk, gallery: Gallery) -> None:
    """What leaves the machine and what is kept."""
    page = _open(desk, gallery, "/trust")
    _settled(page)
    gallery.take(page, "trust", whole=True)


def furnish(desk: Desk) -> None:
    """Put what the scenes need into the data folder."""
    apart(add_routine, desk.data)
    title = "Squats and my first try"
    apart(write_comparison, desk.data, "first", {"title": title})
    apart(figures)  # read once, and not where the browser's loop runs


def _open(desk: Desk, gallery: Gallery, path: str | None) -> Page:
    return desk.open(path, (gallery.size, gallery.scheme))


def _settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
