"""Comparing: two films in, what came of them, and what is done with it."""

import json
import re
from pathlib import Path

import pytest
from browser.axe import serious_faults
from browser.desk import NAMES, ROUTINE, VIEWS, Desk, View, apart, scripted_worker
from browser.scripted_jobs import write_comparison
from browser.server_process import ROOT
from playwright.sync_api import expect

from coach_server.body.angles import Angle

pytestmark = pytest.mark.browser

FILM = ROOT / "static" / "demo" / "routine" / "video.mp4"

PEAKS = """() => {
  const texts = [...document.querySelectorAll('.curve-scale text')].map((one) => one.textContent);
  const ys = [...document.querySelectorAll('.curve-scale line')].map((l) => +l.getAttribute('y1'));
  const degrees = texts.filter((one) => one.endsWith('°')).map(parseFloat);
  const d = document.querySelector('.curve-line').getAttribute('d');
  const highest = Math.min(...d.slice(1).split(/[ML]/).map((corner) => +corner.split(',')[1]));
  const each = (degrees.at(-1) - degrees[0]) / (ys[0] - ys.at(-1));
  return (ys[0] - highest) * each;
}"""
"""How high the curve is drawn, degrees by its own scale."""


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
    at = page.wait_for_function(
        """() => {
          const at = document.getElementById('overlay').currentTime;
          return at >= 13.4 && at;
        }"""
    )
    assert at.json_value() < 16
    with page.expect_download() as kept:
        page.click("text=Error of each frame")
    assert Path(kept.value.path()).read_text().startswith("frame,t")


def test_the_curve_follows_the_film_and_leads_into_it(desk: Desk) -> None:
    page = desk.open("/compare?id=first", VIEWS[1])
    told, slider = page.locator(".curve-told"), page.get_by_role("slider")
    expect(told).to_have_text("0:00.0 · Left elbow: 5° more bent")
    page.wait_for_function("() => document.getElementById('overlay').readyState >= 2")
    assert page.evaluate(PEAKS) == pytest.approx(34.2, abs=0.6)
    slider.focus()
    for key in ("PageUp", "PageUp", "ArrowRight", "ArrowLeft"):
        slider.press(key)
        page.wait_for_function("() => !document.getElementById('overlay').seeking")
    expect(slider).to_have_attribute("aria-valuenow", "20.0")
    box = slider.bounding_box()
    assert box is not None
    knee = box["x"] + 40 + (box["width"] - 48) * 29 / 85.4
    page.mouse.move(knee, box["y"] + 60)
    expect(told).to_contain_text("Left knee: 3")
    expect(slider).to_have_attribute("aria-valuenow", "20.0")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("() => !document.getElementById('overlay').seeking")
    assert float(slider.get_attribute("aria-valuenow") or 0) == pytest.approx(29, abs=0.2)
    page.select_option("#curve-joint", "right_shoulder_elevation")
    page.mouse.move(0, 0)
    expect(told).to_have_text(re.compile(r"0:(28|29)\.\d · Right arm, height: 2° lower"))
    slider.press("PageUp")
    slider.press("PageUp")
    expect(told).to_have_text(re.compile(r"0:4\d\.\d · not seen"))
    slider.press(" ")
    page.wait_for_function("() => !document.getElementById('overlay').paused")
    before = page.locator(".curve-playhead").get_attribute("x1")
    expect(page.locator(".curve-playhead")).not_to_have_attribute("x1", before or "")
    desk.shot(page, "light-desk-compare-curve")


def test_a_long_table_is_thinned_and_loses_no_peak(desk: Desk) -> None:
    page = desk.open("/compare")
    points, peak, gap = page.evaluate(
        r"""async () => {
          const { readErrors } = await import('/static/js/errors_table.js');
          const m = await import('/static/js/curve_points.js');
          const rows = Array.from({ length: 60000 }, (_, row) =>
            [row, row / 30, row / 30, 1, row === 31415 ? -77.5 : 3, row > 50000 ? '' : 1].join());
          const head = 'frame,t,routine_t,yoga_pose_error,left_knee_flexion_deg,neck_side_deg';
          const table = readErrors([head, ...rows, ''].join('\n'));
          const all = m.seriesOf(table, '');
          const points = m.thinned(table.t, all.size, 2000, 700);
          const neck = m.thinned(table.t, m.seriesOf(table, 'neck_side').size, 2000, 700);
          return [points.length, m.largest(Float32Array.from(points, ({ size }) => size)),
            neck.filter(({ size }) => Number.isNaN(size)).length];
        }"""
    )
    assert (points, peak) == (700, 77.5)
    assert gap == pytest.approx(700 / 6, abs=2)


def test_every_angle_of_the_table_has_words_of_its_own(desk: Desk) -> None:
    page = desk.open("/compare")
    names = [angle.name.lower() for angle in Angle]
    told = page.evaluate(
        """async (names) => {
          const m = await import('/static/js/angle_names.js');
          return names.map((name) => [m.wordsOfAngle(name).name, m.offBy(name, 12.4),
            m.offBy(name, -12.4), m.offBy(name, 0.3)]);
        }""",
        names,
    )
    assert len({name for name, *_ in told}) == len(names)
    for _, more, less, none in told:
        assert more.startswith("12° ")
        assert less.startswith("12° ")
        assert more != less
        assert not {"12° more", "12° less"} & {more, less}
        assert none == "together"


def test_a_curve_that_cannot_be_had_says_so_and_can_be_asked_for_again(desk: Desk) -> None:
    page = desk.open(None)
    page.route("**/errors.csv", lambda route: route.abort())
    page.goto(f"{desk.server.address}/compare?id=first")
    expect(page.locator(".curve-place")).to_contain_text("The curve cannot be had.")
    assert serious_faults(page) == []
    page.unroute("**/errors.csv")
    page.click(".curve-place >> text=Try again")
    expect(page.locator(".curve-told")).to_be_visible()


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
        expect(row.locator(".row-text")).to_contain_text("Comparing · 40 %", timeout=60_000)
        desk.let_jobs_go_on(on=True)
        expect(row.locator(".row-text")).to_have_text("Compared.", timeout=60_000)
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
