"""Motion capture as a laptop's camera has it: other bodies, other cameras, the same truth."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from support.stick_figure import COCO_FROM_H36M, Limbs, joints_of

from coach_server.body.angles import Angle, joint_angles
from coach_server.body.skeleton import H36M_BONES, H36M_MIRROR, H36m
from scripts.lifter import captured
from scripts.lifter.captured import Captured, as_studio, bodied, opened, placed, window_of
from scripts.lifter.windows import MOST_BRIDGED, PICTURE
from scripts.studio.camera import Camera
from scripts.studio.mocap import MocapFile
from scripts.studio.noise_model import Said
from scripts.studio.rotations import Array
from scripts.studio.training.take import ROAM_M

pytestmark = pytest.mark.unit

UP = np.array([1, -1, -1])
"""Camera axes to the world's, for somebody who faces z."""


def squat(frames: int) -> Array:
    """(T, 21, 3) world axes, about the pelvis: down to bent knees and up again."""
    bodies = []
    for t in range(frames):
        bend = 45 - 40 * np.cos(0.1 * t)
        joints = joints_of(Limbs(knee=(bend, bend), hip_flexion=(bend, bend), elbow=(30, 10)))
        face = joints[H36m.HEAD] + np.array(
            [(0.03, 0, -0.1), (-0.03, 0, -0.1), (0.08, 0, 0), (-0.08, 0, 0)]
        )
        bodies.append(np.concatenate([joints, face]) * UP)
    return np.array(bodies)


class Exact:
    """Says where joints are, and finds nobody in some frames."""

    def __init__(self, missed: tuple[int, ...] = ()) -> None:
        self.missed = list(missed)

    def sample(
        self,
        rng: np.random.Generator,  # noqa: ARG002  # it draws nothing
        joints: NDArray[np.floating[Any]],
        focal_px: ArrayLike,
        image_size: ArrayLike,
    ) -> Said:
        batch, frames = joints.shape[:2]
        focal = np.broadcast_to(focal_px, (batch,))[:, None, None, None]
        size = np.broadcast_to(image_size, (batch, 2))[:, None, None]
        coco = joints[:, :, list(COCO_FROM_H36M)]
        found = np.ones((batch, frames), np.bool_)
        found[:, self.missed] = False
        return Said(
            pixels=(coco[..., :2] / coco[..., 2:] * focal + size / 2).astype(np.float32),
            score=np.ones((batch, frames, 17), np.float32),
            world=(coco - joints[:, :, :1]).astype(np.float32),
            found=found,
        )


@pytest.fixture
def file(tmp_path: Path) -> MocapFile:
    pose = squat(200)
    root = np.tile((0.0, 0.9, 0.0), (200, 1))
    root[:, 2] = np.arange(200) * 0.05  # walks away
    np.savez(
        tmp_path / "clips.npz",
        pose=pose.astype(np.float16),
        root=root.astype(np.float32),
        start=[0, 120],
        length=[120, 80],
        clip=["1_01", "2_01"],
        subject=["1", "2"],
        desc=["squat", "squat"],
        category=["exercise", "exercise"],
        split=["train", "test"],
        parents=np.zeros(21, np.int8),
        fps=30,
    )
    return MocapFile(tmp_path / "clips.npz")


def test_windows_fit_their_truth(file: MocapFile) -> None:
    windows = Captured.of_split(file, "train", Exact()).draw(np.random.default_rng(1), 12, 30)
    assert windows.points.shape == (12, 30, 17, 3)
    assert windows.counts.all()
    places = (windows.points[..., :2] - np.array(PICTURE) / 2) / windows.focal[:, None, None, None]
    truth = windows.joints[:, :, list(COCO_FROM_H36M)]
    # Two joints and their rays tell where the pelvis is; then all others must fit.
    np.testing.assert_allclose(windows.depth, truth[..., 2], atol=2e-3)
    for window, frame in ((0, 0), (5, 12), (11, 29)):
        seen, body = places[window, frame], truth[window, frame]
        turns, right = [], []
        for j in range(5, 17):
            for axis in range(2):
                turns.append(np.eye(3)[axis] - np.eye(3)[2] * seen[j, axis])
                right.append(seen[j, axis] * body[j, 2] - body[j, axis])
        root, *_ = np.linalg.lstsq(np.array(turns), np.array(right), rcond=None)
        moved = body + root
        np.testing.assert_allclose(moved[:, :2] / moved[:, 2:], seen, atol=2e-3)
        assert 0.5 < root[2] < 6


def test_the_same_seed_gives_the_same(file: MocapFile) -> None:
    source = Captured.of_split(file, "train", Exact())
    first, again = (source.draw(np.random.default_rng(4), 3, 20) for _ in range(2))
    np.testing.assert_array_equal(first.points, again.points)
    assert len(source.clips) == 1


def test_definitions_are_the_studios() -> None:
    joints = as_studio(squat(1))[0]
    hips, shoulders = joints[[1, 4]].mean(axis=0), joints[[11, 14]].mean(axis=0)
    np.testing.assert_allclose(joints[H36m.PELVIS], 0)
    np.testing.assert_allclose(hips, 0, atol=1e-12)
    np.testing.assert_allclose(joints[H36m.THORAX], shoulders)
    np.testing.assert_allclose(joints[H36m.SPINE], shoulders / 2)
    ears = squat(1)[0, [19, 20]].mean(axis=0) - squat(1)[0, [1, 4]].mean(axis=0)
    assert np.linalg.norm(joints[H36m.NECK] - ears) == pytest.approx(captured.SKULL_M)
    assert joints[H36m.NECK, 1] < ears[1]


def angles(joints: Array) -> Array:
    return np.asarray(joint_angles((joints * UP).astype(np.float32)), np.float64)


def test_limbs_are_opened_but_never_past_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured, "ELBOWS_DEG", (20.0, 20.0))
    monkeypatch.setattr(captured, "KNEES_DEG", (-7.0, -7.0))
    joints = as_studio(squat(40))
    before, after = angles(joints), angles(opened(np.random.default_rng(1), joints))
    elbows = [Angle.LEFT_ELBOW_FLEXION, Angle.RIGHT_ELBOW_FLEXION]
    np.testing.assert_allclose(after[:, elbows], np.maximum(before[:, elbows] - 20, 0), atol=0.1)
    knees = [Angle.LEFT_KNEE_FLEXION, Angle.RIGHT_KNEE_FLEXION]
    np.testing.assert_allclose(after[:, knees], before[:, knees] + 7, atol=0.1)


def lengths(joints: Array) -> Array:
    return np.stack(
        [np.linalg.norm(joints[:, end] - joints[:, start], axis=-1) for start, end in H36M_BONES]
    )


def test_bodies_are_alike_on_both_sides_and_stay_the_same() -> None:
    joints = as_studio(squat(30))
    other = bodied(np.random.default_rng(2), joints)
    share = lengths(other) / lengths(joints)
    np.testing.assert_allclose(share, np.repeat(share[:, :1], 30, axis=1), rtol=1e-6)
    assert np.ptp(share[:, 0]) > 0.05
    children = [end for _, end in H36M_BONES]
    mirrored = [children.index(H36m(H36M_MIRROR[end])) for end in children]
    np.testing.assert_allclose(share[:, 0], share[mirrored, 0])
    flexion = [Angle.LEFT_KNEE_FLEXION, Angle.RIGHT_ELBOW_FLEXION]
    np.testing.assert_allclose(angles(other)[:, flexion], angles(joints)[:, flexion], atol=0.05)


def test_people_stand_on_the_mat_and_keep_to_it() -> None:
    joints = as_studio(squat(60))
    roots = np.tile((4.0, 1.0, 0.0), (60, 1))
    roots[:, 0] += np.arange(60) * 0.1
    for seed in range(10):
        world = placed(np.random.default_rng(seed), joints, roots)
        assert world[..., 1].min() == pytest.approx(captured.ANKLE_M)
        assert np.linalg.norm(world[:, 0, [0, 2]], axis=-1).max() <= ROAM_M + 1e-6


def test_after_a_long_gap_only_what_follows_counts() -> None:
    missed = (3, *range(10, 11 + MOST_BRIDGED), 29)
    joints = 3 + np.cumsum(np.full((1, 30, 17, 3), 0.01), axis=1)
    camera = Camera()
    said = Exact(missed).sample(np.random.default_rng(0), joints, 500.0, (640, 480))
    window = window_of(said, 0, joints[0], camera)
    first = 11 + MOST_BRIDGED
    assert np.flatnonzero(window.counts[0]).tolist() == list(range(first, 29))
    np.testing.assert_array_equal(window.points[0, :first], window.points[0, [first] * first])


def test_who_is_never_found_teaches_nothing() -> None:
    joints = np.ones((1, 8, 17, 3)) * 3
    said = Exact(tuple(range(8))).sample(np.random.default_rng(0), joints, 500.0, (640, 480))
    assert not window_of(said, 0, joints[0], Camera()).counts.any()


def test_to_judge_by_bodies_are_as_they_were_captured(file: MocapFile) -> None:
    source = Captured.as_it_is(file, "test", Exact())
    truth = source.draw(np.random.default_rng(2), 20, 5).joints
    shank = np.linalg.norm(truth[:, :, H36m.LEFT_KNEE] - truth[:, :, H36m.LEFT_ANKLE], axis=-1)
    assert shank.std() < 2e-3
    bends = joint_angles(truth)[..., Angle.LEFT_KNEE_FLEXION]
    assert 0 < bends.min() < 12
    assert 80 < bends.max() < 92
    head = truth[:, :, H36m.HEAD, 1] - truth[:, :, H36m.PELVIS, 1]
    assert (head < 0).all()  # nobody is turned over
