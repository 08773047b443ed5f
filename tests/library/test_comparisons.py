"""Two films in, a comparison's files out: what is in them, and what is refused."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from support.films import ScriptedEngines, write_film
from support.stick_figure import ARMS_OUT, WARRIOR, Limbs, track_of

from coach_server.body.keypoints import FloatArray
from coach_server.body.yoga_pose import yoga_pose_error
from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.routine import Mirror
from coach_server.coaching.track import Track
from coach_server.errors import InputError, MediaError, NotFoundError
from coach_server.inference.protocols import KeypointDetector
from coach_server.library.comparisons import ComparisonLibrary, compare_films
from coach_server.library.comparisons.errors_table import COLUMNS
from coach_server.library.comparisons.paint import RED
from coach_server.library.comparisons.pictures import opened
from coach_server.library.comparisons.store import FILES, read_meta
from coach_server.library.prepare import prepare_routine
from coach_server.library.store import RoutineLibrary
from coach_server.library.track_file import save_track
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader

pytestmark = pytest.mark.film

FPS = 10.0
POSES: list[tuple[Limbs, float, float]] = [(Limbs(), 0.0, 1.5), (ARMS_OUT, 1.0, 2.5)]
FAULTY: list[tuple[Limbs, float, float]] = [
    (Limbs(), 0.0, 2.0),
    (ARMS_OUT.but(shoulder=(90.0, 50.0)), 1.0, 2.5),
]
INSTRUCTOR, STUDENT = track_of(POSES, fps=FPS), track_of(FAULTY, fps=FPS)
NO_ENGINES = ScriptedEngines(np.zeros((0, 17, 3), np.float32))
"""For tracks, of which nothing is asked."""


class TwoPeople(ScriptedEngines):
    """Engines that see the instructor in the first film they are shown, then the student."""

    def __init__(self, instructor: FloatArray, student: FloatArray) -> None:
        super().__init__(instructor)
        self._next = [instructor, student]

    def new_detector(self) -> KeypointDetector:
        self.joints = self._next.pop(0)
        return super().new_detector()


def kept(track: Track, folder: Path, name: str) -> Path:
    path = folder / f"{name}.npz"
    save_track(track, path)
    return path


def made(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    return folder


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "errors.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def of_joints(joints: FloatArray) -> Track:
    """A track of any joints, thirty a second, all in view."""
    count = len(joints)
    seen = track_of([(Limbs(), 0.0, count / 30)], fps=30.0)
    return replace(seen, joints=joints, joints_sigma=np.full_like(joints, np.nan))


def test_the_numbers_of_yoga_pose_come_out_of_the_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(40, 17, 3)).astype(np.float32)
    student = (reference + 0.1 * rng.normal(size=reference.shape)).astype(np.float32)
    folder = made(tmp_path)
    compare_films(
        kept(of_joints(reference), tmp_path, "instructor"),
        kept(of_joints(student), tmp_path, "student"),
        NO_ENGINES,
        folder,
        alignment=Alignment.FRAMES,
    )
    errors = np.array([float(row["yoga_pose_error"]) for row in rows_of(folder)])
    assert len(errors) == 40
    np.testing.assert_allclose(errors[:3], [2.99990082, 4.53185666, 9.67688128], atol=1e-5)
    assert errors[20] == pytest.approx(37.90744514, abs=1e-4)
    np.testing.assert_allclose(errors, yoga_pose_error(reference, student)[:40], atol=1e-5)


def test_two_films_become_a_comparison(tmp_path: Path) -> None:
    seen = (640, 480)  # by the scripted engines
    instructor = write_film(tmp_path / "i.mp4", len(INSTRUCTOR.time_s), fps=10, size=seen)
    student = write_film(tmp_path / "s.mp4", len(STUDENT.time_s), fps=10, size=seen, sound=True)
    library = ComparisonLibrary(tmp_path / "comparisons")
    told: list[tuple[str, int, int | None]] = []
    comparison_id = library.new_id("Mine")
    with library.writing(comparison_id) as folder:
        meta = compare_films(
            instructor,
            student,
            TwoPeople(INSTRUCTOR.joints, STUDENT.joints),
            folder,
            title="Mine",
            mirror=Mirror.AUTO,
            progress=lambda stage, done, total: told.append((stage, done, total)),
        )
    stored = library.open(comparison_id)
    assert stored.meta == meta
    assert [one.id for one in library.all()] == [comparison_id]
    assert sorted(path.name for path in stored.folder.iterdir()) == sorted(
        [*FILES, "comparison.json"]
    )
    assert meta.worst[0].joint == "shoulder"
    assert meta.worst[0].side == "right"
    assert meta.worst[0].deviation_deg == pytest.approx(-40, abs=5)
    report = json.loads(stored.file("report.json").read_text())
    assert report["findings"][0]["text"] == meta.worst[0].text
    assert report["alignment"] == "warped"
    assert report["mirrored"] is False
    assert report["poses"][-1]["worst"]["angle"] == "right_shoulder_elevation"
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1:] == (1000, 1000)
    rows = rows_of(stored.folder)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(STUDENT.time_s)
    assert float(rows[45]["right_shoulder_elevation_deg"]) == pytest.approx(-40, abs=5)
    assert float(rows[45]["routine_t"]) == pytest.approx(4.0, abs=0.5)
    library.remove(comparison_id)
    assert library.all() == []
    with pytest.raises(NotFoundError):
        library.open(comparison_id)


def test_the_overlay_plays_in_browsers_and_keeps_the_students_time(tmp_path: Path) -> None:
    folder = made(tmp_path)
    uneven = replace(STUDENT, time_s=np.sort(np.r_[STUDENT.time_s[:-1], 7.4]))
    compare_films(
        kept(INSTRUCTOR, tmp_path, "instructor"),
        kept(uneven, tmp_path, "student"),
        NO_ENGINES,
        folder,
    )
    with av.open(str(folder / "overlay.mp4")) as film:
        video = film.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == (1280, 720)
        assert not film.streams.audio
        frames = list(film.decode(video))
        shown = [frame.time for frame in frames]
        np.testing.assert_allclose(np.array(shown, float), uneven.time_s, atol=1e-3)
        last = frames[40].to_ndarray(format="rgb24").astype(int)
    red, green, blue = last[20:560, 440:1250].transpose(2, 0, 1)
    assert ((blue > 200) & (red < 120)).sum() > 300, "the instructor is blue"
    assert ((red > 200) & (green < 120) & (blue < 120)).sum() > 300, "the student is red"
    assert ((red > 200) & (green > 140) & (blue < 120)).sum() > 300, "what is off is yellow"
    assert (folder / "poster.jpg").read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_films_of_phones_are_shown_upright(tmp_path: Path, rotation: int) -> None:
    film = write_film(tmp_path / "phone.mp4", 3, size=(120, 80), rotation=rotation)
    with FilmReader(film) as reader:
        rgb = PictureMaker().rgb(next(iter(reader)).frame)
    size = (rgb.shape[1], rgb.shape[0])
    track = replace(STUDENT, image_size=size, keypoints=np.zeros_like(STUDENT.keypoints))
    with opened(film, track, size, RED) as pictures:
        shown = pictures.at(0)
        assert pictures.at(0) is shown
    np.testing.assert_allclose(shown[..., ::-1].astype(int), rgb, atol=12)


def test_fast_films_are_drawn_at_thirty_a_second(tmp_path: Path) -> None:
    folder = made(tmp_path)
    fast = track_of([(Limbs(), 0.0, 0.5), (ARMS_OUT, 0.3, 0.2)], fps=60.0)
    compare_films(
        kept(INSTRUCTOR, tmp_path, "instructor"), kept(fast, tmp_path, "s"), NO_ENGINES, folder
    )
    with av.open(str(folder / "overlay.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == pytest.approx(30, abs=1)
    assert len(rows_of(folder)) == 60


def test_a_routine_is_compared_with_by_its_track(tmp_path: Path) -> None:
    film = write_film(tmp_path / "i.mp4", len(INSTRUCTOR.time_s), fps=10, size=(640, 480))
    routines = RoutineLibrary(tmp_path / "routines")
    routine_id = prepare_routine(
        routines, film, ScriptedEngines(INSTRUCTOR), title="Arms", routine_id="arms"
    )
    stored = routines.open(routine_id)
    report = {}
    for name, engines in (
        ("same", ScriptedEngines(np.zeros((0, 17, 3), np.float32))),  # sees nobody: not asked
        ("other", ScriptedEngines(INSTRUCTOR, "scripted:2")),
    ):
        folder = tmp_path / name
        folder.mkdir()
        compare_films(stored, kept(STUDENT, tmp_path, "student"), engines, folder)
        report[name] = json.loads((folder / "report.json").read_text())
    assert report["same"]["instructor"]["routine"] == routine_id
    assert report["same"]["instructor"]["title"] == "Arms"
    assert report["other"]["instructor"]["engines"]["lifter"] == "scripted:2"
    assert report["same"]["findings"][0]["joint"] == "shoulder"
    assert report["same"]["findings"] == report["other"]["findings"]


@pytest.mark.parametrize("side", ["instructor", "student"])
def test_nobody_in_one_film_is_said_by_name(tmp_path: Path, side: str) -> None:
    tracks = {"instructor": INSTRUCTOR, "student": STUDENT}
    gone = tracks[side]
    tracks[side] = replace(
        gone, present=np.zeros_like(gone.present), joints=np.full_like(gone.joints, np.nan)
    )
    paths = [kept(track, tmp_path, name) for name, track in tracks.items()]
    with pytest.raises(InputError, match=f"Nobody is seen in {side}.npz") as refused:
        compare_films(paths[0], paths[1], NO_ENGINES, made(tmp_path))
    assert refused.value.error_code == "no_person"
    film = write_film(tmp_path / "empty.mp4", 5)
    with pytest.raises(InputError, match=r"Nobody is seen in holiday\.mov"):
        compare_films(film, paths[1], NO_ENGINES, made(tmp_path), called=("holiday.mov", None))


def test_one_picture_is_no_film(tmp_path: Path) -> None:
    single = track_of([(Limbs(), 0.0, 0.1)], fps=FPS)
    with pytest.raises(InputError, match="single picture") as refused:
        compare_films(
            kept(INSTRUCTOR, tmp_path, "instructor"),
            kept(single, tmp_path, "student"),
            NO_ENGINES,
            made(tmp_path),
        )
    assert refused.value.error_code == "too_short"


def test_an_empty_track_is_refused(tmp_path: Path) -> None:
    empty = replace(
        STUDENT,
        **{
            name: getattr(STUDENT, name)[:0]
            for name in ("time_s", "keypoints", "depth", "joints", "joints_sigma", "present")
        },
    )
    path = kept(empty, tmp_path, "student")
    with pytest.raises(InputError, match=r"student\.npz"):
        compare_films(kept(INSTRUCTOR, tmp_path, "i"), path, NO_ENGINES, made(tmp_path))


def test_what_is_no_film_is_refused_and_leaves_nothing_listed(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no film at all")
    library = ComparisonLibrary(tmp_path / "comparisons")
    with pytest.raises(MediaError), library.writing("mine") as folder:
        compare_films(text, text, NO_ENGINES, folder)
    assert library.all() == []
    with pytest.raises(InputError, match=r"none\.mp4 cannot be read: No such file"):
        compare_films(tmp_path / "none.mp4", text, NO_ENGINES, made(tmp_path))


def test_a_glimpse_against_a_whole_film(tmp_path: Path) -> None:
    """Wildly different lengths, rates and sizes: what fits is compared, the rest is empty."""
    folder = made(tmp_path)
    glimpse = track_of([(WARRIOR, 0.0, 0.5)], fps=30.0)
    long = replace(track_of([*POSES, (WARRIOR, 1.0, 3.0)], fps=FPS), image_size=(480, 640))
    meta = compare_films(
        kept(long, tmp_path, "instructor"), kept(glimpse, tmp_path, "student"), NO_ENGINES, folder
    )
    times = [float(row["routine_t"]) for row in rows_of(folder)]
    assert min(times) > 5.4
    assert meta.worst == ()


def test_a_damaged_comparison_is_left_out(tmp_path: Path) -> None:
    library = ComparisonLibrary(tmp_path)
    for name, content in (("torn", "{"), ("newer", '{"format": 9}'), ("none", None)):
        (tmp_path / name).mkdir()
        if content:
            (tmp_path / name / "comparison.json").write_text(content)
    assert library.all() == []
    with pytest.raises(InputError, match="newer version"):
        read_meta(tmp_path / "newer")
    with pytest.raises(NotFoundError):
        library.open("../torn")
    with pytest.raises(NotFoundError):
        library.remove("nothing-here")


def test_only_its_files_are_handed_out(tmp_path: Path) -> None:
    library = ComparisonLibrary(tmp_path / "comparisons")
    with library.writing("mine") as folder:
        compare_films(
            kept(INSTRUCTOR, tmp_path, "i"), kept(INSTRUCTOR, tmp_path, "s"), NO_ENGINES, folder
        )
    stored = library.open("mine")
    assert stored.file("errors.csv").is_file()
    for name in ("comparison.json", "../mine/errors.csv", ""):
        with pytest.raises(NotFoundError):
            stored.file(name)
