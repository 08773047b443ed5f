"""Routines are there whole or not at all, and what is damaged says how."""

import json
import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, WARRIOR, Limbs, track_of

from coach_server.body.angles import Angle
from coach_server.coaching.cue import CueState
from coach_server.coaching.routine import Mirror, Routine
from coach_server.errors import InputError, MediaError, NotFoundError
from coach_server.library.chapters import Chapter, read_chapters, write_chapters
from coach_server.library.demo import DEMO_ID, install_demo
from coach_server.library.editing import Edit, edit_routine
from coach_server.library.prepare import (
    PREPARING,
    is_stale,
    prepare_routine,
    retrack,
    retrack_stale,
)
from coach_server.library.replay import replay
from coach_server.library.routine_file import FORMAT, Span, write_meta
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import load_track, save_track
from coach_server.library.tracking import track_film

pytestmark = pytest.mark.film

POSES: list[tuple[Limbs, float, float]] = [
    (Limbs(), 0.0, 2.0),
    (ARMS_OUT, 1.5, 3.0),
    (WARRIOR, 1.5, 3.0),
]
TRACK = track_of(POSES)
ENGINES = ScriptedEngines(TRACK)


def _fail_half_way(folder: Path) -> None:
    (folder / "routine.json").write_text("{}")
    raise MediaError("the disk is on fire")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "flow.mp4", len(TRACK.time_s))


@pytest.fixture
def library(tmp_path: Path) -> RoutineLibrary:
    return RoutineLibrary(tmp_path / "routines")


def test_a_film_becomes_a_routine(film: Path, library: RoutineLibrary) -> None:
    routine_id = prepare_routine(library, film, ENGINES, title="Morning flow")
    (meta,) = library.summaries()
    assert meta.id == routine_id
    assert meta.title == "Morning flow"
    assert meta.duration_s == pytest.approx(11.0)
    stored = library.open(routine_id)
    assert {file.name for file in stored.folder.iterdir()} == {
        "routine.json",
        "track.npz",
        "video.mp4",
        "chapters.vtt",
        "poster.jpg",
    }
    routine = stored.load()
    assert isinstance(routine, Routine)
    starts = [hold.start_s for hold in routine.holds]
    assert starts == pytest.approx([0.0, 3.5, 8.0], abs=0.4)
    assert [chapter.title for chapter in read_chapters(stored.chapters)] == [
        "Mountain pose",
        "Pose 2",
        "Pose 3",
    ]
    assert routine.names == ("Mountain pose", "", "")
    assert stored.poster.read_bytes().startswith(b"\xff\xd8")


def test_chapters_given_are_kept(film: Path, library: RoutineLibrary, tmp_path: Path) -> None:
    chapters = (Chapter(0.0, 3.25, "Mountain pose"), Chapter(3.5, 10.5, "Star → wide"))
    write_chapters(chapters, tmp_path / "poses.vtt")
    routine_id = prepare_routine(
        library, film, ENGINES, title="Flow", chapters=tmp_path / "poses.vtt"
    )
    assert read_chapters(library.open(routine_id).chapters) == chapters


def test_chapters_are_cut_at_the_end_and_refused_beyond_it(
    film: Path, library: RoutineLibrary, tmp_path: Path
) -> None:
    path = tmp_path / "poses.vtt"
    write_chapters((Chapter(3.5, 61.5, "Star"),), path)
    stored = library.open(prepare_routine(library, film, ENGINES, title="Flow", chapters=path))
    assert read_chapters(stored.chapters) == (Chapter(3.5, 11.0, "Star"),)
    write_chapters((Chapter(61.5, 62.0, "Star"),), path)
    with pytest.raises(InputError, match=r"61\.5 s"):
        prepare_routine(library, film, ENGINES, title="Other", chapters=path)
    assert len(library.summaries()) == 1


def test_notes_and_names_of_two_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "poses.vtt"
    path.write_text("WEBVTT\n\nNOTE a --> b\n\nfirst\n00:01.000 --> 00:02.000\nTree,\nleft\n")
    assert read_chapters(path) == (Chapter(1.0, 2.0, "Tree, left"),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nothing", 1),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nPose", None),
        ("WEBVTT\n\n00:03.000 --> 00:02.000\nPose\n", 3),
        ("WEBVTT\n\n00:03 --> 00:04\nPose\n", 3),
        ("WEBVTT\n\n00:03.000 --> 00:04.000\n", 3),
    ],
)
def test_bad_chapters_are_refused_with_the_line(
    text: str, line: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "poses.vtt"
    path.write_text(text)
    if line is None:
        assert read_chapters(path) == ()
        return
    with pytest.raises(InputError, match=f"line {line}"):
        read_chapters(path)


def test_a_film_with_nobody_leaves_nothing_behind(film: Path, library: RoutineLibrary) -> None:
    nobody = ScriptedEngines(np.full_like(TRACK.joints, np.nan))
    with pytest.raises(InputError, match="Nobody is seen"):
        prepare_routine(library, film, nobody, title="Empty")
    assert library.summaries() == []


def test_a_failure_while_writing_leaves_the_old_routine(
    film: Path, library: RoutineLibrary, tmp_path: Path
) -> None:
    routine_id = prepare_routine(library, film, ENGINES, title="Flow", routine_id="flow")
    with pytest.raises(MediaError), library.writing(routine_id) as folder:
        _fail_half_way(folder)
    assert library.open("flow").meta.title == "Flow"
    assert [entry.name for entry in (tmp_path / "routines").iterdir()] == ["flow"]


def test_other_engines_make_the_track_again(film: Path, library: RoutineLibrary) -> None:
    routine_id = prepare_routine(library, film, ENGINES, title="Flow")
    moved = ScriptedEngines(TRACK.joints + np.float32(0.5), fingerprint="scripted:2")
    stored = library.open(routine_id)
    assert not is_stale(stored, ENGINES)
    assert is_stale(stored, moved)
    retrack(library, stored.meta.id, moved)
    again = library.open(routine_id)
    assert not is_stale(again, moved)
    assert again.meta.title == "Flow"
    difference = again.load().track.joints - TRACK.joints
    assert difference[5, 3] == pytest.approx(np.full(3, 0.5), abs=1e-5)


def test_what_people_changed_stays_when_the_track_is_made_again(
    film: Path, library: RoutineLibrary
) -> None:
    routine_id = prepare_routine(library, film, ENGINES, title="Flow", mirror=Mirror.MIRRORED)
    hold = Span(start_s=4.0, end_s=5.5)
    edit_routine(library, routine_id, Edit(title="Mine", holds=(hold,)))
    retrack(library, routine_id, ScriptedEngines(TRACK, fingerprint="scripted:2"))
    meta = library.open(routine_id).meta
    assert (meta.title, meta.mirror) == ("Mine", Mirror.MIRRORED)
    assert [(kept.start_s, kept.end_s) for kept in meta.holds] == [(4.0, 5.5)]
    edit_routine(library, routine_id, Edit(holds=()))
    retrack(library, routine_id, ENGINES)
    assert library.open(routine_id).meta.holds == ()


def test_preparing_tells_its_stages_and_never_goes_back(
    film: Path, library: RoutineLibrary
) -> None:
    told: list[tuple[str, float]] = []

    def progress(stage: str, done: int, total: int | None) -> None:
        told.append((stage, done / (total or 1)))

    prepare_routine(library, film, ENGINES, title="Flow", progress=progress)
    assert list(dict.fromkeys(stage for stage, _ in told)) == list(PREPARING)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_a_film_of_a_phone_becomes_an_upright_routine(
    tmp_path: Path, library: RoutineLibrary
) -> None:
    film = write_film(tmp_path / "phone.mov", len(TRACK.time_s), rotation=90)
    stored = library.open(prepare_routine(library, film, ENGINES, title="Phone"))
    assert load_track(stored.track).image_size == (64, 96)
    assert len(stored.meta.holds) == 3
    with av.open(str(stored.poster)) as picture:
        frame = next(picture.decode(video=0))
    assert (frame.width, frame.height) == (64, 96)


def test_at_start_the_routines_of_other_engines_are_tracked_again(
    film: Path, library: RoutineLibrary, tmp_path: Path
) -> None:
    newer = ScriptedEngines(TRACK, fingerprint="scripted:2")
    prepare_routine(library, film, newer, title="Kept", routine_id="kept")
    for routine_id in ("brought-up", "broken"):
        prepare_routine(library, film, ENGINES, title=routine_id, routine_id=routine_id)
    (tmp_path / "routines" / "broken" / "video.mp4").write_bytes(b"")
    told: set[str] = set()
    retrack_stale(library, newer, lambda stage, _done, _total: told.add(stage))
    assert told == {"tracking brought-up again"}
    assert not is_stale(library.open("brought-up"), newer)
    assert is_stale(library.open("broken"), newer)


@pytest.mark.parametrize("routine_id", ["nope", "../routines", "", "a/b", "A", ".hidden", "x" * 99])
def test_an_unknown_routine_is_not_found(library: RoutineLibrary, routine_id: str) -> None:
    with pytest.raises(NotFoundError):
        library.open(routine_id)


@pytest.mark.parametrize("content", ["", "[]", '{"id": "flow"}', '{"format": 99}'])
def test_a_damaged_routine_is_left_out_and_named(
    film: Path, library: RoutineLibrary, tmp_path: Path, content: str
) -> None:
    prepare_routine(library, film, ENGINES, title="Good")
    (tmp_path / "routines" / "flow").mkdir()
    (tmp_path / "routines" / "flow" / "routine.json").write_text(content)
    assert [meta.title for meta in library.summaries()] == ["Good"]
    with pytest.raises(InputError, match="flow"):
        library.open("flow")


def test_a_routine_of_a_newer_version_says_so(film: Path, library: RoutineLibrary) -> None:
    stored = library.open(prepare_routine(library, film, ENGINES, title="Flow"))
    file = stored.folder / "routine.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": FORMAT + 1, "new": True}))
    with pytest.raises(InputError, match="newer version"):
        library.open(stored.meta.id)


def test_a_routine_of_the_first_format_is_read_as_it_is(
    film: Path, library: RoutineLibrary
) -> None:
    stored = library.open(prepare_routine(library, film, ENGINES, title="Flow"))
    file = stored.folder / "routine.json"
    old = json.loads(file.read_text())
    for segment in old["segments"]:
        del segment["importance"]
    file.write_text(json.dumps({**old, "format": 1}))
    before, after = stored.load(), library.open(stored.meta.id).load()
    np.testing.assert_allclose(after.importance, before.importance, atol=0.01)


def test_how_much_a_joint_matters_can_be_edited(film: Path, library: RoutineLibrary) -> None:
    stored = library.open(prepare_routine(library, film, ENGINES, title="Flow"))
    file = stored.folder / "routine.json"
    edited = json.loads(file.read_text())
    edited["segments"][0]["importance"]["left_knee_flexion"] = 0.25
    file.write_text(json.dumps(edited))
    importance = library.open(stored.meta.id).load().importance
    assert importance[0, Angle.LEFT_KNEE_FLEXION] == pytest.approx(0.25)
    edited["segments"][0]["importance"] = {"left_toe": 1.0}
    file.write_text(json.dumps(edited))
    with pytest.raises(InputError, match="damaged"):
        library.open(stored.meta.id)


def test_holds_are_called_as_their_chapters_are(film: Path, library: RoutineLibrary) -> None:
    stored = library.open(prepare_routine(library, film, ENGINES, title="Flow"))
    routine = stored.load()
    hold = routine.holds[-1]
    write_chapters((Chapter(hold.start_s, hold.end_s, "Goddess"),), stored.chapters)
    assert stored.load().names == ("",) * (len(routine.holds) - 1) + ("Goddess",)


def test_a_folder_that_is_no_routine_disturbs_nobody(
    film: Path, library: RoutineLibrary, tmp_path: Path
) -> None:
    prepare_routine(library, film, ENGINES, title="Good", routine_id="good")
    shutil.copytree(tmp_path / "routines" / "good", tmp_path / "routines" / "My_Routine")
    assert [meta.id for meta in library.summaries()] == ["good"]


def test_two_who_write_the_same_routine_leave_one(
    film: Path, library: RoutineLibrary, tmp_path: Path
) -> None:
    prepare_routine(library, film, ENGINES, title="First", routine_id="flow")
    source = library.open("flow").folder
    with library.writing("other") as mine:
        shutil.copytree(source, mine, dirs_exist_ok=True)
        with library.writing("other") as theirs:  # finishes first
            shutil.copytree(source, theirs, dirs_exist_ok=True)
    assert library.open("other").meta.title == "First"
    assert sorted(e.name for e in (tmp_path / "routines").iterdir()) == ["flow", "other"]


def test_what_a_stopped_machine_left_is_mended(
    film: Path, library: RoutineLibrary, tmp_path: Path
) -> None:
    root = tmp_path / "routines"
    prepare_routine(library, film, ENGINES, title="Flow", routine_id="flow")
    (root / "flow").rename(root / ".flow.abcd.replaced")  # stopped between two renames
    (root / ".old.abcd.unfinished").mkdir()
    os.utime(root / ".old.abcd.unfinished", (0, 0))
    (root / ".young.abcd.unfinished").mkdir()
    library.recover()
    assert library.open("flow").meta.title == "Flow"
    assert sorted(entry.name for entry in root.iterdir()) == [".young.abcd.unfinished", "flow"]


@pytest.mark.parametrize("title", ["", "  ", "x" * 201])
def test_a_title_that_does_not_fit_is_refused_before_the_work(
    film: Path, library: RoutineLibrary, title: str
) -> None:
    with pytest.raises(InputError, match="title"):
        prepare_routine(library, film, ENGINES, title=title)


def test_a_film_of_one_frame_has_no_holds(library: RoutineLibrary, tmp_path: Path) -> None:
    film = write_film(tmp_path / "still.mp4", 1)
    stored = library.open(prepare_routine(library, film, ENGINES, title="Still"))
    assert stored.meta.segments == ()


def test_an_older_demo_is_renewed(library: RoutineLibrary) -> None:
    install_demo(library)
    demo = library.open(DEMO_ID)
    (demo.folder / "poster.jpg").write_bytes(b"kept")
    install_demo(library)
    assert library.open(DEMO_ID).poster.read_bytes() == b"kept"
    edit_routine(library, DEMO_ID, Edit(title="My flow"))
    install_demo(library)
    assert library.open(DEMO_ID).meta.title == "My flow"
    older = {"created_at": "2026-01-01T00:00:00+00:00"}
    write_meta(demo.meta.model_copy(update=older), demo.folder)
    install_demo(library)
    assert library.open(DEMO_ID).poster.read_bytes() != b"kept"
    assert library.open(DEMO_ID).meta.title == "Standing flow"


def test_times_decide_what_a_film_says_of_its_rate(tmp_path: Path) -> None:
    track = track_film(
        write_film(tmp_path / "slow.mkv", 40, every=3), ENGINES.new_detector(), ENGINES.new_lifter()
    )
    assert track.fps == pytest.approx(10.0, abs=0.1)
    assert track.time_s[-1] == pytest.approx(3.9, abs=0.02)


def test_a_film_that_begins_late_is_played_and_tracked_from_0(
    library: RoutineLibrary, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "late.mp4", 60, begins=45)
    stored = library.open(prepare_routine(library, film, ENGINES, title="Late"))
    with av.open(str(stored.video)) as played:
        first = next(played.decode(video=0))
    assert first.time == pytest.approx(0.0, abs=0.01)
    assert stored.load().track.time_s[-1] == pytest.approx(59 / 30, abs=0.02)


def test_a_track_survives_the_disk(film: Path, tmp_path: Path) -> None:
    track = track_film(film, ENGINES.new_detector(), ENGINES.new_lifter())
    save_track(track, tmp_path / "track.npz")
    again = load_track(tmp_path / "track.npz")
    assert again.fps == 30
    assert again.image_size == (96, 64)
    for name in ("time_s", "keypoints", "depth", "joints", "joints_sigma", "present"):
        np.testing.assert_array_equal(getattr(again, name), getattr(track, name))


def test_frames_without_a_person_are_marked(film: Path) -> None:
    joints = TRACK.joints.copy()
    joints[10:20] = np.nan
    track = track_film(film, ScriptedEngines(joints).new_detector(), ENGINES.new_lifter())
    assert not track.present[10:20].any()
    assert track.present.sum() == len(track.present) - 10
    assert np.isnan(track.joints[10:20]).all()
    assert (track.keypoints[10:20, :, 2] == 0).all()


@pytest.mark.parametrize(
    ("field", "row", "value", "named"),
    [
        ("joints", 7, np.nan, "row 7"),
        ("keypoints", 9, np.inf, "row 9"),
        ("time_s", 4, 0.0, "row 4"),
    ],
)
def test_a_bad_row_of_a_track_is_named(
    tmp_path: Path, field: str, row: int, value: float, named: str
) -> None:
    path = tmp_path / "track.npz"
    save_track(TRACK, path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays[field][row] = value
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=named):
        load_track(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"text"])
def test_a_file_that_is_no_track_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "track.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as a track"):
        load_track(path)


def test_a_replay_tells_what_a_live_student_would_hear(film: Path, library: RoutineLibrary) -> None:
    routine = library.open(prepare_routine(library, film, ENGINES, title="Flow")).load()
    low = ARMS_OUT.but(shoulder=(55.0, 90.0))
    student = ScriptedEngines(track_of([POSES[0], (low, 1.5, 3.0), POSES[2]]))
    assert list(replay(routine, film, ENGINES)) == []
    (cue,) = replay(routine, film, student)
    assert (cue.joint, cue.side, cue.direction) == ("shoulder", "left", "raise")
    assert cue.state is CueState.RAISED
    assert cue.text == "Raise your left arm to shoulder height"
    assert list(replay(routine, film, student)) == [cue]
