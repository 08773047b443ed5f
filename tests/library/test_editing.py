"""Routines are changed, cut, packed and unpacked: wholly, or not at all."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, WARRIOR, Limbs, track_of

from coach_server.coaching.routine import Mirror
from coach_server.errors import BusyError, CoachError, InputError, KindError, TooLargeError
from coach_server.library.archive import export_routine, import_routine
from coach_server.library.chapters import Chapter, read_chapters
from coach_server.library.editing import Edit, edit_routine
from coach_server.library.prepare import prepare_routine
from coach_server.library.routine_file import (
    FORMAT,
    FilmWarning,
    Level,
    RoutineMeta,
    Segment,
    Span,
    write_meta,
)
from coach_server.library.store import FILES, RoutineLibrary, StoredRoutine
from coach_server.library.track_file import load_track, save_track
from coach_server.library.trimming import trim_routine
from coach_server.video.reader import FilmReader

pytestmark = pytest.mark.film

POSES: list[tuple[Limbs, float, float]] = [
    (Limbs(), 0.0, 2.0),
    (ARMS_OUT, 1.5, 3.0),
    (WARRIOR, 1.5, 3.0),
]
TRACK = track_of(POSES)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A routine as one file."""
    folder = tmp_path_factory.mktemp("prepared")
    library = RoutineLibrary.of(folder)
    film = write_film(folder / "flow.mp4", len(TRACK.time_s), sound=True)
    prepare_routine(library, film, ScriptedEngines(TRACK), title="Flow", routine_id="flow")
    packed = io.BytesIO()
    export_routine(library.open("flow"), packed)
    return packed.getvalue()


@pytest.fixture
def library(tmp_path: Path, prepared: bytes) -> RoutineLibrary:
    library = RoutineLibrary.of(tmp_path)
    with zipfile.ZipFile(io.BytesIO(prepared)) as packed:
        packed.extractall(tmp_path / "routines")
    return library


def starts(meta: RoutineMeta) -> list[float]:
    return [hold.start_s for hold in meta.holds]


def content(stored: StoredRoutine) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in stored.folder.iterdir()}


def test_a_level_is_set_kept_and_taken_back(library: RoutineLibrary, tmp_path: Path) -> None:
    assert edit_routine(library, "flow", Edit(level=Level.ADVANCED)).level is Level.ADVANCED
    assert edit_routine(library, "flow", Edit(title="Other")).level is Level.ADVANCED
    with (tmp_path / "a.zip").open("wb") as file:
        export_routine(library.open("flow"), file)
    assert import_routine(library, tmp_path / "a.zip", "again").level is Level.ADVANCED
    assert edit_routine(library, "flow", Edit(level=None)).level is None
    assert library.open("flow").meta.level is None


def test_title_mirror_and_names_are_changed(library: RoutineLibrary) -> None:
    before = library.open("flow")
    chapters = (Chapter(8.0, 11.0, "Warrior --> II"), Chapter(0.0, 3.0, " Mountain\npose "))
    edit = Edit(title="  Evening\tflow ", mirror=Mirror.MIRRORED, chapters=chapters)
    meta = edit_routine(library, "flow", edit)
    assert (meta.title, meta.mirror) == ("Evening flow", Mirror.MIRRORED)
    assert library.summaries() == [meta]
    stored = library.open("flow")
    assert stored.meta == meta
    assert stored.meta.segments == before.meta.segments
    named = [chapter.title for chapter in read_chapters(stored.chapters)]
    assert named == ["Mountain pose", "Warrior → II"]
    assert stored.load().names == ("Mountain pose", "", "Warrior → II")
    assert stored.video.stat().st_size > 0


def test_moved_holds_have_their_importance_anew(library: RoutineLibrary) -> None:
    before = library.open("flow").meta
    first, second, third = before.holds
    moved = Span(start_s=8.5, end_s=10.0)
    meta = edit_routine(library, "flow", Edit(holds=(moved, second)))
    assert meta.holds[0] == second  # sorted, and as it was
    assert starts(meta) == [second.start_s, 8.5]
    assert meta.holds[1].importance
    titles = [chapter.title for chapter in read_chapters(library.open("flow").chapters)]
    assert titles == ["Pose 1", "Pose 2"]
    assert len(library.open("flow").load().holds) == 2
    gaps = [s for s in meta.segments if s.kind == "transition"]
    assert any(gap.start_s == second.end_s and gap.end_s == 8.5 for gap in gaps)
    assert first not in meta.segments
    assert third not in meta.segments
    edit_routine(library, "flow", Edit(chapters=(Chapter(3.0, 8.4, "Star"),)))
    edit_routine(library, "flow", Edit(holds=(second,)))
    (kept,) = read_chapters(library.open("flow").chapters)  # nobody made it of a hold
    assert kept == Chapter(3.0, 8.4, "Star")


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (Edit(title=" "), "title"),
        (Edit(title="x" * 201), "title"),
        (Edit(holds=(Span(start_s=1, end_s=4), Span(start_s=3, end_s=6))), "overlap"),
        (Edit(holds=(Span(start_s=2, end_s=2.1),)), "shorter"),
        (Edit(holds=(Span(start_s=200, end_s=300),)), "shorter"),
        (Edit(holds=tuple(Span(start_s=i, end_s=i + 1) for i in range(2000))), "more than"),
        (Edit(title="New", chapters=(Chapter(3, 2, "a"),)), "ends before"),
        (Edit(title="New", chapters=(Chapter(300, 302, "a"),)), "outside"),
        (Edit(title="New", chapters=(Chapter(1, 1.0001, "a"),)), "shorter"),
        (Edit(title="New", chapters=(Chapter(1, float("nan"), "a"),)), "outside"),
        (Edit(title="New", chapters=(Chapter(1, 2, ""),)), "name"),
    ],
)
def test_what_does_not_fit_changes_nothing(library: RoutineLibrary, edit: Edit, why: str) -> None:
    before = content(library.open("flow"))
    with pytest.raises(InputError, match=why) as caught:
        edit_routine(library, "flow", edit)
    assert caught.value.hint
    assert content(library.open("flow")) == before


def test_no_hold_where_nobody_is_seen(library: RoutineLibrary) -> None:
    stored = library.open("flow")
    track = load_track(stored.track)
    track.present[:60] = False
    save_track(track, stored.track)
    with pytest.raises(InputError, match="nobody is seen"):
        edit_routine(library, "flow", Edit(holds=(Span(start_s=0.2, end_s=1.5),)))


@pytest.mark.parametrize(
    "change",
    [
        lambda library: edit_routine(library, "flow", Edit(title="Other")),
        lambda library: trim_routine(library, "flow", 1.0, 9.0),
        lambda library: library.remove("flow"),
    ],
    ids=["edit", "trim", "remove"],
)
def test_one_at_a_time(library: RoutineLibrary, change: Callable[[RoutineLibrary], object]) -> None:
    with library.changing("flow"), pytest.raises(BusyError):
        change(library)
    change(library)


def test_a_trimmed_routine_is_the_stretch_and_no_more(library: RoutineLibrary) -> None:
    stored = library.open("flow")
    warnings = (
        FilmWarning(code="cut", message="a cut", spans=(Span(start_s=1, end_s=1.5),)),
        FilmWarning(code="cuts", message="cuts", spans=(Span(start_s=5, end_s=5),)),
        FilmWarning(code="dark", message="dark", spans=(Span(start_s=2, end_s=5),)),
        FilmWarning(code="low_rate", message="slow"),
    )
    extra = Segment(kind="repetitions", start_s=6.7, end_s=7.7, count=4)
    write_meta(
        stored.meta.model_copy(
            update={
                "warnings": warnings,
                "anomalies": (Span(start_s=2.5, end_s=3.5),),
                "segments": (*stored.meta.segments, extra),
            }
        ),
        stored.folder,
    )
    track, holds = load_track(stored.track), stored.meta.holds
    edit_routine(library, "flow", Edit(chapters=(Chapter(0, 2, "A"), Chapter(3.5, 6.5, "B"))))
    told: list[int] = []

    meta = trim_routine(library, "flow", 3.0, 7.2, lambda _s, done, _of: told.append(done))

    cut = library.open("flow")
    assert cut.meta == meta
    assert meta.duration_s == pytest.approx(4.2, abs=0.05)
    kept = load_track(cut.track)
    assert kept.time_s == pytest.approx(np.arange(len(kept.time_s)) / 30)
    assert np.array_equal(kept.joints, track.joints[90:216])
    with FilmReader(cut.video) as film:
        frames = list(film)
        assert film.fps == pytest.approx(30)
    assert len(frames) == len(kept.time_s)
    brightness = [int(f.frame.to_ndarray(format="rgb24")[-8, -8, 1]) for f in frames[::40]]
    assert brightness == pytest.approx([60 + (90 + i) % 100 for i in (0, 40, 80, 120)], abs=6)
    (hold,) = meta.holds
    assert hold.start_s == pytest.approx(holds[1].start_s - 3.0, abs=0.002)
    assert hold.importance == holds[1].importance
    (repeated,) = (s for s in meta.segments if s.count)
    assert (repeated.start_s, repeated.end_s) == pytest.approx((3.7, 4.2))
    assert repeated.count == 2
    assert [warning.code for warning in meta.warnings] == ["cuts", "dark", "low_rate"]
    assert meta.warnings[0].spans == (Span(start_s=2, end_s=2),)
    assert meta.warnings[1].spans == (Span(start_s=0, end_s=2),)
    assert meta.anomalies == (Span(start_s=0, end_s=0.5),)
    assert read_chapters(cut.chapters) == (Chapter(0.5, 3.5, "B"),)
    assert told == sorted(told)


def test_a_film_of_more_than_one_rate_is_trimmed_by_its_times(library: RoutineLibrary) -> None:
    stored = library.open("flow")
    track = load_track(stored.track)
    time_s = np.concatenate([np.arange(150) / 30, 5.0 + np.arange(len(track.time_s) - 150) / 10])
    save_track(replace(track, time_s=time_s, fps=329 / time_s[-1]), stored.track)
    write_meta(stored.meta.model_copy(update={"duration_s": 23.0, "fps": 14.3}), stored.folder)
    meta = trim_routine(library, "flow", 0.0, 4.9)
    assert [meta.fps, meta.duration_s] == pytest.approx([30.0, 4.9], abs=0.05)


@pytest.mark.parametrize("span", [(5.0, 4.0), (1.0, 2.0), (50.0, 60.0)])
def test_a_trim_that_leaves_nothing_changes_nothing(
    library: RoutineLibrary, span: tuple[float, float]
) -> None:
    before = content(library.open("flow"))
    with pytest.raises(InputError, match="leaves"):
        trim_routine(library, "flow", *span)
    assert content(library.open("flow")) == before


def test_a_routine_goes_out_and_comes_in_the_same(library: RoutineLibrary, tmp_path: Path) -> None:
    edit_routine(library, "flow", Edit(chapters=(Chapter(0, 2, "Tree"),), mirror=Mirror.AUTO))
    out = tmp_path / "out.zip"
    with out.open("wb") as file:
        export_routine(library.open("flow"), file)
    other = RoutineLibrary.of(tmp_path / "other")
    meta = import_routine(other, out, "flow-2")
    stored, before = other.open("flow-2"), library.open("flow")
    assert stored.meta == meta == before.meta.model_copy(update={"id": "flow-2"})
    assert np.array_equal(load_track(stored.track).joints, load_track(before.track).joints)
    assert read_chapters(stored.chapters) == (Chapter(0, 2, "Tree"),)
    assert set(content(stored)) == set(content(before))
    assert [m.id for m in other.summaries()] == ["flow-2"]


def repacked(prepared: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(prepared)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return made.getvalue()


def meta_with(**fields: object) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        meta = json.loads(files["flow/routine.json"])
        files["flow/routine.json"] = json.dumps({**meta, **fields}).encode()

    return change


def track_with(**arrays: object) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        with np.load(io.BytesIO(files["flow/track.npz"])) as packed:
            made = {**packed, **arrays}
        file = io.BytesIO()
        np.savez(file, **made)
        files["flow/track.npz"] = file.getvalue()

    return change


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({f"flow/{name}": data})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda files: files.pop("flow/track.npz"), KindError),
        (lambda files: files.pop("flow/video.mp4"), KindError),
        (put("track.npz", b"PK\x03\x04 no track"), InputError),
        (put("routine.json", b"[" * 100_000), InputError),
        (put("routine.json", b"{}"), InputError),
        (put("chapters.vtt", b"\xff\xfe"), InputError),
        (put("video.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"), InputError),
        (put("chapters.vtt", bytes(2 << 20)), TooLargeError),
        (meta_with(format=99), InputError),
        (meta_with(title=""), InputError),
        (meta_with(duration_s=float("nan")), InputError),
        (meta_with(duration_s=500.0), InputError),
        (meta_with(segments=[{"start_s": -1, "end_s": 2}]), InputError),
        (meta_with(segments=[{"start_s": 9, "end_s": 6}]), InputError),
        (meta_with(segments=[{"start_s": 100, "end_s": 200}]), InputError),
        (meta_with(segments=[{"start_s": 1, "end_s": 4}, {"start_s": 2, "end_s": 5}]), InputError),
        (meta_with(title="\u202e "), InputError),
        (track_with(present=np.zeros(330, bool)), InputError),
        (track_with(time_s=TRACK.time_s + 1e9), InputError),
        (track_with(time_s=TRACK.time_s[:1]), InputError),
        (track_with(time_s=np.float64(1.0)), InputError),
        (track_with(fps=np.float64(np.inf)), InputError),
        (track_with(fps=np.ones(3)), InputError),
        (track_with(image_size=np.array([0, 0])), InputError),
        (track_with(image_size=np.array([1, 2, 3])), InputError),
        (track_with(present=np.array(["yes"] * 330)), InputError),
    ],
)
def test_an_archive_that_is_no_routine_is_refused(
    prepared: bytes,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    error: type[CoachError],
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(repacked(prepared, change))
    library = RoutineLibrary.of(tmp_path)
    with pytest.raises(error):
        import_routine(library, path, "flow", called="My flow")
    assert list((tmp_path / "routines").iterdir()) == []
    assert library.summaries() == []


def test_a_track_of_another_film_is_refused(prepared: bytes, tmp_path: Path) -> None:
    other = write_film(tmp_path / "other.mp4", 60)
    path = tmp_path / "a.zip"
    path.write_bytes(repacked(prepared, put("video.mp4", other.read_bytes())))
    with pytest.raises(InputError, match="not of its film"):
        import_routine(RoutineLibrary.of(tmp_path), path, "flow")


def test_names_in_an_archive_lead_nowhere(prepared: bytes, tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["../../escaped.txt"] = b"out"
        files["/absolute.txt"] = b"out"
        files["flow/extra.sh"] = b"rm -rf /"
        files.update({f"../{name}": files.pop(name) for name in list(files) if "npz" in name})

    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    path.write_bytes(repacked(prepared, change))
    library = RoutineLibrary.of(tmp_path / "in")
    import_routine(library, path, "flow")
    assert set(content(library.open("flow"))) == set(FILES)
    assert {file.name for file in tmp_path.iterdir()} == {"in"}


def test_a_bomb_is_stopped_at_the_cap(prepared: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(repacked(prepared, put("chapters.vtt", bytes(40 << 20))))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(TooLargeError, match="My flow"):
        import_routine(RoutineLibrary.of(tmp_path), path, "flow", called="My flow")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + bytes(50), b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(InputError, match="My flow"):
        import_routine(RoutineLibrary.of(tmp_path), path, "flow", called="My flow")


def test_older_formats_come_in_as_the_newest(prepared: bytes, tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        meta = json.loads(files["flow/routine.json"])
        for name in ("mirror", "level", "anomalies", "warnings", "created_at", "format"):
            meta.pop(name)
        meta["segments"] = [
            {k: s[k] for k in ("start_s", "end_s")} for s in meta["segments"] if s["kind"] == "hold"
        ]
        files["flow/routine.json"] = json.dumps({**meta, "format": 1}).encode()

    path = tmp_path / "a.zip"
    path.write_bytes(repacked(prepared, change))
    meta = import_routine(RoutineLibrary.of(tmp_path), path, "flow")
    assert (meta.format, meta.level) == (FORMAT, None)
    assert len(meta.holds) == 3


def test_the_index_follows_the_folders(library: RoutineLibrary, tmp_path: Path) -> None:
    assert [meta.id for meta in library.summaries()] == ["flow"]
    (tmp_path / "routines").rename(tmp_path / "elsewhere")
    assert library.summaries() == []
    moved = RoutineLibrary.of(tmp_path / "new")
    (tmp_path / "new").mkdir()
    (tmp_path / "elsewhere").rename(tmp_path / "new" / "routines")
    assert [meta.id for meta in moved.summaries()] == ["flow"]
    edit_routine(RoutineLibrary(tmp_path / "new" / "routines"), "flow", Edit(title="By hand"))
    assert [meta.title for meta in moved.summaries()] == ["By hand"]
    assert moved.reindex() == 1


def test_rows_of_another_version_are_read_anew(library: RoutineLibrary) -> None:
    library.summaries()
    index = library._index
    assert index is not None
    with index._database.connect() as connection:
        connection.execute("UPDATE routines SET meta = '{\"title\": 7}'")
    assert [meta.title for meta in library.summaries()] == ["Flow"]
