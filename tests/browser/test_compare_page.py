"""Comparing: two films in, what came of them, and what is done with it."""

import json
from pathlib import Path

import pytest
from browser.axe import serious_faults
from browser.desk import NAMES, ROUTINE, VIEWS, Desk, View, apart, scripted_worker
from browser.scripted_jobs import write_comparison
from browser.server_process import ROOT
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FILM = ROOT / "static" / "demo" / "routine" / "video.mp4"


@pytest.fixture(scope="module", autouse=True)
def earlier(shared_desk: Desk) -> None:
    title = "Squats and my first try"
    apart(write_comparison, shared_desk.data, "first", {"title": title})


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_a_result_shows_its_film_and_its_sentences_lead_into_it(view: View, desk: Desk) -> None:
    page = desk.open("/compare", view)
    card = page.locator(".result-card", has_text="Squats and my first try")
    expect(card).to_contain_text("7.3° apart on average")
    expect(card).to_contain_text("Bend your left knee more.")
    page.wait_for_load_state("networkidle")
    desk.shot(page, f"{view[1]}-desk-compare")
    assert serious_faults(page) == []
    card.click()
    expect(page.locator(".worst")).to_have_count(2)
    page.wait_for_function("() => document.getElementById('overlay').readyState >= 2")
    desk.shot(page, f"{view[1]}-desk-compare-result")
    assert serious_faults(page) == []
    page.click(".worst >> text=Raise your right arm higher")
    page.wait_for_function("() => document.getElementById('overlay').currentTime >= 13.4")
    assert page.eval_on_selector("#overlay", "film => film.currentTime") < 16
    with page.expect_download() as kept:
        page.click("text=Error of each frame")
    assert Path(kept.value.path()).read_text().startswith("frame,t")


def test_two_films_are_compared(desk: Desk, tmp_path: Path) -> None:
    student = tmp_path / "IMG_2043.mp4"
    student.write_bytes(FILM.read_bytes())
    with scripted_worker(desk.data):
        page = desk.open(f"/compare?routine={ROUTINE}")
        expect(page.locator("#routine")).to_have_value(ROUTINE)
        expect(page.locator("#go")).to_be_disabled()
        page.set_input_files("#student-file", student)
        page.select_option("#mirror", "mirrored")
        page.select_option("#alignment", "frames")
        page.click("#go")
        row = page.locator(".row", has_text="Squats and IMG 2043")
        expect(row.locator(".row-text")).to_contain_text("Comparing · 40 %", timeout=20_000)
        desk.let_jobs_go_on(on=True)
        expect(row.locator(".row-text")).to_have_text("Compared.", timeout=20_000)
        expect(page.locator(".result-card", has_text="Squats and IMG 2043")).to_be_visible()
        row.get_by_text("See it").click()
        expect(page.locator("h1:visible")).to_have_text("Squats and IMG 2043")
        with page.expect_download() as kept:
            page.click("text=Whole report")
        asked = json.loads(Path(kept.value.path()).read_text())
        assert (asked["routine"], asked["mirror"]) == (ROUTINE, "mirrored")
        assert asked["alignment"] == "frames"
        page.click("text=Delete…")
        page.click("dialog .grave")
        page.wait_for_selector("#begin:not([hidden])")
        expect(page.locator(".result-card", has_text="first try")).to_be_visible()
        expect(page.locator(".result-card", has_text="IMG 2043")).to_have_count(0)


def test_what_is_no_film_is_not_sent(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no film")
    page = desk.open("/compare")
    page.wait_for_selector(".result-card")
    page.set_input_files("#student-file", notes)
    expect(page.locator("#lacking")).to_have_text(
        "notes.txt does not look like a film. Choose another."
    )
    expect(page.locator("#go")).to_be_disabled()


def test_a_comparison_that_is_not_there_leads_back(desk: Desk) -> None:
    page = desk.open("/compare?id=none")
    expect(page.locator("#refusal h1")).to_contain_text("There is no")
    assert serious_faults(page) == []
    page.click("#refusal >> text=All comparisons")
    page.wait_for_selector(".result-card")
