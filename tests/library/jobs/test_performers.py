"""What each kind of job makes, and that a job which is begun again makes it once."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, Limbs, track_of

from coach_server.coaching.routine import Mirror
from coach_server.errors import CoachError, InputError
from coach_server.inference.engines import Engines
from coach_server.library.archive import export_routine
from coach_server.library.chapters import read_chapters
from coach_server.library.comparisons import ComparisonLibrary
from coach_server.library.editing import Edit, edit_routine
from coach_server.library.folders import Folders
from coach_server.library.jobs.job import KINDS
from coach_server.library.jobs.one_cut import NOTE, state_of
from coach_server.library.jobs.performer import Workplace
from coach_server.library.jobs.performers import PERFORMERS
from coach_server.library.routine_file import Level
from coach_server.library.store import RoutineLibrary
from coach_server.library.trimming import trim_routine
from coach_server.settings import Settings

pytestmark = pytest.mark.film

FPS = 10
TRACK = track_of([(Limbs(), 0.0, 2.0), (ARMS_OUT, 1.0, 2.5)], fps=FPS)


class Place:
    """A data folder, and one upload in it."""

    def __init__(self, data: Path) -> None:
        self.library = RoutineLibrary.of(data)
        self.upload = data / "uploads" / "a1"
        self.upload.mkdir(parents=True)
        self._place = Workplace(Settings(data=data, cache=data), "a1")
        self.told: list[tuple[str, int, int | None]] = []

    def do(self, kind: str, arguments: Mapping[str, Any]) -> Mapping[str, str]:
        def progress(stage: str, done: int, total: int | None) -> None:
            self.told.append((stage, done, total))

        return PERFORMERS[kind](self._place, arguments, progress)

    def films(self, *names: str) -> None:
        for name in names:
            film = write_film(self.upload / f"{name}.mp4", len(TRACK.time_s), fps=FPS)
            film.rename(self.upload / name)

    def routine(self) -> str:
        self.films("film")
        return self.do("prepare", PREPARE)["routine"]


PREPARE = {
    "film": "uploads/a1/film",
    "called": "morning.mp4",
    "title": "Morning",
    "chapters": None,
    "mirror": "same",
    "routine": "morning-1",
}


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One for each time that engines were loaded; they see the same figure in every film."""
    loaded = []

    def load(*_: object, **names: object) -> ScriptedEngines:
        loaded.append(str(names["keypoints"]))
        return ScriptedEngines(TRACK)

    monkeypatch.setattr(Engines, "load", load)
    return loaded


@pytest.fixture
def place(tmp_path: Path, loads: list[str]) -> Place:
    del loads
    return Place(tmp_path)


def test_every_kind_has_its_performer() -> None:
    assert set(PERFORMERS) == set(KINDS)


def test_a_film_is_prepared_once(place: Place, loads: list[str]) -> None:
    place.films("film")
    (place.upload / "chapters").write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nMountain\n", "utf-8")
    arguments = {**PREPARE, "chapters": "uploads/a1/chapters", "mirror": "mirrored"}
    arguments["level"] = "advanced"
    assert place.do("prepare", arguments) == {"routine": "morning-1"}
    (meta,) = place.library.summaries()
    assert (meta.id, meta.title, meta.mirror) == ("morning-1", "Morning", Mirror.MIRRORED)
    assert meta.level is Level.ADVANCED
    stored = place.library.open("morning-1")
    assert [chapter.title for chapter in read_chapters(stored.chapters)] == ["Mountain"]
    assert place.told[0] == ("loading the engines", 0, None)
    shares = [done for _, done, total in place.told if total]
    assert shares == sorted(shares)
    assert shares[-1] > 900  # of a thousand
    shutil.rmtree(place.upload)  # as after its end: begun again it has nothing more to do
    assert place.do("prepare", arguments) == {"routine": "morning-1"}
    assert loads == ["blazepose-full"]


def test_a_routine_that_was_exported_is_imported_once(place: Place) -> None:
    with (place.upload / "archive").open("wb") as file:
        export_routine(place.library.open(place.routine()), file)
    arguments = {
        "archive": "uploads/a1/archive",
        "called": "morning.routine.zip",
        "routine": "morning-2",
    }
    assert place.do("import", arguments) == {"routine": "morning-2"}
    shutil.rmtree(place.upload)
    assert place.do("import", arguments) == {"routine": "morning-2"}
    assert [meta.id for meta in place.library.summaries()] == ["morning-1", "morning-2"]


def test_a_routine_of_other_engines_is_tracked_anew_when_it_comes_in(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (place.upload / "archive").open("wb") as file:
        export_routine(place.library.open(place.routine()), file)
    newer = ScriptedEngines(TRACK, fingerprint="scripted:2")
    monkeypatch.setattr(Engines, "load", lambda *_, **__: newer)
    arguments = {
        "archive": "uploads/a1/archive",
        "called": "a.zip",
        "routine": "morning-2",
        "title": "Evening",
        "mirror": "mirrored",
        "level": "beginner",
    }
    place.do("import", arguments)
    meta = place.library.open("morning-2").meta
    assert (meta.title, meta.mirror) == ("Evening", Mirror.MIRRORED)
    assert meta.level is Level.BEGINNER
    assert place.library.open("morning-2").meta.engines == newer.fingerprints()


def trim_of(place: Place) -> dict[str, Any]:
    was = state_of(place.library.open(place.routine()))
    return {"routine": "morning-1", "start_s": 1.0, "end_s": 4.0, "was": was}


def test_a_routine_is_cut_once(place: Place) -> None:
    arguments = trim_of(place)
    for _ in range(2):  # the second as after a process that died just before it told of the end
        assert place.do("trim", arguments) == {"routine": "morning-1"}
        assert place.library.open("morning-1").meta.duration_s == pytest.approx(3.0, abs=0.11)
        edit_routine(place.library, "morning-1", Edit(title="Late morning"))


def test_a_cut_that_was_never_put_in_its_place_is_made_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = trim_of(place)
    with monkeypatch.context() as dying:
        dying.setattr(Folders, "_put", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            place.do("trim", arguments)
    assert (place.upload / NOTE).exists()
    place.do("trim", arguments)
    assert place.library.open("morning-1").meta.duration_s == pytest.approx(3.0, abs=0.11)


def test_a_routine_that_another_has_cut_since_is_not_cut_again(place: Place) -> None:
    arguments = trim_of(place)
    meta = trim_routine(place.library, "morning-1", 0.0, 5.0)
    with pytest.raises(InputError, match="was changed since") as refused:
        place.do("trim", arguments)
    assert refused.value.error_code == "routine_changed"
    assert place.library.open("morning-1").meta == meta


def test_a_routine_may_be_removed_while_it_is_compared(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.routine()
    place.films("two")
    engines = Engines.load

    def then_removed(*given: Any, **named: Any) -> Engines:
        place.library.remove("morning-1")
        monkeypatch.setattr(Engines, "load", engines)
        return engines(*given, **named)

    monkeypatch.setattr(Engines, "load", then_removed)
    arguments = {"routine": "morning-1", "student": "uploads/a1/two", "comparison": "me-1"}
    assert place.do("compare", arguments) == {"comparison": "me-1"}
    report = json.loads((tmp_path / "comparisons" / "me-1" / "report.json").read_bytes())
    assert report["instructor"]["title"] == "Morning"
    assert report["instructor"]["routine"] == "morning-1"


@pytest.mark.parametrize("instructor", [{"routine": "morning-1"}, {"instructor": "uploads/a1/one"}])
def test_two_films_are_compared_once(
    place: Place, tmp_path: Path, loads: list[str], instructor: dict[str, str]
) -> None:
    place.routine()
    place.films("one", "two")
    arguments = {
        **instructor,
        "student": "uploads/a1/two",
        "called": [None, "me.mp4"],
        "title": "Me and Morning",
        "mirror": "same",
        "alignment": "frames",
        "comparison": "me-1",
    }
    for _ in range(2):
        assert place.do("compare", arguments) == {"comparison": "me-1"}
    (kept,) = ComparisonLibrary(tmp_path / "comparisons").all()
    assert (kept.id, kept.meta.title, kept.meta.alignment.value) == (
        "me-1",
        "Me and Morning",
        "frames",
    )
    assert len(loads) == 2  # to prepare, and to compare once


@pytest.mark.parametrize("path", ["uploads/a1/gone", "../film", "/etc/passwd", "uploads"])
def test_nothing_is_read_but_files_of_the_data_folder(place: Place, path: str) -> None:
    (place.upload.parents[2] / "film").write_bytes(b"outside")
    with pytest.raises(InputError) as refused:
        place.do("prepare", {**PREPARE, "film": path})
    assert refused.value.error_code == "upload_gone"
    assert refused.value.hint


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("prepare", PREPARE),
        ("import", {"archive": "uploads/a1/film", "called": "x.zip", "routine": "morning-1"}),
        ("trim", {"routine": "nobody", "start_s": 0.0, "end_s": 3.0, "was": {}}),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    place: Place, kind: str, arguments: Mapping[str, Any]
) -> None:
    (place.upload / "film").write_bytes(b"no film at all")
    with pytest.raises(CoachError) as refused:
        place.do(kind, arguments)
    assert refused.value.hint
    assert place.library.summaries() == []
