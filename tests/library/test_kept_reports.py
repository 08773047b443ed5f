"""Reports on disk: listed without being read, and those of older versions with the others."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest
from support.practised import Practising, cue, plan
from support.stick_figure import WARRIOR, joints_of

from coach_server.body.angles import Angle
from coach_server.coaching.cue import CueState
from coach_server.coaching.report.practice import PracticeReport
from coach_server.coaching.report.summary import Summary
from coach_server.coaching.report.summing_up import sum_up
from coach_server.library.database import MIGRATIONS, Database
from coach_server.library.reports.kept import KeptReport, ReportStore

pytestmark = pytest.mark.unit

BEGAN: Final = datetime(2026, 11, 26, 18, 4, tzinfo=UTC)
KNEE: Final = Angle.LEFT_KNEE_FLEXION


def practised() -> Summary:
    report = PracticeReport("Flow", plan("Mountain", "Warrior"))
    student = Practising(report)
    student.go_on(6.0, hold=0)
    student.go_on(4.0)
    fault = [cue(1, 14.0, deviation_deg=-25.0)]
    student.go_on(4.0, hold=1, off={KNEE: -25.0}, cues=fault, joints=joints_of(WARRIOR))
    student.go_on(2.0, hold=1, cues=[cue(1, 16.0, state=CueState.FIXED), cue(2, 16.0)])
    student.go_on(1.0)
    return sum_up(report)


PRACTISED: Final = practised()


@pytest.fixture
def store(tmp_path: Path) -> ReportStore:
    return ReportStore(Database(tmp_path / "index.sqlite"), most=4)


def keep(store: ReportStore, session: str, began: datetime, routine: str = "flow") -> None:
    store.keep(session, KeptReport(began, {"session": session, "routine": routine}, PRACTISED))


def test_a_report_comes_back_with_its_joints_and_moments(store: ReportStore) -> None:
    keep(store, "s", BEGAN)
    found = store.find("s")
    assert found is not None
    told = found.practice.as_dict()
    assert told == PRACTISED.as_dict()
    assert found.practice.moments == PRACTISED.moments != ()
    json.dumps(told, allow_nan=False)


def test_a_list_tells_the_figures_of_the_newest_first(store: ReportStore) -> None:
    keep(store, "b", BEGAN + timedelta(hours=2))
    keep(store, "c", BEGAN + timedelta(hours=3), routine="other")
    here = timezone(timedelta(hours=-8))  # whose clock shows less
    keep(store, "d", (BEGAN + timedelta(hours=4)).astimezone(here))
    keep(store, "a", BEGAN)  # a long practice, kept last
    assert [each.session for each in store.listed()] == ["d", "c", "b", "a"]
    assert [each.session for each in store.listed("flow")] == ["d", "b", "a"]
    assert [each.session for each in store.listed(most=2)] == ["d", "c"]
    assert store.listed("nothing") == ()
    assert store.listed()[3].as_dict() == {
        "session": "a",
        "routine": "flow",
        "title": "Flow",
        "began_at": "2026-11-26T18:04:00+00:00",
        "film_s": 16.9,
        "score": PRACTISED.score,
        "passed": 2,
        "reached": 2,
        "raised": 2,
        "mended": 1,
    }
    last = store.last_practised()
    assert last == {
        "flow": BEGAN + timedelta(hours=4),
        "other": BEGAN + timedelta(hours=3),
    }
    assert last["flow"].utcoffset() == timedelta(hours=-8)


def test_what_is_dropped_is_listed_no_more(store: ReportStore) -> None:
    for number in range(6):
        keep(store, str(number), BEGAN + timedelta(hours=number))
    assert [each.session for each in store.listed()] == ["5", "4", "3", "2"]


def test_a_list_reads_no_report(store: ReportStore, tmp_path: Path) -> None:
    for number in range(3):
        keep(store, str(number), BEGAN + timedelta(hours=number))
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.execute("UPDATE reports SET report = 'torn'")
    connection.close()
    assert len(store.listed()) == 3


def older(text: str) -> str:
    """A report as it was kept before there were joints, moments and figures."""
    fields: dict[str, Any] = json.loads(text)
    del fields["practice"]["moments"]
    del fields["practice"]["timeline"]["joints"]
    return json.dumps(fields)


@pytest.fixture
def old_file(tmp_path: Path) -> Callable[..., Path]:
    """Makes a file of the first version, with these reports in it."""
    newer = ReportStore(Database(tmp_path / "newer.sqlite"))
    keep(newer, "s", BEGAN)
    with sqlite3.connect(tmp_path / "newer.sqlite") as connection:
        (text,) = connection.execute("SELECT report FROM reports").fetchone()
    connection.close()

    def made(**reports: str) -> Path:
        path = tmp_path / "index.sqlite"
        with sqlite3.connect(path) as connection:
            connection.executescript(MIGRATIONS[0])
            connection.execute("PRAGMA user_version = 1")
            for session, report in ({"old": older(text)} | reports).items():
                connection.execute(
                    "INSERT INTO reports VALUES (?, ?, ?)", (session, BEGAN.isoformat(), report)
                )
        connection.close()
        return path

    return made


def test_older_reports_are_listed_and_read(old_file: Callable[..., Path]) -> None:
    store = ReportStore(Database(old_file()))
    keep(store, "new", BEGAN + timedelta(hours=1))
    new, old = store.listed("flow")
    assert (new.session, old.session) == ("new", "old")
    assert (old.began_at, old.score, old.raised) == (BEGAN, PRACTISED.score, 2)
    assert store.last_practised() == {"flow": BEGAN + timedelta(hours=1)}
    found = store.find("old")
    assert found is not None
    told = json.loads(json.dumps(found.practice.as_dict(), allow_nan=False))
    assert (told["moments"], told["timeline"]["joints"]) == ([], {})
    assert told["sequences"] == json.loads(json.dumps(PRACTISED.as_dict()))["sequences"]


def test_one_that_cannot_be_read_hides_no_other(old_file: Callable[..., Path]) -> None:
    path = old_file(torn="{", strange=json.dumps({"session": {}, "practice": {}}))
    for _ in range(2):  # at the second start nothing is looked into again
        assert [each.session for each in ReportStore(Database(path)).listed()] == ["old"]
        assert set(ReportStore(Database(path)).last_practised()) == {"flow"}
