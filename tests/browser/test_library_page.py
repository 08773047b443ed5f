"""The library: routines on cards, films on their way in, what can be done with a routine."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from browser.axe import serious_faults
from browser.desk import NAMES, ROUTINE, VIEWS, Desk, View, scripted_worker
from browser.practice_page import noted, until
from browser.scripted_jobs import HOPELESS
from browser.server_process import ROOT
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

DROP: Final = """() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(['film'], 'sun_salutation-b.mp4', { type: 'video/mp4' }));
  transfer.items.add(new File(['WEBVTT'], 'poses.vtt', { type: 'text/vtt' }));
  const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
  document.querySelector('h1').dispatchEvent(new DragEvent('dragenter', how));
  const lit = document.getElementById('add').classList.contains('over');
  document.querySelector('h1').dispatchEvent(new DragEvent('drop', how));
  return lit;
}"""
"""A film and its names dropped onto the page; whether the drop area lit up before."""

NOTE_ROWS: Final = """() => {
  const rows = document.getElementById('job-rows');
  window.rows = '';
  const note = () => { window.rows += `${rows.textContent}\\n`; };
  new MutationObserver(note).observe(rows, { childList: true, subtree: true });
}"""
"""Keeps all that the rows ever said."""

SLOW_LINE: Final = {
    "offline": False,
    "latency": 0,
    "downloadThroughput": -1,
    "uploadThroughput": 1_000_000,
}
SUMMARIES: Final = (
    ("Morning flow", "beginner", "2026-11-25T09:00:00+00:00", "2026-11-01T00:00:00+00:00"),
    ("Été au soleil", "intermediate", None, "2026-11-20T00:00:00+00:00"),
    ("Balance", None, "2026-11-26T08:58:00+00:00", None),
)
"""Title, level, when it was practised last, and when it was made."""

BUTTONS: Final = "dialog .dialog-buttons button"
END: Final = re.compile(
    f"Ready: Morning flow|Failed: A {HOPELESS} one. Nobody is seen in the film."
)
FILM: Final = ROOT / "static" / "demo" / "routine" / "video.mp4"


@pytest.fixture(scope="module", autouse=True)
def worker(shared_desk: Desk) -> Iterator[None]:
    with scripted_worker(shared_desk.data):
        yield


def open_menu(page: Page, title: str) -> None:
    page.click(f"summary[aria-label='More for {title}']")


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_cards_say_what_a_routine_is_and_what_is_wrong_with_its_film(
    view: View, desk: Desk
) -> None:
    page = desk.open("/", view)
    card = page.locator(".routine", has_text="Squats")
    expect(card.locator(".length")).to_have_text("85 s · 2 holds")
    caution = card.locator(".caution")
    expect(caution).to_have_text("The film is cut, so the pose jumps (at 0:12), and 1 more")
    expect(caution).to_have_attribute("href", f"/edit?routine={ROUTINE}#warnings")
    expect(card.locator(".card")).to_have_attribute("href", f"/practice?routine={ROUTINE}")
    page.wait_for_load_state("networkidle")
    desk.shot(page, f"{view[1]}-desk-library")
    open_menu(page, "Squats")
    expect(card.locator(".menu-list")).to_be_visible()
    expect(card.locator(".chip")).to_have_text(["CSV", "JSON", "npz", "TRC", "BVH", "C3D"])
    desk.shot(page, f"{view[1]}-desk-library-menu")
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    expect(card.locator(".menu-list")).to_be_hidden()
    expect(card.locator("summary")).to_be_focused()


def listed(route: Route) -> None:
    """Answers with three routines, whose names of poses are those of the one on disk."""
    files = {name: f"/api/routines/{ROUTINE}/{name}" for name in ("poster", "video", "chapters")}
    routines = [
        {"id": title.lower(), "title": title, "duration_s": 300, **files}
        | {"level": level, "practised_at": practised, "created_at": made}
        for title, level, practised, made in SUMMARIES
    ]
    # A server that knows neither levels nor practices says nothing of them.
    routines.append({"id": "old", "title": "An old one", "duration_s": 60, **files})
    route.fulfill(json={"routines": routines})


def test_routines_are_found_as_one_types_and_put_in_order(desk: Desk) -> None:
    page = desk.open(None)
    page.clock.set_fixed_time("2026-11-26T09:00:00+00:00")
    page.route("**/api/routines", listed)
    page.route("**/api/routines/old/chapters", lambda route: route.abort())
    page.goto(desk.server.address)
    titles, found = page.locator(".card .title"), page.locator("#found")
    expect(titles).to_have_text(["Balance", "Morning flow", "Été au soleil", "An old one"])
    expect(page.locator(".practised")).to_have_text(
        ["Last practised 2 minutes ago", "Last practised 1 day ago", "Not practised yet"]
    )
    expect(page.locator(".card .level")).to_have_text(["Beginner", "Intermediate"])
    expect(found).to_have_text("4 routines")
    page.select_option("#order", "newest")
    expect(titles).to_have_text(["Été au soleil", "Morning flow", "An old one", "Balance"])
    page.select_option("#order", "title")
    page.reload()
    expect(titles).to_have_text(["An old one", "Balance", "Été au soleil", "Morning flow"])
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("ete SOL")
    expect(titles).to_have_text(["Été au soleil"])
    expect(found).to_have_text("1 of 4 routines")
    page.keyboard.press("Escape")
    expect(found).to_have_text("4 routines")
    page.keyboard.type("flow squat")
    expect(titles).to_have_text(["Morning flow"])
    expect(page.locator(".pose:visible")).to_have_text("With Squat")
    page.select_option("#level", "advanced")
    expect(titles).to_have_count(0)
    expect(page.locator("#nothing-title")).to_have_text("Nothing fits “flow squat”")
    assert serious_faults(page) == []
    page.click("#show-all")
    expect(titles).to_have_count(4)
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#nothing")).to_be_hidden()


def test_films_become_routines_or_say_why_not(desk: Desk, tmp_path: Path) -> None:
    good, bad = tmp_path / "morning_flow.mp4", tmp_path / f"{HOPELESS}.mp4"
    for film in (good, bad):
        film.write_bytes(FILM.read_bytes())
    page = desk.open("/")
    page.set_input_files("#add-files", [good, bad])
    expect(page.locator("dialog input")).to_have_count(2)
    page.fill("dialog input >> nth=1", f"A {HOPELESS} one")
    page.locator("dialog").get_by_label("Level").first.select_option("advanced")
    desk.shot(page, "dark-desk-library-adding")
    page.evaluate(NOTE_ROWS)
    line = page.context.new_cdp_session(page)
    line.send("Network.emulateNetworkConditions", SLOW_LINE)
    page.click(f"{BUTTONS} >> text=Upload all")
    first = page.locator(".row", has_text="Morning flow")
    second = page.locator(".row", has_text=HOPELESS)
    going = page.locator(".row-text", has_text="Finding the body · 40 %")
    expect(going).to_have_count(1, timeout=60_000)
    expect(page.locator(".row-text", has_text="Waits for its turn.")).to_have_count(1)
    assert page.locator(".row progress[value='0.4']").count() == 1
    shares = {
        int(found) for found in re.findall(r"Uploading · (\d+) %", page.evaluate("window.rows"))
    }
    assert len(shares) > 2, shares
    desk.shot(page, "dark-desk-library-jobs")
    assert serious_faults(page) == []
    news = noted(page, "#news")
    desk.let_jobs_go_on(on=True)
    expect(first.locator(".row-text")).to_have_text("Ready to practise.", timeout=60_000)
    expect(page.locator(".routine", has_text="Morning flow").locator(".level")).to_have_text(
        "Advanced"
    )
    expect(second.locator(".row-text")).to_have_text(
        "Nobody is seen in the film. Send one with a person in it.", timeout=60_000
    )
    until(page, lambda: any(END.search(text) for text in news()))
    second.get_by_text("Dismiss").click()
    expect(second).to_have_count(0)
    first.get_by_text("Edit").click()
    expect(page.locator("#title")).to_have_value("Morning flow")


def test_a_job_is_called_off_and_tried_again_though_no_stream_comes_through(
    desk: Desk, tmp_path: Path
) -> None:
    film = tmp_path / "evening.mp4"
    film.write_bytes(FILM.read_bytes())
    page = desk.open(None)
    page.route("**/events", lambda route: route.abort())
    page.goto(desk.server.address)
    page.set_input_files("#add-files", film)
    page.click(f"{BUTTONS} >> text=Upload")
    row = page.locator(".row", has_text="Evening")
    expect(row.locator(".row-text")).to_contain_text("Finding the body", timeout=60_000)
    row.get_by_text("Cancel").click()
    expect(row.locator(".row-text")).to_have_text("Cancelled.", timeout=60_000)
    desk.let_jobs_go_on(on=True)
    row.get_by_text("Try again").click()
    expect(row.locator(".row-text")).to_have_text("Ready to practise.", timeout=60_000)


def test_a_film_is_dropped_with_its_names(desk: Desk) -> None:
    page = desk.open("/")
    page.wait_for_selector(".routine")
    assert page.evaluate(DROP)
    expect(page.locator("dialog input")).to_have_value("Sun salutation b")
    expect(page.locator("dialog legend")).to_have_text(
        "sun_salutation-b.mp4, with the names of poses in poses.vtt"
    )
    assert serious_faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".row", has_text="Sun salutation")).to_have_count(0)


def test_what_the_server_refuses_is_told_with_a_way_on(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no film")
    page = desk.open("/")
    page.set_input_files("#add-files", notes)
    page.click(f"{BUTTONS} >> text=Upload")
    row = page.locator(".row", has_text="Notes")
    expect(row.locator(".row-text")).to_contain_text("notes.txt")
    expect(row.get_by_text("Try again")).to_be_visible()
    row.get_by_text("Dismiss").click()
    open_menu(page, "Squats")
    with page.expect_download() as kept:
        page.click(".menu-list >> text=CSV")
    assert kept.value.suggested_filename == f"{ROUTINE}.csv"
    page.wait_for_selector(".routine")
    shutil.rmtree(desk.data / "routines" / ROUTINE)
    open_menu(page, "Squats")
    page.click(".menu-list >> text=BVH")
    expect(page.locator("dialog h2")).to_contain_text("There is no routine called")
    page.click("dialog button")
    expect(page.locator("dialog")).to_have_count(0)


def test_a_routine_is_renamed_and_removed(desk: Desk) -> None:
    page = desk.open("/")
    open_menu(page, "Squats")
    page.click(".menu-list >> text=Rename")
    page.fill("dialog input", "Deep squats")
    page.keyboard.press("Enter")
    card = page.locator(".routine", has_text="Deep squats")
    expect(card).to_be_visible()
    open_menu(page, "Deep squats")
    page.click(".menu-list >> text=Delete")
    expect(page.locator("dialog .grave")).not_to_be_focused()
    page.click("dialog >> text=Keep it")
    expect(card).to_be_visible()
    open_menu(page, "Deep squats")
    page.click(".menu-list >> text=Delete")
    page.click("dialog .grave")
    expect(card).to_have_count(0)
    assert not (desk.data / "routines" / ROUTINE).exists()
