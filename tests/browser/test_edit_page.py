"""Editing a routine: holds, names, title, sides, and cutting its film."""

import json
from pathlib import Path
from typing import Any

import pytest
from browser.axe import serious_faults
from browser.desk import NAMES, ROUTINE, VIEWS, Desk, View, scripted_worker
from browser.practice_page import until
from playwright.sync_api import Dialog, Page, expect

pytestmark = pytest.mark.browser

EDIT = f"/edit?routine={ROUTINE}"


def edit(desk: Desk, view: View = VIEWS[0], path: str = EDIT) -> Page:
    """The page, once the film can be seen."""
    page = desk.open(path, view)
    page.wait_for_selector("#editor:not([hidden])")
    page.wait_for_function("() => document.getElementById('film').readyState >= 2")
    return page


def save(page: Page) -> Any:
    """Save; gives what was sent."""
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_have_text("All saved")
    return sent.value.post_data_json


def place(page: Page) -> float:
    """Where the film is, seconds."""
    page.wait_for_function("() => !document.getElementById('film').seeking")
    t: float = page.eval_on_selector("#film", "film => film.currentTime")
    return t


def on_disk(desk: Desk) -> dict[str, Any]:
    """The routine as the server keeps it."""
    kept: dict[str, Any] = json.loads(
        (desk.data / "routines" / ROUTINE / "routine.json").read_text()
    )
    return kept


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_everything_is_seen_and_leads_to_its_second(view: View, desk: Desk) -> None:
    page = edit(desk, view, f"{EDIT}#warnings")
    expect(page.locator(".warning p")).to_have_text(
        [
            "The film is cut, so the pose jumps.",
            "The film has few pictures a second.",
            "The instructor leaves the pose, so nobody is judged then.",
        ]
    )
    desk.shot(page, f"{view[1]}-desk-edit-warnings")
    page.click(".warning .chip >> text=0:44.0")
    assert place(page) == pytest.approx(44, abs=0.05)
    expect(page.locator(".mark.warning")).to_have_count(2)
    expect(page.locator(".repetitions")).to_have_text("×4")
    page.click(".mark.anomaly")
    assert place(page) == pytest.approx(9, abs=0.05)
    page.click("#tab-warnings")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-names")).to_be_focused()
    expect(page.locator("#names .span")).to_have_count(2)
    desk.shot(page, f"{view[1]}-desk-edit-names")
    page.keyboard.press("ArrowLeft")
    page.click(".lane-holds .block-body >> nth=1")
    assert place(page) == pytest.approx(7, abs=0.05)
    expect(page.locator("#holds .span.selected .span-name")).to_have_text("Squat")
    desk.shot(page, f"{view[1]}-desk-edit-holds")
    assert serious_faults(page) == []
    page.click("#tab-whole")
    desk.shot(page, f"{view[1]}-desk-edit-film")


def test_holds_are_moved_by_keys_by_typing_and_by_hand_and_saved_as_one(desk: Desk) -> None:
    page = edit(desk)
    expect(page.locator("#save")).to_be_disabled()
    start = page.get_by_role("slider", name="Hold 2, start")
    start.press("ArrowLeft")
    start.press("Shift+ArrowRight")
    assert start.get_attribute("aria-valuetext") == "0:07.90"
    assert place(page) == pytest.approx(7.9, abs=0.05)
    start.press("Home")
    assert start.get_attribute("aria-valuetext") == "0:05.00"
    typed = page.get_by_label("Hold 1 ends at")
    typed.fill("0:03,5")
    typed.press("Enter")
    expect(typed).to_have_value("0:03.50")
    typed.fill("9")
    typed.press("Enter")
    expect(typed).to_have_value("0:05.00")
    expect(page.locator("#news")).to_have_text("It can lie between 0:02.30 and 0:05.00.")
    end = page.get_by_role("slider", name="Hold 2, end")
    box = end.bounding_box()
    assert box is not None
    before = float(end.get_attribute("aria-valuenow") or 0)
    page.mouse.move(box["x"] + 5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] - 25, box["y"] + 20, steps=3)
    page.mouse.up()
    after = float(end.get_attribute("aria-valuenow") or 0)
    assert before - 4 < after < before - 1
    expect(page.locator("#saved")).to_have_text("Not saved")
    holds = save(page)["holds"]
    assert [(hold["start_s"], hold["end_s"]) for hold in holds[:1]] == [(2, 5)]
    assert holds[1]["start_s"] == 5
    kept = [one for one in on_disk(desk)["segments"] if one["kind"] == "hold"]
    assert [one["end_s"] for one in kept] == [5, pytest.approx(after, abs=0.01)]


def test_a_hold_is_added_where_there_is_room_and_removed(desk: Desk) -> None:
    page = edit(desk)
    page.eval_on_selector("#film", "film => { film.currentTime = 8; }")
    page.click("#add-hold")
    expect(page.locator("#news")).to_contain_text("There is no room at 0:08.0")
    page.eval_on_selector("#film", "film => { film.currentTime = 30; }")
    page.click("#add-hold")
    expect(page.locator("#tab-holds")).to_have_text("Holds 3")
    page.get_by_label("Remove hold 1").click()
    expect(page.locator(".lane-holds .block")).to_have_count(2)
    assert [hold["start_s"] for hold in save(page)["holds"]] == [7, 30]


def test_names_title_and_sides_are_saved_and_can_be_read_from_a_file(
    desk: Desk, tmp_path: Path
) -> None:
    page = edit(desk)
    page.fill("#title", "Deep squats")
    page.click("#tab-names")
    expect(page.locator("#known-names option[value='Goddess pose']")).to_have_count(1)
    page.fill("#names input[aria-label='Name 2']", "")
    expect(page.locator("#saved")).to_have_text("Pose 2 needs a name.")
    expect(page.locator("#save")).to_be_disabled()
    file = tmp_path / "poses.vtt"
    file.write_text("WEBVTT\n\n00:02.000 --> 00:06.000\nStand\n\n00:06.000 --> 00:30.000\nSit\n")
    page.set_input_files("#names-file", file)
    expect(page.locator("#names .input[aria-label^='Name']").first).to_have_value("Stand")
    # Where one name ends the next begins.
    page.get_by_role("slider", name="Name 1, end").press("Shift+ArrowRight")
    page.click("#tab-whole")
    page.select_option("#mirror", "mirrored")
    page.select_option("#level", "advanced")
    assert save(page) == {
        "title": "Deep squats",
        "mirror": "mirrored",
        "level": "advanced",
        "chapters": [
            {"start_s": 2, "end_s": 7, "title": "Stand"},
            {"start_s": 7, "end_s": 30, "title": "Sit"},
        ],
    }
    assert (on_disk(desk)["mirror"], on_disk(desk)["level"]) == ("mirrored", "advanced")
    page.select_option("#level", "")
    assert save(page) == {"level": None}
    page.goto(f"{desk.server.address}/practice?routine={ROUTINE}")
    expect(page.locator("#choice-mirror")).to_have_value("mirrored")


def test_leaving_with_unsaved_changes_is_asked_about(desk: Desk) -> None:
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page = edit(desk)
    page.on("dialog", stay)
    page.locator("#title").press_sequentially("!")
    page.click("a[href='/']", no_wait_after=True)
    until(page, lambda: asked)
    assert asked == ["beforeunload"]
    page.click("#discard")
    expect(page.locator("#title")).to_have_value("Squats")
    page.click("a[href='/']")
    page.wait_for_selector(".routine")


def test_cutting_the_film_is_confirmed_and_shown_to_its_end(desk: Desk) -> None:
    with scripted_worker(desk.data):
        page = edit(desk)
        page.click("#tab-whole")
        expect(page.locator("#trim-go")).to_be_disabled()
        page.fill("#trim-start", "5")
        page.fill("#trim-end", "1:05")
        expect(page.locator("#trim-note")).to_have_text("Keeps 1:00.0, removes 25.4 s.")
        page.click("#trim-go")
        expect(page.locator("dialog")).to_contain_text("0:05.00 to 1:05.00")
        assert serious_faults(page) == []
        page.click("dialog .grave")
        row = page.locator("#job-rows .row-text")
        expect(row).to_contain_text("Cutting the film · 40 %", timeout=60_000)
        expect(page.locator("#saved")).to_have_text("The film is being cut")
        desk.shot(page, "dark-desk-edit-cutting")
        desk.let_jobs_go_on(on=True)
        expect(page.locator("#trim-end")).to_have_value("1:00.00", timeout=60_000)
        assert on_disk(desk)["duration_s"] == 60


def test_a_routine_that_is_not_there_leads_back(desk: Desk) -> None:
    page = desk.open("/edit?routine=none")
    expect(page.locator("#refusal h1")).to_contain_text("There is no routine called")
    assert serious_faults(page) == []
    page.click("#refusal >> text=Back to the library")
    page.wait_for_selector(".routine")
