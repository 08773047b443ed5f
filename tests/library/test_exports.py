"""Other programs read the same joints out of each format, in its own axes and units."""

import csv
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pytest
from numpy.typing import NDArray
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, track_of

from coach_server.body.skeleton import H36m
from coach_server.coaching.track import Track
from coach_server.errors import InputError, InternalError
from coach_server.library.exports import FORMATS, export_track
from coach_server.library.exports import c3d as c3d_module
from coach_server.library.track_file import load_track

pytestmark = pytest.mark.unit

POSES: list[tuple[Limbs, float, float]] = [
    (Limbs(), 0.0, 0.3),
    (ARMS_OUT, 0.4, 0.3),
    (WARRIOR, 0.4, 0.3),
    (ARMS_UP, 0.4, 0.3),
]
TRACK = track_of(POSES)
UNSEEN = slice(20, 32)


def with_gap(track: Track) -> Track:
    """Nobody is there for a while, as `track_film` says it."""
    joints, keypoints, present = track.joints.copy(), track.keypoints.copy(), track.present.copy()
    joints[UNSEEN], keypoints[UNSEEN], present[UNSEEN] = np.nan, 0, False
    return replace(track, joints=joints, keypoints=keypoints, present=present)


GAP = with_gap(TRACK)


def read_c3d(content: bytes, folder: Path) -> Any:
    path = folder / "read.c3d"
    path.write_bytes(content)
    return ezc3d.c3d(str(path))


def read_trc(content: bytes) -> tuple[list[list[str]], NDArray[np.float64], NDArray[np.float64]]:
    """The head's cells, (N,) seconds, (N, 17, 3) numbers with NaN for an empty cell."""
    lines = [line.split("\t") for line in content.decode().splitlines()]
    rows = np.array([[float(cell or "nan") for cell in line] for line in lines[6:]])
    assert rows[:, 0].tolist() == list(range(1, len(rows) + 1))
    return lines[:6], rows[:, 1], rows[:, 2:].reshape(len(rows), 17, 3)


def test_a_table_has_a_row_a_frame() -> None:
    head, *rows = csv.reader(io.StringIO(export_track(GAP, "csv", title="Flow").decode()))
    assert len(rows) == len(GAP.time_s)
    assert [row[2] for row in rows] == [str(int(present)) for present in GAP.present]
    column = head.index("right_wrist_x_m")
    for i, axis in enumerate("xyz"):
        assert head[column + i] == f"right_wrist_{axis}_m"
        assert float(rows[-1][column + i]) == pytest.approx(
            GAP.joints[-1, H36m.RIGHT_WRIST, i], abs=1e-4
        )
    assert float(rows[40][1]) == pytest.approx(GAP.time_s[40])
    assert float(rows[40][head.index("nose_y_px")]) == pytest.approx(GAP.keypoints[40, 0, 1], abs=1)
    assert set(rows[25][3:]) == {""}


def test_json_says_what_its_numbers_mean() -> None:
    depth = GAP.depth.copy()
    depth[3, 5] = np.nan
    said = json.loads(export_track(replace(GAP, depth=depth), "JSON", title="Früh\n"))
    assert (said["title"], said["fps"], said["image_size"]) == ("Früh\n", 30.0, [640, 480])
    assert said["joint_names"][H36m.LEFT_KNEE] == "left_knee"
    frames = said["frames"]
    assert len(frames) == len(GAP.time_s)
    np.testing.assert_allclose(frames[50]["joints"], GAP.joints[50], atol=1e-4)
    np.testing.assert_allclose(frames[50]["keypoints"], GAP.keypoints[50], atol=1e-3)
    assert frames[3]["depth"][5] is None
    assert frames[3]["depth"][6] == pytest.approx(GAP.depth[3, 6], abs=1e-4)
    assert frames[50]["joints_sigma"] is None  # the lifter has none
    assert frames[25] == {
        "time_s": round(25 / 30, 6),
        "present": False,
        "joints": None,
        "joints_sigma": None,
        "keypoints": None,
        "depth": None,
    }


def test_npz_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "again.npz").write_bytes(export_track(GAP, "npz", title="Flow"))
    again = load_track(tmp_path / "again.npz")
    assert (again.fps, again.image_size) == (GAP.fps, GAP.image_size)
    for name in ("time_s", "keypoints", "depth", "joints", "joints_sigma", "present"):
        np.testing.assert_array_equal(getattr(again, name), getattr(GAP, name))


def test_trc_is_millimetres_y_up() -> None:
    head, time_s, points = read_trc(export_track(GAP, "trc", title="Morning\tflow"))
    assert head[0] == ["PathFileType", "4", "(X/Y/Z)", "Morning flow.trc"]
    said = dict(zip(head[1], head[2], strict=True))
    assert (said["DataRate"], said["Units"]) == ("30", "mm")
    assert (said["NumFrames"], said["NumMarkers"]) == (str(len(points)), "17")
    assert head[3][2::3] == [joint.name.title().replace("_", "") for joint in H36m]
    assert head[4][2:5] == ["X1", "Y1", "Z1"]
    assert head[4][-1] == "Z17"
    assert head[5] == [""]
    np.testing.assert_allclose(time_s, GAP.time_s, atol=1e-5)
    np.testing.assert_allclose(points, GAP.joints * (1000, -1000, -1000), atol=0.01)
    assert points[0, H36m.HEAD, 1] > 600 > -600 > points[0, H36m.LEFT_ANKLE, 1]


def test_c3d_is_millimetres_z_up(tmp_path: Path) -> None:
    file = read_c3d(export_track(GAP, "c3d", title="Früh"), tmp_path)
    point = file["parameters"]["POINT"]
    assert point["UNITS"]["value"] == ["mm"]
    assert point["RATE"]["value"] == [30.0]
    assert point["LABELS"]["value"][H36m.RIGHT_ANKLE] == "RightAnkle"
    assert (point["X_SCREEN"]["value"], point["Y_SCREEN"]["value"]) == (["+X"], ["+Z"])
    assert file["parameters"]["SUBJECTS"]["NAMES"]["value"] == ["Fr?h"]
    points = file["data"]["points"][:3].transpose(2, 1, 0)
    expected = GAP.joints[..., [0, 2, 1]] * (1000, 1000, -1000)
    np.testing.assert_allclose(points, expected, atol=0.01)
    residuals = file["data"]["meta_points"]["residuals"][0]
    np.testing.assert_array_equal(residuals < 0, np.tile(~GAP.present, (17, 1)))


def test_c3d_without_its_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(InputError, match="not installed") as refused:
        export_track(TRACK, "c3d", title="Flow")
    assert "[export]" in refused.value.hint


def test_c3d_is_written_apart_from_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """ezc3d keeps what it has taken, 33 MB for a film of half an hour."""
    monkeypatch.setattr(ezc3d, "c3d", None)
    assert export_track(TRACK, "c3d", title="Flow")[1] == 0x50


@pytest.mark.parametrize(
    ("program", "within_s", "why"),
    [
        ("raise SystemExit(3)", 30.0, "ended without a file"),
        ("print('no file')", 30.0, "ended without a file"),
        ("import time; time.sleep(60)", 0.2, "took more than"),
    ],
)
def test_a_c3d_file_that_is_not_written_is_said(
    monkeypatch: pytest.MonkeyPatch, program: str, within_s: float, why: str
) -> None:
    monkeypatch.setattr(c3d_module, "COMMAND", (sys.executable, "-S", "-c", program))
    monkeypatch.setattr(c3d_module, "TIMEOUT_S", within_s)
    with pytest.raises(InternalError, match=why) as failed:
        export_track(TRACK, "c3d", title="Flow")
    assert "trc" in failed.value.hint


@pytest.mark.parametrize("rows", [0, 65536])
def test_c3d_refuses_what_its_readers_would_drop(rows: int) -> None:
    long = replace(
        TRACK,
        time_s=np.arange(rows) / 30,
        joints=np.zeros((rows, 17, 3), np.float32),
        present=np.ones(rows, bool),
    )
    with pytest.raises(InputError, match=f"this track has {rows}") as refused:
        export_track(long, "c3d", title="Flow")
    assert "trc" in refused.value.hint


def test_uneven_frames_become_even() -> None:
    """A phone's film whose frames come when they come: joints that move on lines stay on them."""
    time_s = np.cumsum([0, *([0.02, 0.05, 0.03] * 20)])
    ramp = np.arange(17)[:, None] * [0.01, 0.02, 0.03]
    joints = (time_s[:, None, None] * ramp).astype(np.float32)
    rows = len(time_s)
    track = replace(track_of([(Limbs(), 0.0, rows / 30)]), time_s=time_s, joints=joints)
    _, even_s, points = read_trc(export_track(track, "trc", title="Uneven"))
    np.testing.assert_allclose(np.diff(even_s), 1 / 30, atol=2e-6)
    assert even_s[-1] == pytest.approx(time_s[-1], abs=1 / 60)
    inside = even_s <= time_s[-1]
    expected = even_s[:, None, None] * ramp * (1000, -1000, -1000)
    np.testing.assert_allclose(points[inside], expected[inside], atol=0.02)


def test_what_happened_in_a_long_pause_is_not_made_up() -> None:
    time_s = TRACK.time_s.copy()
    time_s[30:] += 1.0
    _, even_s, points = read_trc(export_track(replace(TRACK, time_s=time_s), "trc", title="Cut"))
    empty = np.isnan(points).all(axis=(1, 2))
    np.testing.assert_array_equal(empty, (even_s > 29.5 / 30) & (even_s < 59.5 / 30))


@pytest.mark.parametrize("kind", list(FORMATS))
def test_each_format_says_its_kind(kind: str) -> None:
    form = FORMATS[kind]
    assert "/" in form.media_type
    assert form.sentence.endswith(".")
    assert export_track(GAP, kind.upper(), title="Flow") == form.write(GAP, "Flow")


def test_a_format_that_is_none() -> None:
    with pytest.raises(InputError, match="no export as 'fbx'") as refused:
        export_track(TRACK, "fbx", title="Flow")
    assert "bvh" in refused.value.hint
