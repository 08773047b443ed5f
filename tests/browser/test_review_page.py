"""The page that looks back on a practice, and the list of all of them."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest
from browser.axe import serious_faults
from browser.desk import NAMES, VIEWS, Desk, View, apart
from browser.practice_page import until
from browser.practised import (
    OFF,
    SESSION,
    figures,
    older_report,
    report,
    sessions,
    unjudged_report,
)
from playwright.sync_api import Locator, Page, Route, expect
from support.practised import Practising, cue, plan
from support.stick_figure import Limbs, joints_of

from coach_server.body.angles import Angle
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summing_up import sum_up
from coach_server.library.demo import DEMO_ID
from coach_server.library.reports.listed import ListedPractice

pytestmark = pytest.mark.browser

REVIEW: Final = f"/review?session={SESSION}"
SIZES: Final = ((320, 100), (390, 200), (640, 100), (1020, 100), (1280, 200), (3840, 150))
"""Widths in pixels, and letters in percent of what they usually are."""


@pytest.fixture(scope="module", autouse=True)
def instructor() -> None:
    apart(figures)  # read once, for all reports


def scripted(page: Page, told: dict[str, Any], practices: list[dict[str, Any]]) -> None:
    """Answer the page as a server does that has these practices."""

    def of_routine(route: Route) -> None:
        own = [each for each in practices if f"routine={each['routine']}" in route.request.url]
        route.fulfill(json={"sessions": own})

    def instructor(route: Route) -> None:
        route.fulfill(body=figures(), headers={"X-Rows-Per-Second": "15"})

    page.route(f"**/api/sessions/{SESSION}/report", lambda route: route.fulfill(json=told))
    page.route("**/api/sessions?*", of_routine)
    page.route("**/api/sessions", lambda route: route.fulfill(json={"sessions": practices}))
    page.route("**/api/routines/*/figures", instructor)


def opened(
    desk: Desk, told: dict[str, Any] | None = None, view: View = VIEWS[0], path: str = REVIEW
) -> Page:
    """The page, as soon as it is whole."""
    page = desk.open(None, view)
    scripted(page, told or report(), sessions())
    page.goto(desk.server.address + path)
    page.wait_for_selector("#main:not([aria-busy])")
    return page


def film_t(page: Page) -> float:
    """Where the instructor's film is, once it is there."""
    page.wait_for_function(
        "() => { const f = document.getElementById('review-film');"
        " return f.readyState >= 2 && !f.seeking; }"
    )
    position: float = page.eval_on_selector("#review-film", "film => film.currentTime")
    return position


def part(page: Page, name: str) -> Locator:
    """The part of the page that the heading of this id names."""
    return page.locator(f"section[aria-labelledby={name}]")


def drawn(page: Page) -> str:
    """What the figures' canvas shows."""
    picture: str = page.eval_on_selector(".viewer canvas", "canvas => canvas.toDataURL()")
    return picture


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_a_review_tells_the_score_the_joints_and_the_worst_moments(view: View, desk: Desk) -> None:
    page = opened(desk, view=view)
    expect(page.locator("h1")).to_have_text("Demo: standing poses")
    expect(page.locator(".score")).to_have_text("78of 100")
    head = page.locator(".review-head")
    expect(head).to_contain_text("7 of 8 poses held; 3 corrections, 2 mended.")
    expect(head).to_contain_text("14 March 2026")
    expect(head).to_contain_text("7 more than last time.")
    expect(page.get_by_role("link", name="Practise this again")).to_have_attribute(
        "href", f"/practice?routine={DEMO_ID}"
    )
    expect(page.locator(".lane-name:has-text('off')")).to_have_count(len(OFF))
    expect(part(page, "poses").get_by_role("row")).to_have_count(1 + 8)
    expect(part(page, "sides")).to_contain_text("Knees: 6° further off on the left.")
    expect(part(page, "progress")).to_contain_text("The latest score is 78, the best so far.")
    assert film_t(page) == pytest.approx(31.0, abs=0.1)
    page.get_by_role("button", name="Goddess pose").first.click()
    expect(page.locator(".viewer")).to_contain_text("You: Left knee bent 27° too little.")
    assert film_t(page) == pytest.approx(23.0, abs=0.1)
    before = drawn(page)
    page.get_by_role("button", name="Back").click()
    until(page, lambda: drawn(page) != before)
    desk.shot(page, f"{view[1]}-desk-review")
    for table in page.locator("details").all():
        table.locator("summary").click()
    assert serious_faults(page) == []
    expect(part(page, "over-time").locator("tr", has_text="Left knee").first).to_contain_text(
        "times, at 0:2"
    )
    expect(part(page, "over-time").locator("tr", has_text="Head")).to_contain_text("not judged")


def test_every_level_and_mark_has_a_shape_of_its_own(desk: Desk) -> None:
    page = opened(desk)
    heights = page.evaluate(
        """() => ['within', 'beyond', 'far'].map((level) => [...new Set(
          [...document.querySelectorAll(`.lane .level.${level}`)]
            .map((shape) => shape.getAttribute('height')))])"""
    )
    assert heights == [["6"], ["17"], ["26"]]
    hatched = page.locator(".lane .level.beyond").first
    expect(hatched).to_have_attribute("fill", "url(#review-hatch)")
    titles = page.locator(".mark title").all_text_contents()
    assert sorted(titles) == [
        "0:22 Bend your left knee more (mended)",
        "0:30 Raise your right arm higher (not mended)",
        "0:37 Lean less to the side (mended)",
    ]
    assert page.locator(".lanes .mark .tick").count() == 2
    assert page.locator(".lanes .mark .open").count() == 1


def test_the_playhead_goes_by_the_keys_and_the_film_with_it(desk: Desk) -> None:
    page = opened(desk)
    head = page.get_by_role("slider")
    head.focus()
    page.keyboard.press("Home")
    expect(head).to_have_attribute("aria-valuetext", re.compile("^0:00, Between poses"))
    page.keyboard.press("PageUp")
    expect(head).to_have_attribute("aria-valuetext", re.compile("Goddess pose.*Bend your left"))
    expect(page.locator(".readout")).to_contain_text("Mended after 3 s.")
    assert film_t(page) == pytest.approx(21.5, abs=0.1)
    page.keyboard.press("ArrowRight")
    expect(head).to_have_attribute("aria-valuenow", "23")
    assert film_t(page) == pytest.approx(22.5, abs=0.1)
    page.get_by_role("button", name="Next correction").click()
    expect(head).to_have_attribute("aria-valuetext", re.compile("Warrior.*Not mended"))
    page.get_by_role("button", name="Next correction").click()
    expect(page.get_by_role("button", name="Next correction")).to_be_disabled()
    head.focus()
    page.keyboard.press("End")
    last = head.get_attribute("aria-valuemax")
    assert last is not None
    expect(head).to_have_attribute("aria-valuenow", last)
    box = head.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 1, box["y"] + 40)
    expect(head).to_have_attribute("aria-valuenow", "0")


def test_a_film_that_runs_takes_the_playhead_along(desk: Desk) -> None:
    page = opened(desk)
    assert film_t(page) == pytest.approx(31.0, abs=0.1)
    page.get_by_role("button", name="Watch this moment").click()
    page.wait_for_function(
        "() => document.getElementById('playhead').getAttribute('aria-valuenow') >= 34"
    )
    expect(page.locator(".viewer")).to_contain_text("Your own figure is kept for the worst moments")
    assert film_t(page) >= 31.9


def test_the_page_keeps_within_its_walls_from_small_to_large_and_in_large_letters(
    desk: Desk,
) -> None:
    page = opened(desk)
    for width, letters in SIZES:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(f"document.documentElement.style.fontSize = '{letters}%'")
        over = page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll('.part, .facts div')]
              .filter((box) => box.scrollWidth > box.clientWidth + 1)
              .map((box) => box.innerText.slice(0, 40))"""
        )
        assert over == [], (width, letters)


def test_an_older_report_of_a_practice_under_way_shows_what_it_has(desk: Desk) -> None:
    page = opened(desk, {**older_report(), "live": True})
    expect(page.get_by_role("button", name="Look again")).to_be_visible()
    expect(page.locator(".score")).to_have_text("–no score")
    expect(page.locator(".lane-name")).to_have_text([re.compile("^Furthest off"), "Poses", ""])
    assert page.locator(".lanes .mark").count() == len(OFF)
    expect(part(page, "worst")).to_contain_text("No moment of this practice stands out.")
    assert serious_faults(page) == []


def test_a_practice_that_could_not_be_judged_says_why(desk: Desk) -> None:
    page = opened(desk, unjudged_report())
    expect(page.locator(".lead")).to_contain_text("This practice could not be judged")
    expect(part(page, "next")).to_contain_text("Step back until your whole body is in the picture")
    expect(part(page, "time")).to_contain_text("not wholly in the picture")
    expect(part(page, "over-time")).to_have_count(0)
    assert serious_faults(page) == []


def test_a_routine_that_is_gone_and_hostile_names_leave_the_review_readable(desk: Desk) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    told = {**report(), "routine": "gone", "title": hostile}
    told["moments"][0]["pose"] = told["sequences"][0]["pose"] = hostile
    told["cues"][0]["text"] = told["next"][0]["text"] = hostile
    page = opened(desk, told)
    expect(page.locator("h1")).to_have_text(hostile)
    assert page.locator("#review img").count() == 0
    expect(page.locator(".viewer")).to_contain_text("The instructor’s film is no longer")
    expect(page.get_by_role("link", name="Choose another routine")).to_be_visible()
    expect(page.locator(".viewer")).to_contain_text("You: Right arm 31° too low.")


def test_the_review_is_kept_as_files(desk: Desk) -> None:
    page = opened(desk)
    for form in ("html?download=1", "csv?download=1"):
        page.route(f"**/report.{form}", lambda route: route.fulfill(body=route.request.url))
    for label, end in (
        ("Keep this report", "report.html?download=1"),
        ("Poses as a table (CSV)", "report.csv?download=1"),
        ("All of it (JSON)", SESSION),
    ):
        with page.expect_download() as kept:
            page.get_by_role("button", name=label).click()
        assert end in Path(kept.value.path()).read_text(), label


def test_an_unknown_practice_leads_to_those_that_are_known(desk: Desk) -> None:
    page = opened(desk, path="/review?session=unknown")
    expect(page.locator("#refusal h1")).to_have_text("There is no review of this practice.")
    assert serious_faults(page) == []
    page.get_by_role("link", name="All practices").click()
    expect(page.locator("h1:visible")).to_have_text("Practices")


def test_a_server_out_of_reach_can_be_tried_again(desk: Desk) -> None:
    page = desk.open(None)
    scripted(page, report(), sessions())
    page.route("**/report", lambda route: route.abort())
    page.goto(desk.server.address + REVIEW)
    expect(page.locator("#refusal h1")).to_have_text("The coach server does not answer.")
    expect(page.locator("#refusal")).to_contain_text("./coach serve")
    assert serious_faults(page) == []
    page.unroute("**/report")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("h1:visible")).to_have_text("Demo: standing poses")


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_practices_are_listed_by_routine_the_latest_first(view: View, desk: Desk) -> None:
    page = opened(desk, view=view, path="/review")
    expect(page.locator("h2")).to_have_text(["Demo: standing poses", "Evening stretch"])
    rows = page.locator(".part", has_text="Demo").locator(".past-row")
    expect(rows.locator(".past-score")).to_have_text(["78", "71", "–", "74", "62", "55"])
    expect(page.get_by_role("img", name="The latest score is 78")).to_be_visible()
    assert serious_faults(page) == []
    desk.shot(page, f"{view[1]}-desk-practices")
    rows.first.click()
    expect(page.locator("h1:visible")).to_have_text("Demo: standing poses")


def test_before_the_first_practice_the_page_leads_to_one(desk: Desk) -> None:
    page = desk.open(None)
    scripted(page, report(), [])
    page.goto(f"{desk.server.address}/review")
    expect(page.locator("#past h2")).to_have_text("No practice yet")
    assert serious_faults(page) == []
    page.get_by_role("link", name="Choose a routine").click()
    page.wait_for_selector(".card")


def test_long_practices_and_films_that_waited_are_drawn_as_they_were(desk: Desk) -> None:
    page = opened(desk, path="/review")
    count, worst, is_in_order = page.evaluate(
        """async () => {
          const { thinned } = await import('/static/js/review/strips.js');
          const t = Array.from({ length: 2000 }, (_, row) => row + (row < 1000 ? 0 : 500));
          const excess = t.map((_, row) => (row === 777 ? 3 : row % 7 ? 0.5 : null));
          const { rows } = thinned({ row_s: 1, t, excess }, excess);
          return [rows.length, Math.max(...rows.map((row) => row.excess ?? 0)),
            rows.every((row, index) => !index || row.column > rows[index - 1].column)];
        }"""
    )
    assert count <= 481
    assert (worst, is_in_order) == (3, True)
    film = page.evaluate(
        """async () => {
          const { filmClock } = await import('/static/js/review/report.js');
          const at = (t, routine_t) => ({ t, routine_t });
          const clock = filmClock({ sequences: [at(10, 5), at(30, 15)], cues: [at(12, 7)] });
          return [2, 8, 11, 13, 29, 33].map(clock);
        }"""
    )
    # Before the first pose it ran towards it; between 12 and 30 s it was slow, or waited.
    assert film == pytest.approx([0, 3, 6, 7 + 8 / 18, 15 - 8 / 18, 18])


def test_the_scripted_reports_hold_nothing_that_the_server_does_not_tell() -> None:
    practice = PracticeReport("Flow", plan("Mountain", "Warrior", "Tree"))
    practising = Practising(practice)
    knee = {Angle.LEFT_KNEE_FLEXION: -30.0}
    for hold in range(3):
        cues = [cue(hold + 1, practising.t)]
        practising.go_on(4.0, hold=hold, off=knee, cues=cues, joints=joints_of(Limbs()))
    told: dict[str, Any] = sum_up(practice).as_dict()
    own = {"session", "routine", "live", "began_at"}
    assert report().keys() - own <= told.keys()
    for name in ("time", "holds", "lag", "timeline"):
        assert report()[name].keys() <= told[name].keys(), name
    for name in ("sequences", "symmetry", "cues", "moments", "next"):
        assert report()[name][0].keys() <= told[name][0].keys(), name
    assert report()["timeline"]["joints"].keys() == told["timeline"]["joints"].keys()
    assert sessions()[0].keys() == {each.name for each in fields(ListedPractice)}
