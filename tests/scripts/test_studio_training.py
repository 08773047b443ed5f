"""The training set: drawn with a seed, shot through the real detector, kept in few bytes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach_server.errors import InputError
from coach_server.inference.blazepose.detector import BlazePose
from coach_server.inference.blazepose.roi import Roi
from coach_server.inference.engines import Engines
from scripts.studio.asanas import ASANAS
from scripts.studio.draws import draw_casting
from scripts.studio.mocap import MocapFile, default_path
from scripts.studio.posing import Poser
from scripts.studio.training import corpus, record
from scripts.studio.training.flow import HELD_OUT, draw_flow
from scripts.studio.training.record import SCORE_STEPS, SIXTEENTHS, STEP_M, Record
from scripts.studio.training.shooting import shoot
from scripts.studio.training.take import FPS, Take, Takes
from scripts.studio.watching import around
from scripts.studio.webcam import draw_sensor

pytestmark = pytest.mark.engine


def some_record(frames: int, capture: dict[str, object] | None = None) -> Record:
    rng = np.random.default_rng(frames)
    camera = {"width": 640, "height": 480, "field_deg": 45.0}
    take = {"number": 3, "casting": {"camera": camera}, "capture": capture}
    take["flow"] = None if capture else {"beats": [{"pose": "tree_left"}]}
    joints = rng.normal((0.0, 0.0, 3.0), 0.7, (frames, 17, 3)).astype(np.float32)
    return Record(
        take=take,
        found=rng.random(frames) < 0.9,
        shown=rng.random(frames) < 0.1,
        pixels=rng.uniform(-300, 1500, (frames, 17, 2)).astype(np.float32),
        score=rng.random((frames, 17)).astype(np.float32),
        world=rng.normal(0, 0.5, (frames, 17, 3)).astype(np.float32),
        joints=joints,
        check=record.truth_check(joints),
    )


def test_what_is_kept_is_what_was_said_within_half_a_step() -> None:
    said = some_record(80)
    kept = record.unpacked(said.packed())
    assert kept.take == said.take
    assert np.array_equal(kept.found, said.found)
    assert np.array_equal(kept.shown, said.shown)
    for name, step in (
        ("pixels", 1 / SIXTEENTHS),
        ("score", 1 / SCORE_STEPS),
        ("world", STEP_M),
        ("joints", STEP_M),
    ):
        off = np.abs(getattr(kept, name) - getattr(said, name)).max()
        assert 0.3 * step < off <= 0.5 * step + 1e-5, name


def test_a_folder_is_read_by_number(tmp_path: Path) -> None:
    for number in (12, 3):
        record.write(tmp_path / f"{number:06d}.npz", some_record(30 + number))
    read = list(corpus.sequences(tmp_path))
    assert [s.number for s in read] == [3, 12]
    assert [len(s.found) for s in read] == [33, 42]
    assert (read[0].source, read[0].poses, read[0].image_size) == (
        "asanas",
        ("tree_left",),
        (640, 480),
    )


def test_packs_hold_no_truth_of_motion_capture(tmp_path: Path) -> None:
    record.write(tmp_path / "000001.npz", some_record(30))
    record.write(tmp_path / "000002.npz", some_record(40, capture={"clip": "13_29"}))
    (packed,) = corpus.pack(tmp_path, tmp_path / "packs")
    with np.load(packed) as data:
        assert data["000001.joints"].shape == (30, 17, 3)
        assert data["000002.joints"].shape == (0, 17, 3)
        assert len(data["000002.pixels"]) == 40


def test_flows_show_no_pose_that_is_held_out() -> None:
    assert {key for key in ASANAS if key.startswith(HELD_OUT)} >= {"camel", "dancer_left"}
    rng = np.random.default_rng(4)
    flows = [draw_flow(rng, 6.0, 0.0) for _ in range(150)]
    shown = {beat.pose for flow in flows for beat in flow.beats}
    assert not any(key.startswith(HELD_OUT) for key in shown)
    assert len(shown) > 50
    assert any(flow.faults for flow in flows)


def test_a_flow_moves_and_is_loose_about_its_poses(poser: Poser) -> None:
    rng = np.random.default_rng(9)
    flow = draw_flow(rng, 4.0, 0.0)
    manner = draw_casting(5, "train").manner
    exact = replace(flow, loose_deg=0.0, elbows_deg=0.0, faults=())
    loose = replace(exact, loose_deg=9.0)
    t = flow.beats[0].hold_s / 2
    here, there = (f.motion(poser, manner).at(t).stance for f in (exact, loose))
    turned = np.degrees(np.arccos(np.clip((here.upper_arm * there.upper_arm).sum(axis=1), -1, 1)))
    assert 1.0 < turned.max() < 60.0
    again = loose.motion(poser, manner).at(t).stance
    assert np.array_equal(again.upper_arm, there.upper_arm)


def test_the_region_around_a_person_holds_them() -> None:
    keypoints = np.tile((320.0, 240.0), (17, 1))
    keypoints[5:7], keypoints[15:17] = (320.0, 140.0), (320.0, 400.0)
    roi = around(keypoints)
    assert (roi.x, roi.y, roi.angle) == pytest.approx((320.0, 240.0, 0.0))
    assert roi.size / 2 > 160.0


def test_the_detector_says_the_same_of_a_region_as_of_the_whole_frame(
    engines: Engines, body_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(21)
    take = Take(
        seed=1,
        number=7,
        casting=draw_casting((1, 7), "train"),
        sensor=draw_sensor(rng),
        seconds=0.4,
        capture=None,
        flow=draw_flow(rng, 2.0, 0.0),
    )
    detector = engines.new_detector()
    assert isinstance(detector, BlazePose)
    nothing = MocapFile.__new__(MocapFile)
    try:
        regional = shoot(take, detector, body_folder, nothing)
        monkeypatch.setattr(Roi, "bounds", lambda _, width, height: (0, 0, width, height))
        whole = shoot(take, detector, body_folder, nothing)
    except InputError as error:
        pytest.skip(f"no EGL: {error.message}")
    assert len(regional.found) == round(0.4 * FPS)
    assert regional.found.any()
    assert np.array_equal(regional.found, whole.found)
    assert np.abs(regional.pixels - whole.pixels).max() < 0.02
    again = shoot(take, detector, body_folder, nothing)
    assert np.array_equal(again.pixels, regional.pixels)


def test_a_number_always_gives_the_same_take() -> None:
    try:
        file = MocapFile(default_path())
    except InputError as error:
        pytest.skip(error.message)
    takes = Takes(5, file)
    capture = takes.draw(4).capture
    assert capture is not None
    assert takes.draw(4) == takes.draw(4)
    assert takes.draw(5).capture is None
    assert takes.draw(6) != takes.draw(4)
    clip = file.clip(capture.clip)
    assert clip.split == "train"
    assert 0 <= capture.start <= clip.frames - capture.frames


def test_restored_truth_is_checked(tmp_path: Path, body_folder: Path) -> None:
    try:
        file = MocapFile(default_path())
    except InputError as error:
        pytest.skip(error.message)
    take = Takes(5, file).draw(4)
    assert take.capture is not None
    short = replace(take, capture=replace(take.capture, frames=20))
    kept = replace(some_record(12), take=record.described(short))
    record.write(tmp_path / "000004.npz", kept)
    (packed,) = corpus.pack(tmp_path, tmp_path / "packs")
    with pytest.raises(InputError, match="not the one that was filmed"):
        list(corpus.restore(packed, tmp_path / "out", body_folder, file))
