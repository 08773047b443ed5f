"""What is known of a film, written and read again."""

import json
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.angles import Angle
from coach_server.body.skeleton import Coco, H36m
from coach_server.errors import InputError
from scripts.studio.camera import Camera
from scripts.studio.casts import CASTS
from scripts.studio.performance import Performance
from scripts.studio.posing import Poser
from scripts.studio.recording import Happenings, Recording
from scripts.studio.routine import DEMO
from scripts.studio.truth import film_truth
from scripts.studio.truth_file import PHASES, FilmTruth, Pinhole, read, write
from scripts.studio.visibility import VISIBLE

pytestmark = pytest.mark.unit

CAMERA = Camera(width=640, height=360, field_deg=40.0, yaw_deg=30.0, roll_deg=1.0)
FPS = 4


@pytest.fixture(scope="module")
def truth(poser: Poser) -> FilmTruth:
    performance = Performance(poser, DEMO, CASTS["student_faults"].manner)
    happenings = Happenings(film_truth(performance, DEMO, CAMERA))
    recording = Recording(poser, CAMERA)
    for i in range(round(performance.end_s * FPS)):
        placed = performance.at(i / FPS)
        posed = poser.pose(placed.stance, placed.pelvis)
        recording.add(i / FPS, posed, np.full((CAMERA.height, CAMERA.width), np.inf))
    return FilmTruth(
        name="demo.faults",
        split="dev",
        source="routine",
        title="demo",
        role="faults",
        seed=(3, 1),
        fps=FPS,
        pinhole=Pinhole.of(CAMERA),
        holds=happenings.holds,
        faults=happenings.faults,
        mishaps=happenings.mishaps,
        fidgets=happenings.fidgets,
        tracks=recording.tracks(happenings),
    )


def test_what_is_written_is_read_again(truth: FilmTruth, tmp_path: Path) -> None:
    write(tmp_path, truth)
    again = read(tmp_path / "demo.faults.json")
    for name in ("name", "split", "source", "title", "role", "seed", "fps", "holds", "faults"):
        assert getattr(again, name) == getattr(truth, name)
    np.testing.assert_array_equal(again.pinhole.extrinsics, truth.pinhole.extrinsics)
    for name in ("time_s", "world", "camera", "keypoints", "visibility", "angles", "fault"):
        np.testing.assert_array_equal(getattr(again.tracks, name), getattr(truth.tracks, name))


def test_frames_know_their_pose_their_phase_and_their_fault(truth: FilmTruth) -> None:
    tracks = truth.tracks
    hold, transition = PHASES.index("hold"), PHASES.index("transition")
    for i, held in enumerate(truth.holds):
        middle = round((held.start + held.end) / 2.0 * FPS)
        assert (tracks.hold[middle], tracks.phase[middle]) == (i, hold)
        assert truth.pose_at(middle) == held.pose
        if i:
            between = round((truth.holds[i - 1].end + held.start) / 2.0 * FPS)
            assert (tracks.hold[between], tracks.phase[between]) == (i, transition)
    angle = tracks.angles[:, Angle.RIGHT_SHOULDER_ELEVATION]
    low = tracks.fault == 0
    assert truth.faults[0].angle == "right_shoulder_elevation"
    assert low.sum() >= 2 * FPS
    mended = (tracks.hold == 2) & (tracks.time_s > (truth.faults[0].mended or 0.0))
    assert angle[mended & (tracks.phase == hold)].mean() - angle[low].mean() > 20.0


def test_the_written_camera_sees_the_joints_where_the_keypoints_are(truth: FilmTruth) -> None:
    tracks, camera = truth.tracks, truth.pinhole
    turn, shift = camera.extrinsics[:3, :3], camera.extrinsics[:3, 3]
    np.testing.assert_allclose(tracks.world @ turn.T + shift, tracks.camera, atol=1e-4)
    image = tracks.camera @ camera.intrinsics.T
    pixels = image[..., :2] / image[..., 2:]
    for joint, keypoint in (
        (H36m.LEFT_WRIST, Coco.LEFT_WRIST),
        (H36m.RIGHT_ANKLE, Coco.RIGHT_ANKLE),
        (H36m.LEFT_HIP, Coco.LEFT_HIP),
    ):
        np.testing.assert_allclose(pixels[:, joint], tracks.keypoints[:, keypoint], atol=0.05)
    assert (tracks.visibility[:, Coco.LEFT_HIP] == VISIBLE).all()
    assert tracks.camera[:, H36m.PELVIS, 2] == pytest.approx(CAMERA.distance_m, abs=0.5)


def test_files_that_are_not_what_they_should_be_are_refused(
    truth: FilmTruth, tmp_path: Path
) -> None:
    known, frames = tmp_path / "demo.faults.json", tmp_path / "demo.faults.npz"
    with pytest.raises(InputError, match="cannot be read"):
        read(known)
    write(tmp_path, truth)
    table = json.loads(known.read_text())
    whole = frames.read_bytes()

    frames.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cannot be read"):
        read(known)
    np.savez(frames, time_s=np.array([object()], object), allow_pickle=True)
    with pytest.raises(InputError, match="cannot be read"):
        read(known)
    frames.write_bytes(whole)

    known.write_text(json.dumps({**table, "frames": table["frames"] + 1}))
    with pytest.raises(InputError, match="time_s"):
        read(known)
    known.write_text(json.dumps({**table, "holds": [{"pose": "mountain"}]}))
    with pytest.raises(InputError, match="cannot be read"):
        read(known)
    known.write_text(json.dumps({**table, "schema": 0}))
    with pytest.raises(InputError, match="of version 0"):
        read(known)
