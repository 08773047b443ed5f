"""An animation program that turns a BVH file's bones gets the film's joints back."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from support.stick_figure import ARMS_OUT, ARMS_UP, WARRIOR, Limbs, joints_of, track_of

from coach_server.body.skeleton import H36M_BONES, H36m
from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.library.exports import export_track
from coach_server.library.exports.turns import angles_of, swings

pytestmark = pytest.mark.unit

POSES: list[tuple[Limbs, float, float]] = [
    (Limbs(), 0.0, 0.3),
    (ARMS_OUT, 0.4, 0.3),
    (WARRIOR, 0.4, 0.3),
    (ARMS_UP.but(trunk_side=25.0, trunk_forward=40.0), 0.4, 0.3),
]
TRACK = track_of(POSES)

ENDS = {
    "Hips": H36m.PELVIS,
    "RightUpLeg": H36m.RIGHT_HIP,
    "RightLeg": H36m.RIGHT_KNEE,
    "RightLeg end": H36m.RIGHT_ANKLE,
    "LeftUpLeg": H36m.LEFT_HIP,
    "LeftLeg": H36m.LEFT_KNEE,
    "LeftLeg end": H36m.LEFT_ANKLE,
    "Spine": H36m.SPINE,
    "Chest": H36m.THORAX,
    "Head": H36m.NECK,
    "Head end": H36m.HEAD,
    "LeftArm": H36m.LEFT_SHOULDER,
    "LeftForeArm": H36m.LEFT_ELBOW,
    "LeftForeArm end": H36m.LEFT_WRIST,
    "RightArm": H36m.RIGHT_SHOULDER,
    "RightForeArm": H36m.RIGHT_ELBOW,
    "RightForeArm end": H36m.RIGHT_WRIST,
}
"""Where a reader finds the body's joints."""


@dataclass
class Node:
    name: str
    parent: "Node | None"
    offset: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    channels: list[str] = field(default_factory=list)


@dataclass
class Bvh:
    """A BVH file as a reader that knows nothing of its writer has it."""

    nodes: list[Node]
    frame_s: float
    motion: NDArray[np.float64]

    @classmethod
    def read(cls, text: str) -> "Bvh":
        head, motion = text.split("MOTION\n")
        nodes: list[Node] = []
        open_nodes: list[Node] = []
        for line in head.splitlines()[1:]:
            match line.split():
                case ["ROOT" | "JOINT" as kind, name]:
                    assert (kind == "ROOT") is (not open_nodes)
                    nodes.append(Node(name, open_nodes[-1] if open_nodes else None))
                case ["End", "Site"]:
                    nodes.append(Node(f"{open_nodes[-1].name} end", open_nodes[-1]))
                case ["{"]:
                    open_nodes.append(nodes[-1])
                case ["}"]:
                    open_nodes.pop()
                case ["OFFSET", *numbers]:
                    nodes[-1].offset = np.array(numbers, float)
                case ["CHANNELS", count, *names]:
                    assert int(count) == len(names)
                    nodes[-1].channels = names
                case _:
                    pytest.fail(f"no line of a hierarchy: {line}")
        assert not open_nodes
        frames, frame_time, *lines = motion.splitlines()
        rows = np.array([row.split() for row in lines], float)
        assert int(frames.removeprefix("Frames: ")) == len(rows)
        assert rows.shape[1] == sum(len(node.channels) for node in nodes)
        return cls(nodes, float(frame_time.removeprefix("Frame Time: ")), rows)

    def joints(self) -> NDArray[np.float64]:
        """(N, 17, 3) in the file's units and axes, by forward kinematics."""
        places: dict[str, NDArray[np.float64]] = {}
        turns: dict[str, Rotation] = {}
        column = 0
        for node in self.nodes:
            place = np.tile(node.offset, (len(self.motion), 1))
            turn = Rotation.identity(len(self.motion))
            if node.parent is not None:
                turn = turns[node.parent.name]
                place = places[node.parent.name] + turn.apply(place)
            for channel in node.channels:
                values = self.motion[:, column]
                column += 1
                if channel.endswith("position"):
                    place[:, "XYZ".index(channel[0])] += values
                else:
                    about = Rotation.from_euler(channel[0].lower(), values[:, None], degrees=True)
                    turn = turn * about
            places[node.name], turns[node.name] = place, turn
        return np.stack([places[name] for name in sorted(ENDS, key=lambda n: ENDS[n])], axis=1)


def read(track: Track) -> Bvh:
    return Bvh.read(export_track(track, "bvh", title="Flow").decode("ascii"))


def seen_joints(track: Track) -> NDArray[np.float64]:
    """(N, 17, 3) in metres and camera axes."""
    return read(track).joints() * (0.01, -0.01, -0.01)


def directions(joints: NDArray[np.floating]) -> NDArray[np.float64]:
    bones = np.stack([joints[:, child] - joints[:, parent] for parent, child in H36M_BONES], axis=1)
    return np.asarray(bones / np.linalg.norm(bones, axis=-1, keepdims=True), np.float64)


def test_the_bones_point_where_the_film_has_them() -> None:
    found = seen_joints(TRACK)
    np.testing.assert_allclose(directions(found), directions(TRACK.joints), atol=1e-4)
    held = np.r_[0:9, 21:30, 42:51]  # figures between two poses have shorter bones
    assert np.abs(found[held] - TRACK.joints[held]).max() < 0.003


def test_the_bones_keep_their_median_length() -> None:
    bvh = read(TRACK)
    assert bvh.frame_s == pytest.approx(1 / 30, abs=1e-6)
    for parent, child in H36M_BONES:
        own = np.linalg.norm(TRACK.joints[:, child] - TRACK.joints[:, parent], axis=-1)
        found = np.linalg.norm(bvh.joints()[:, child] - bvh.joints()[:, parent], axis=-1)
        np.testing.assert_allclose(found, 100 * np.median(own), atol=0.01)


def test_who_faces_the_camera_at_rest_is_hardly_turned() -> None:
    """The rest pose has its arms out, its left on +x: a mirror image or a turn would show here."""
    rest = ARMS_OUT.but(hip_abduction=(0.0, 0.0), knee=(0.0, 0.0), elbow=(0.0, 0.0))
    bvh = read(track_of([(rest, 0.0, 0.2)]))
    turned = {}
    column = 3
    for node in bvh.nodes:
        if node.channels:
            turned[node.name] = np.abs(bvh.motion[0, column : column + 3]).max()
            column += 3
    assert all(turned[name] < 0.1 for name in turned if name not in ("Neck", "Head"))
    assert turned["Neck"] == pytest.approx(np.degrees(np.arctan2(0.05, 0.10)), abs=0.1)


def test_a_pose_is_held_while_nobody_is_seen() -> None:
    joints, present = TRACK.joints.copy(), TRACK.present.copy()
    for unseen in (slice(0, 5), slice(20, 32)):
        joints[unseen], present[unseen] = np.nan, False
    found = seen_joints(replace(TRACK, joints=joints, present=present))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:5], np.repeat(found[5:6], 5, axis=0), atol=1e-6)
    np.testing.assert_allclose(found[20:32], np.repeat(found[19:20], 12, axis=0), atol=1e-6)


def test_no_angle_jumps_where_a_body_turns_round() -> None:
    yaws = np.arange(0.0, 720.0, 6.0)
    joints = np.stack([joints_of(WARRIOR, yaw_deg=yaw) for yaw in yaws])
    still = track_of([(WARRIOR, 0.0, len(yaws) / 30)])
    bvh = read(replace(still, joints=joints))
    assert np.abs(np.diff(bvh.motion[:, 3:], axis=0)).max() < 10
    found = bvh.joints() * (0.01, -0.01, -0.01)
    np.testing.assert_allclose(found, joints, atol=0.003)


def test_no_angle_jumps_where_hips_and_arms_pass_a_quarter_turn() -> None:
    bends = np.linspace(0.0, 125.0, 60)
    poses = [
        Limbs(hip_flexion=(b, b - 4), knee=(0.0, 0.0), shoulder=(b, b - 7), plane=(b, 70.0))
        for b in bends
    ]
    still = track_of([(Limbs(), 0.0, 2.0)])
    bvh = read(replace(still, joints=np.stack([joints_of(pose) for pose in poses])))
    assert np.abs(np.diff(bvh.motion[:, 3:], axis=0)).max() < 15


def test_nobody_makes_no_skeleton() -> None:
    empty = replace(
        TRACK, joints=np.full_like(TRACK.joints, np.nan), present=np.zeros_like(TRACK.present)
    )
    with pytest.raises(InputError, match="Nobody is seen"):
        export_track(empty, "bvh", title="Flow")


AXIS = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


@settings(max_examples=60, deadline=None)
@given(rest=AXIS, way=AXIS)
@example(rest=(0.0, -0.87, 2e-6), way=(0.0, 1.0, 0.0))
@example(rest=(0.0, -0.87, 3e-4), way=(0.0, 1.0, 0.0))
@example(rest=(0.0, -0.87, 4e-4), way=(0.0, 1.0, 0.0))
def test_a_swing_is_the_least_turn_that_gets_there(
    rest: tuple[float, float, float], way: tuple[float, float, float]
) -> None:
    start = np.array(rest) / np.linalg.norm(rest)
    end = np.array(way) / np.linalg.norm(way)
    for to in (end, -start, start):
        (turn,) = swings(start, to[None] * 2)
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)
        assert np.linalg.det(turn) == pytest.approx(1)
        np.testing.assert_allclose(turn @ start, to, atol=1e-6)
        angle = np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))
        assert angle == pytest.approx(np.arccos(np.clip(start @ to, -1, 1)), abs=1e-3)


@pytest.mark.parametrize("order", ["ZXY", "ZYX", "YZX", "XZY"])
@pytest.mark.parametrize("middle", [0.0, 37.0, 89.9999, 90.0, -90.0])
def test_angles_make_the_rotation_again(middle: float, order: str) -> None:
    turn = Rotation.from_euler(order, [[25.0, middle, -140.0]], degrees=True).as_matrix()
    angles = angles_of(turn, order)
    assert angles[0, 1] == pytest.approx(middle, abs=1e-3)
    again = Rotation.from_euler(order, angles, degrees=True).as_matrix()
    np.testing.assert_allclose(again, turn, atol=1e-5)
