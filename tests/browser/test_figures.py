"""Two figures in space and the ghost on the picture: in the browser that draws them."""

from typing import Final

import numpy as np
import pytest
from browser.instructor import Joints, call, flat
from playwright.sync_api import Page, Route

from coach_server.body.skeleton import (
    H36M_BONES,
    H36M_MIRROR,
    JOINTS,
    LIMB_KEYPOINTS,
    H36m,
)

pytestmark = pytest.mark.browser

WIDTH: Final = 640
HEIGHT: Final = 480


def longer(joints: Joints, share: float) -> Joints:
    """The same pose of somebody with longer arms and legs."""
    out = np.zeros_like(joints)
    for parent, child in H36M_BONES:
        is_limb = child in LIMB_KEYPOINTS and child not in {H36m.LEFT_HIP, H36m.RIGHT_HIP}
        out[child] = out[parent] + (joints[child] - joints[parent]) * (share if is_limb else 1.0)
    return out


def keypoints_of(joints: Joints, scale: float, x: float, y: float) -> list[list[float]]:
    """COCO-17 of a pose seen from afar: pixels a metre, and where the pelvis is."""
    keypoints = np.zeros((JOINTS, 3))
    for joint, keypoint in LIMB_KEYPOINTS.items():
        at = joints[joint, :2] * scale + (x, y)
        keypoints[keypoint] = [at[0] / WIDTH, at[1] / HEIGHT, 0.9]
    return [[float(value) for value in row] for row in keypoints]


def worn(instructor: Joints, student: Joints) -> Joints:
    """The directions of one with the lengths of the other."""
    out = np.zeros_like(instructor)
    for parent, child in H36M_BONES:
        bone = instructor[child] - instructor[parent]
        length = np.linalg.norm(student[child] - student[parent])
        out[child] = out[parent] + bone / np.linalg.norm(bone) * length
    return out


def turned(joints: Joints, degrees: float) -> Joints:
    """The pose of somebody who stands so turned to the camera."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(joints @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]))


def facing_deg(joints: Joints) -> float:
    """Which way hips (0.2 m wide) and shoulders (0.32 m) face together."""
    hips = joints[H36m.LEFT_HIP] - joints[H36m.RIGHT_HIP]
    shoulders = joints[H36m.LEFT_SHOULDER] - joints[H36m.RIGHT_SHOULDER]
    x, _, z = 0.2 * hips / np.linalg.norm(hips) + 0.32 * shoulders / np.linalg.norm(shoulders)
    return float(np.degrees(np.arctan2(z, x)))


def even(joints: Joints) -> Joints:
    """The pose with what the ghost takes for granted: both sides of a body are of one size."""
    out = np.zeros_like(joints)
    for parent, child in H36M_BONES:
        bone = joints[child] - joints[parent]
        other = joints[H36M_MIRROR[child]] - joints[H36M_MIRROR[parent]]
        mean = (np.linalg.norm(bone) + np.linalg.norm(other)) / 2
        out[child] = out[parent] + bone / np.linalg.norm(bone) * mean
    return out


GHOST: Final = """
    const ghost = new m.Ghost();
    let drawn = null;
    for (let i = 0; i < a.frames; i += 1) {
      drawn = ghost.of(a.instructor, a.student, a.keypoints, 640, 480);
    }
    return drawn && [...drawn];
"""


def ghost_of(
    page: Page,
    instructor: Joints | None,
    student: Joints | None,
    keypoints: list[list[float]] | None,
    frames: int = 40,
) -> Joints | None:
    """(17, 2) pixels, after some frames of the same."""
    drawn = call(
        page,
        "ghost",
        GHOST,
        {
            "instructor": None if instructor is None else flat(instructor),
            "student": None if student is None else flat(student),
            "keypoints": keypoints,
            "frames": frames,
        },
    )
    return None if drawn is None else np.array(drawn).reshape(JOINTS, 2) * (WIDTH, HEIGHT)


def test_bones_and_the_mirror_are_the_servers(module_page: Page, poses: Joints) -> None:
    found = call(
        module_page,
        "skeleton",
        """
        const joints = new Float32Array(a);
        const mirrored = m.mirroredJoints(joints);
        const twice = m.mirroredJoints(mirrored, new Float32Array(51));
        return { bones: m.BONES.map(({ from, to }) => [from, to]), mirror: m.MIRROR,
          mirrored: [...mirrored], same: twice.every((value, index) => value === joints[index]) };
        """,
        flat(poses[30]),
    )
    assert found["bones"] == [[int(parent), int(child)] for parent, child in H36M_BONES]
    assert found["mirror"] == list(H36M_MIRROR)
    expected = poses[30][list(H36M_MIRROR)] * (-1, 1, 1)
    assert np.array(found["mirrored"]) == pytest.approx(expected.ravel(), abs=1e-6)
    assert found["same"]


def test_a_pose_of_a_message_is_read_whole_or_not_at_all(module_page: Page) -> None:
    found = call(
        module_page,
        "skeleton",
        """
        const rows = Array.from({ length: 17 }, (_, joint) => [joint, -joint, 0.5]);
        const broken = rows.map((row) => [...row]);
        broken[4][2] = null;
        return [[...m.readJoints(rows)].slice(12, 18), m.readJoints(null), m.readJoints(undefined),
          m.readJoints(rows.slice(1)), m.readJoints([...rows.slice(0, 16), [0, NaN, 0]])];
        """,
    )
    assert found == [[4, -4, 0.5, 5, -5, 0.5], None, None, None, None]


def answer(page: Page, routine: str, rows: Joints | bytes, status: int = 200) -> None:
    """What the server says of a routine's figures: little-endian millimetres."""
    body = rows if isinstance(rows, bytes) else np.round(rows * 1000).astype("<i2").tobytes()
    headers = {"Content-Type": "application/octet-stream", "X-Rows-Per-Second": "10"}

    def fulfil(route: Route) -> None:
        route.fulfill(status=status, body=body, headers=headers)

    page.route(f"**/api/routines/{routine}/figures", fulfil)


def test_the_instructors_track_is_read_between_its_rows(module_page: Page) -> None:
    rows = np.zeros((6, JOINTS, 3))
    rows[:, 5, 0] = [0.1, 0.3, 0.5, -0.5, 0.9, 0.7]
    rows[2:4] = -32.768
    answer(module_page, "five", rows)
    found = call(
        module_page,
        "instructor_track",
        """
        const track = await m.InstructorTrack.fetch('five');
        const at = (t) => track.at(t) && Math.round(track.at(t)[15] * 1e4) / 1e4;
        const moments = [-1, 0, 0.05, 0.1, 0.14, 0.16, 0.2, 0.3, 0.34, 0.36, 0.4, 0.475, 0.5];
        return [[...moments, 99, NaN].map(at), track.at(0) === track.at(0.1)];
        """,
    )
    gap = [0.3, None, None, None, None, 0.9, 0.9]
    assert found == [[0.1, 0.1, 0.2, 0.3, *gap, 0.75, 0.7, 0.7, None], True]


@pytest.mark.parametrize(
    ("routine", "body", "status"),
    [("gone", b"{}", 404), ("torn", b"\0" * 101, 200), ("empty", b"", 200)],
)
def test_a_track_that_cannot_be_had_is_none(
    module_page: Page, routine: str, body: bytes, status: int
) -> None:
    answer(module_page, routine, body, status)
    found = call(module_page, "instructor_track", "return m.InstructorTrack.fetch(a)", routine)
    assert found is None


@pytest.mark.parametrize("row", [20, 29, 60, 90, 140])
def test_who_does_as_the_instructor_stands_in_the_ghost(
    module_page: Page, poses: Joints, row: int
) -> None:
    instructor = even(poses[row])
    student = longer(instructor, 1.2)
    keypoints = keypoints_of(student, 190.0, 300.0, 250.0)
    ghost = ghost_of(module_page, instructor, student, keypoints)
    assert ghost is not None
    expected = student[:, :2] * 190.0 + (300.0, 250.0)
    assert ghost == pytest.approx(expected, abs=0.05)


def test_the_ghost_is_the_instructors_pose_in_the_students_build(
    module_page: Page, poses: Joints
) -> None:
    tree, star = even(poses[90]), even(poses[29])
    student = longer(star, 0.85)
    ghost = ghost_of(module_page, tree, student, keypoints_of(student, 200.0, 330.0, 260.0))
    assert ghost is not None
    facing = facing_deg(student) - facing_deg(tree)
    expected = turned(worn(tree, student), facing)[:, :2]
    hips = [H36m.LEFT_HIP, H36m.RIGHT_HIP]  # on one leg it is held by them
    expected += student[hips, :2].mean(0) - expected[hips].mean(0)
    assert ghost == pytest.approx(expected * 200.0 + (330.0, 260.0), abs=0.05)


@pytest.mark.parametrize("degrees", [-35, 70, 150])
def test_a_camera_that_stands_aside_sees_the_ghost_from_there(
    module_page: Page, poses: Joints, degrees: float
) -> None:
    student = longer(turned(even(poses[29]), degrees), 1.1)
    keypoints = keypoints_of(student, 190.0, 300.0, 250.0)
    ghost = ghost_of(module_page, poses[29], student, keypoints)
    assert ghost is not None
    bends = worn(turned(poses[29], degrees), student)[:, :2] * 190.0
    hips = [H36m.LEFT_HIP, H36m.RIGHT_HIP]
    assert ghost - ghost[hips].mean(0) == pytest.approx(bends - bends[hips].mean(0), abs=0.1)


def test_who_turns_away_later_is_not_followed_by_the_ghost(
    module_page: Page, poses: Joints
) -> None:
    pose = even(poses[29])
    away = turned(pose, 60)
    drawn = call(
        module_page,
        "ghost",
        """
        const ghost = new m.Ghost();
        const across = ([student, keypoints]) => {
          const drawn = ghost.of(a.pose, student, keypoints, 640, 480);
          return drawn[2 * 11] - drawn[2 * 14];
        };
        for (let i = 0; i < 600; i += 1) across(a.before);
        const before = across(a.before);
        let after = 0;
        for (let i = 0; i < 60; i += 1) after = across(a.after);
        return after / before;
        """,
        {
            "pose": flat(pose),
            "before": [flat(pose), keypoints_of(pose, 190.0, 300.0, 250.0)],
            "after": [flat(away), keypoints_of(away, 190.0, 300.0, 250.0)],
        },
    )
    assert drawn == pytest.approx(1, abs=0.02)


def test_a_ghost_that_stands_is_held_by_its_feet(module_page: Page, poses: Joints) -> None:
    deep, straight = even(poses[44]), even(poses[29])
    keypoints = keypoints_of(straight, 200.0, 330.0, 260.0)
    ghost = ghost_of(module_page, deep, straight, keypoints)
    assert ghost is not None
    feet = [H36m.LEFT_ANKLE, H36m.RIGHT_ANKLE]
    assert ghost[feet].mean(0) == pytest.approx(
        straight[feet, :2].mean(0) * 200.0 + (330.0, 260.0), abs=0.05
    )
    assert ghost[H36m.PELVIS, 1] > 260.0 + 10.0


def test_hidden_joints_leave_the_ghost_where_it_is(module_page: Page, poses: Joints) -> None:
    pose = even(poses[29])
    expected = pose[:, :2] * 190.0 + (300.0, 250.0)
    keypoints = keypoints_of(pose, 190.0, 300.0, 250.0)
    for hidden in (11, 12, 15, 7):
        keypoints[hidden] = [0.9, 0.1, 0.1]
    ghost = ghost_of(module_page, pose, pose, keypoints)
    assert ghost is not None
    assert ghost == pytest.approx(expected, abs=0.05)


def test_without_anybody_or_enough_of_them_there_is_no_ghost(
    module_page: Page, poses: Joints
) -> None:
    pose = poses[29]
    seen = keypoints_of(pose, 190.0, 300.0, 250.0)
    unseen = [[x, y, 0.9 if index in {5, 6, 7} else 0.1] for index, (x, y, _) in enumerate(seen)]
    broken = pose.copy()
    broken[3] = np.nan
    assert ghost_of(module_page, None, pose, seen) is None
    assert ghost_of(module_page, pose, None, seen) is None
    assert ghost_of(module_page, pose, pose, None) is None
    assert ghost_of(module_page, pose, pose, unseen) is None
    assert ghost_of(module_page, broken, pose, seen) is None
    assert ghost_of(module_page, pose, broken, seen) is None


def test_the_ghost_neither_jitters_nor_grows_at_once(module_page: Page, poses: Joints) -> None:
    pose = even(poses[29])
    rng = np.random.default_rng(8)
    frames = []
    for _ in range(90):
        noisy = np.array(keypoints_of(pose, 190.0, 300.0, 250.0))
        noisy[:, :2] += rng.normal(0, 2.5, (17, 2)) / (WIDTH, HEIGHT)
        frames.append(noisy.tolist())
    drawn = np.array(
        call(
            module_page,
            "ghost",
            """
            const ghost = new m.Ghost();
            return a.frames.map((keypoints, index) => {
              const student = a.pose.map((x) => x * (1 + 0.05 * Math.sin(index * 9)));
              return [...ghost.of(a.pose, student, keypoints, 640, 480)];
            });
            """,
            {"frames": frames, "pose": flat(pose)},
        )
    ).reshape(90, JOINTS, 2) * (WIDTH, HEIGHT)
    steps = np.abs(np.diff(drawn[30:], axis=0))
    assert np.percentile(steps, 95) < 2.5
    height = np.ptp(drawn[30:, :, 1], axis=1)
    assert np.ptp(height) / height.mean() < 0.08
