"""A report over HTTP: its forms, its policy, how long it lives, and what may not slip into it."""

import asyncio
import base64
import csv
import hashlib
import io
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from support.live_server import LiveServer, live_server
from support.practised import Practising, cue, plan

from coach_server.body.angles import Angle
from coach_server.coaching.cue import CueState
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summary import Summary
from coach_server.coaching.report.summing_up import sum_up
from coach_server.coaching.silence import Silence
from coach_server.library.database import Database
from coach_server.library.reports.csv_table import BYTE_ORDER_MARK, COLUMNS, table
from coach_server.library.reports.kept import KeptReport, ReportStore
from coach_server.library.reports.page import page
from coach_server.library.reports.plot import clock
from coach_server.sessions.session_report import MOST_WAITING, FinishedReports, SessionReport

pytestmark = pytest.mark.web

BEGAN: Final = datetime(2026, 11, 26, 18, 4, tzinfo=UTC)
EVIL: Final = '<script src="https://evil.example/x.js">"&</script>'
KNEE: Final = Angle.LEFT_KNEE_FLEXION


def practised(*names: str) -> Summary:
    """Three poses, a mended fault in the second, the last one missed; the first is right."""
    names = names or ("Mountain", "Warrior II, left", "Tree")
    report = PracticeReport(names[0], plan(*names))
    student = Practising(report)
    student.go_on(6.0, hold=0)
    student.go_on(4.0)
    student.go_on(4.0, hold=1, off={KNEE: -25.0}, cues=[cue(1, 12.0, deviation_deg=-25.0)])
    student.go_on(2.0, hold=1, cues=[cue(1, 15.0, state=CueState.FIXED)])
    student.go_on(10.0, silence=Silence.OUT_OF_FRAME)
    return sum_up(report)


class Reading(HTMLParser):
    """What a page is made of.

    Attributes:
        tags: every element's name.
        attributes: every attribute, as (element, name, value).
        text: all that is written in it.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] != "style":
            self.text += data


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveServer]:
    async with live_server(tmp_path) as running:
        running.sessions._finished.keep(
            "done", SessionReport(BEGAN, {"session": "done"}, practised())
        )
        yield running


async def test_the_page_needs_nothing_but_itself(server: LiveServer) -> None:
    async with server.client.get("/api/sessions/done/report.html") as answer:
        assert (answer.status, answer.content_type, answer.charset) == (200, "text/html", "utf-8")
        assert "Content-Disposition" not in answer.headers
        html = await answer.text()
    read = Reading(html)
    assert not re.search(r"https?:|url\(|@import|//[a-z]", html)
    assert {"script", "iframe", "object", "embed", "img", "form", "base"}.isdisjoint(read.tags)
    for tag, name, value in read.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name != "style", tag
        if name in {"href", "src", "xlink:href"}:
            assert value.startswith("data:") or re.fullmatch(r"report(\.\w+\?download=1)?", value)
    for words in ("Mountain", "Warrior II, left", "Tree", "Bend your left knee more"):
        assert words in read.text
    assert "2 of 3 poses held; one correction, all mended." in read.text
    assert "left knee bent 25° too little" in read.text
    assert re.search(r"Score\d\dof 100", read.text)


async def test_the_page_brings_a_policy_that_is_stricter(server: LiveServer) -> None:
    async with server.client.get("/api/sessions/done/report.html") as answer:
        policy = answer.headers["Content-Security-Policy"]
        html = await answer.text()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert len(answer.headers.getall("Content-Security-Policy")) == 1
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    async with server.client.get("/api/sessions/done/report.csv") as answer:
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("form", ["html", "csv"])
async def test_a_report_can_be_kept_as_a_file(server: LiveServer, form: str) -> None:
    async with server.client.get(f"/api/sessions/done/report.{form}?download=1") as answer:
        kept = answer.headers["Content-Disposition"]
        text = await answer.text()
    assert kept == f'attachment; filename="practice-2026-11-26-1804.{form}"'
    assert "download=1" not in text, "a link of a file that is kept leads nowhere"


async def test_the_table_has_a_row_for_each_pose(server: LiveServer) -> None:
    async with server.client.get("/api/sessions/done/report.csv") as answer:
        assert (answer.content_type, answer.charset) == ("text/csv", "utf-8")
        text = (await answer.read()).decode("utf-8")
    assert text.startswith(BYTE_ORDER_MARK)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["pose"] for row in rows] == ["Mountain", "Warrior II, left", "Tree"]
    assert [row["reached"] for row in rows] == ["yes", "yes", "no"]
    assert [row["worst_angle"] for row in rows][1:] == ["left_knee_flexion", ""]
    warrior = rows[1]
    assert float(warrior["worst_deg"]) == -25.0
    assert float(warrior["judged_s"]) == pytest.approx(6.0)
    assert (warrior["cues_raised"], warrior["cues_mended"]) == ("1", "1")
    assert float(warrior["mean_lag_s"]) == pytest.approx(0.5)


async def test_json_has_the_old_fields_and_the_new(server: LiveServer) -> None:
    report = await server.report("done")
    assert (report["session"], report["began_at"]) == ("done", "2026-11-26T18:04:00+00:00")
    assert report["resumable"] is False
    assert [cue["state"] for cue in report["cues"]] == ["raised", "fixed"]
    assert report["holds"] == {"passed": 3, "reached": 2}
    assert report["verdict"] == "judged"
    timeline = report["timeline"]
    columns = [column for key, column in timeline.items() if key not in {"row_s", "joints"}]
    lengths = {len(column) for column in (*columns, *timeline["joints"].values())}
    assert len(lengths) == 1
    assert lengths.pop() > 20


@pytest.mark.parametrize("form", ["report", "report.csv", "report.html"])
async def test_a_report_that_is_not_there(server: LiveServer, form: str) -> None:
    async with server.client.get(f"/api/sessions/nobody/{form}") as answer:
        assert answer.status == 404
        assert set((await answer.json())["error"]) == {"code", "message", "hint"}
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("form", ["report.csv", "report.html"])
async def test_other_sites_may_not_read_it(server: LiveServer, form: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with server.client.get(f"/api/sessions/done/{form}", headers=headers) as answer:
        assert answer.status == 403


def test_names_are_text_whatever_is_in_them() -> None:
    html = page(practised(EVIL, EVIL, EVIL), "", began_at=BEGAN)
    read = Reading(html)
    assert "script" not in read.tags
    assert EVIL in read.text
    assert not [value for _, name, value in read.attributes if name in {"src", "href"}][1:]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_name_is_a_formula(name: str) -> None:
    text = table(practised(name)).removeprefix(BYTE_ORDER_MARK)
    assert next(csv.DictReader(io.StringIO(text)))["pose"] == f"'{name}"


@pytest.mark.parametrize(
    ("silence", "runs", "told"),
    [
        (Silence.OUT_OF_FRAME, True, "This practice could not be judged"),
        (Silence.PAUSED, False, "The video never ran"),
    ],
)
def test_a_page_with_nothing_to_say_says_so(silence: Silence, runs: bool, told: str) -> None:
    report = PracticeReport("Tree", plan("Tree"))
    Practising(report).go_on(30.0, silence=silence, runs=runs)
    read = Reading(page(sum_up(report), "", began_at=BEGAN))
    assert told in read.text
    assert "Pose by pose" not in read.text
    assert "Score" not in read.text
    assert ("Step back until your whole body is in the picture" in read.text) is runs


def test_every_chart_says_what_it_shows() -> None:
    html = page(practised(), "", began_at=BEGAN)
    read = Reading(html)
    ids = {value for _, name, value in read.attributes if name == "id"}
    charts = [value for tag, name, value in read.attributes if (tag, name) == ("svg", "role")]
    labels = [value for _, name, value in read.attributes if name == "aria-labelledby"]
    assert len(charts) == 2
    assert set(" ".join(labels).split()) <= ids
    assert "Furthest off at" in html
    assert len(ids) == sum(name == "id" for _, name, _ in read.attributes)


def test_a_practice_of_hours_is_a_page_of_some_hundred_kilobytes() -> None:
    report = PracticeReport("Long", plan(*(f"Pose {i}" for i in range(700))))
    student = Practising(report)
    for hold in range(600):
        off = {KNEE: float(hold % 30)}
        student.go_on(3.0, hold=hold, off=off, cues=[cue(hold, student.t)])
        student.go_on(3.0)
    html = page(sum_up(report), "", began_at=BEGAN)
    assert len(html) < 800_000


def test_kept_reports_are_bounded_and_the_dropped_are_counted(tmp_path: Path) -> None:
    reports = ReportStore(Database(tmp_path / "index.sqlite"), most=3)
    kept = KeptReport(BEGAN, {}, practised())
    assert [reports.keep(str(number), kept) for number in range(5)] == [0, 0, 0, 1, 1]
    assert [reports.find(str(number)) is not None for number in range(5)] == [
        *(False, False),
        *(True, True, True),
    ]


def test_a_kept_report_comes_back_as_it_was(tmp_path: Path) -> None:
    summary = practised(EVIL)
    ReportStore(Database(tmp_path / "a.sqlite")).keep("s", KeptReport(BEGAN, {"x": 1}, summary))
    found = ReportStore(Database(tmp_path / "a.sqlite")).find("s")
    assert found is not None
    assert (found.began_at, found.session) == (BEGAN, {"x": 1})
    assert found.practice.as_dict() == summary.as_dict()
    assert found.practice.steps == summary.steps
    assert page(found.practice, "", began_at=BEGAN) == page(summary, "", began_at=BEGAN)
    assert table(found.practice) == table(summary)


async def test_reports_outlive_the_server(tmp_path: Path) -> None:
    async with live_server(tmp_path) as first:
        reports = first.sessions._finished
        reports.keep("done", SessionReport(BEGAN, {"session": "done"}, practised()))
        assert reports.keep("never", SessionReport(BEGAN, {}, sum_up(PracticeReport()))) is None
        before = await first.report("done")  # while it is being written
    async with live_server(tmp_path) as second:
        assert await second.report("done") == before
        async with second.client.get("/api/sessions/never/report") as answer:
            assert answer.status == 404


async def test_reports_wait_for_a_disk_that_does_not_take_them(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    store = ReportStore(Database(tmp_path / "taken" / "index.sqlite"))
    reports = FinishedReports(store)

    async def keep(session: str) -> int:
        writing = reports.keep(session, SessionReport(BEGAN, {"session": session}, practised()))
        assert writing is not None
        return await writing

    dropped = [await keep(f"full {number}") for number in range(MOST_WAITING + 2)]
    assert dropped == [0] * MOST_WAITING + [1, 1], "the oldest go first"
    found = await reports.find("full 2")
    assert found is not None
    assert not found.resumable
    await asyncio.to_thread((tmp_path / "taken").unlink)  # there is room again
    assert await keep("mended") == 0
    sessions = {each.session for each in await asyncio.to_thread(store.listed)}
    assert sessions == {f"full {number}" for number in range(2, MOST_WAITING + 2)} | {"mended"}


class SlowStore(ReportStore):
    """Writes what goes on slowly, and what has ended at once."""

    def keep(self, session: str, report: KeptReport) -> int:
        if report.session.get("live"):
            time.sleep(0.3)
        return super().keep(session, report)


async def test_what_a_practice_came_to_is_never_written_over(tmp_path: Path) -> None:
    store = SlowStore(Database(tmp_path / "index.sqlite"))
    reports = FinishedReports(store)
    so_far = SessionReport(BEGAN, {"session": "one", "live": True}, practised())
    keeping = asyncio.create_task(reports.keep_so_far("one", so_far))
    await asyncio.sleep(0.1)
    keeping.cancel()  # as the end of a server does
    writing = reports.keep("one", SessionReport(BEGAN, {"session": "one"}, practised()))
    assert writing is not None
    await asyncio.gather(keeping, writing, return_exceptions=True)
    found = await asyncio.to_thread(store.find, "one")
    assert found is not None
    assert "live" not in found.session


def test_times_are_written_as_people_do() -> None:
    assert [clock(s) for s in (0, 59.6, 61, 3599, 3661)] == [
        *("0:00", "1:00", "1:01", "59:59", "1:01:01")
    ]
