"""Motion capture on the studio's bodies: a made-up person's, and the real clips' where they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.skeleton import H36m
from coach_server.errors import InputError
from scripts.studio.mocap import Clip, MocapFile, default_path, sampling_weights
from scripts.studio.mocap_motion import MocapMotion, mean_heading_deg
from scripts.studio.mocap_stance import stances, straightened
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about, frame, unit
from scripts.studio.settling import lowest
from scripts.studio.skeletons import h36m_joints
from scripts.studio.stance import FORWARD, LEFT, UP, Stance, both, standing

pytestmark = pytest.mark.unit

FPS = 30
BOWED = about((1, 0, 0), 60.0)
LIMBS = {
    "upper_arm": (
        (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW),
        (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW),
    ),
    "forearm": ((H36m.LEFT_ELBOW, H36m.LEFT_WRIST), (H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST)),
    "thigh": ((H36m.LEFT_HIP, H36m.LEFT_KNEE), (H36m.RIGHT_HIP, H36m.RIGHT_KNEE)),
    "shin": ((H36m.LEFT_KNEE, H36m.LEFT_ANKLE), (H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE)),
}
LENGTHS_M = {"upper_arm": 0.29, "forearm": 0.255, "thigh": 0.425, "shin": 0.425}
ANKLE_M = 0.05
WRIST_BENDS_DEG = 5.0
"""The lower half of a figure's forearm goes some of the way with the hand."""


def captured(stance: Stance) -> Array:
    """(21, 3) the joints of a stance, as motion capture has them."""
    joints = np.zeros((21, 3))
    aside, up = stance.pelvis[:, 0], stance.chest[:, 1]
    joints[H36m.LEFT_HIP], joints[H36m.RIGHT_HIP] = 0.11 * aside, -0.11 * aside
    joints[H36m.SPINE] = 0.23 * stance.pelvis[:, 1]
    joints[H36m.THORAX] = joints[H36m.SPINE] + 0.29 * up
    aside = 0.15 * stance.chest[:, 0]
    joints[H36m.LEFT_SHOULDER] = joints[H36m.THORAX] + aside - 0.05 * up
    joints[H36m.RIGHT_SHOULDER] = joints[H36m.THORAX] - aside - 0.05 * up
    left, up, forward = stance.head.T
    ears = joints[H36m.THORAX] + 0.17 * up
    joints[H36m.NECK] = ears + 0.12 * forward - 0.02 * up
    joints[H36m.HEAD] = ears + 0.13 * up
    joints[19], joints[20] = ears + 0.07 * left, ears - 0.07 * left
    joints[17:19] = joints[H36m.NECK] + 0.03 * up
    for name, sides in LIMBS.items():
        for (first, second), way in zip(sides, getattr(stance, name), strict=True):
            joints[second] = joints[first] + LENGTHS_M[name] * way
    return joints


def grounded(joints: Array) -> Array:
    """(T, 3) roots that keep the lowest joint at the height of an ankle."""
    roots = np.zeros((len(joints), 3))
    roots[:, 1] = ANKLE_M - joints[:, :, 1].min(axis=1)
    return roots


def squat(depth_deg: float) -> Stance:
    return replace(
        standing(),
        thigh=unit([about((1, 0, 0), -depth_deg) @ way for way in both(0.1, -1, 0)]),
        shin=unit([about((1, 0, 0), 0.8 * depth_deg) @ way for way in both(0.05, -1, 0)]),
        chest=frame(about((1, 0, 0), 0.5 * depth_deg) @ UP, FORWARD),
        upper_arm=both(0.3, -1, 0.02 * depth_deg),
        forearm=both(0.3, -0.6, 0.5 + 0.02 * depth_deg),
    )


def squats(seconds: float = 2.0) -> Array:
    """(T, 21, 3) joints of two squats."""
    times = np.arange(round(seconds * FPS) + 1) / seconds / FPS
    return np.array([captured(squat(float(60.0 * np.sin(2 * np.pi * t) ** 2))) for t in times])


def apart_deg(a: Array, b: Array) -> float:
    return float(np.degrees(np.arccos(np.clip(unit(a) @ unit(b), -1.0, 1.0))))


def furthest_off(poser: Poser, motion: MocapMotion, joints: Array) -> dict[str, float]:
    """By how many degrees segments are off from where the joints, turned likewise, have them.

    Those of the figure, and besides, as `stance`, limbs of the stance it is posed by.
    """
    off = dict.fromkeys([*LIMBS, "trunk", "stance"], 0.0)
    joints = joints @ about(UP, -mean_heading_deg(joints)).T
    for i, was in enumerate(joints):
        placed = motion.at(i / FPS)
        now = h36m_joints(poser.figure, poser.pose(placed.stance, placed.pelvis))
        pairs = LIMBS | {"trunk": ((H36m.PELVIS, H36m.THORAX),)}
        for name, sides in pairs.items():
            for first, second in sides:
                degrees = apart_deg(now[second] - now[first], was[second] - was[first])
                off[name] = max(off[name], degrees)
        for name, sides in LIMBS.items():
            for (first, second), way in zip(sides, getattr(placed.stance, name), strict=True):
                off["stance"] = max(off["stance"], apart_deg(way, was[second] - was[first]))
    return off


def lows(poser: Poser, motion: MocapMotion) -> Array:
    """Heights of the lowest skin in each frame."""
    times = np.arange(round(motion.end_s * FPS) + 1) / FPS
    placed = [motion.at(t) for t in times]
    return np.array([lowest(poser, p.stance) + p.pelvis[1] for p in placed])


def test_limbs_point_as_they_were_captured(poser: Poser) -> None:
    joints = squats()
    off = furthest_off(poser, MocapMotion(poser, joints, grounded(joints)), joints)
    assert off["trunk"] < 5.0
    assert off["forearm"] < WRIST_BENDS_DEG
    assert max(off[name] for name in ("upper_arm", "thigh", "shin", "stance")) < 0.1


def test_feet_stand_flat_on_the_floor_and_heights_are_as_smooth_as_captured(poser: Poser) -> None:
    joints = squats()
    motion = MocapMotion(poser, joints, grounded(joints))
    heights = lows(poser, motion)
    assert heights.min() > -0.01
    assert heights.max() < 0.02
    upright = motion.at(0.0)
    assert upright.planted == (0, 1)
    assert upright.stance.soles[:, 1] == pytest.approx(1.0, abs=0.01)
    assert upright.stance.toes[:, 2].min() > 0.9
    pelvis = np.array([motion.at(i / FPS).pelvis[1] for i in range(len(joints))])
    wobble = np.abs(np.diff(pelvis, 2)).max()
    assert wobble < 1.3 * np.abs(np.diff(grounded(joints)[:, 1], 2)).max()


def test_a_jump_leaves_the_floor_and_standing_on_a_box_does_not(poser: Poser) -> None:
    joints = np.repeat(captured(standing())[None], 4 * FPS, axis=0)
    roots = grounded(joints)
    jump = slice(FPS, FPS + 18)
    rise = np.sin(np.linspace(0.0, np.pi, 18))
    roots[jump, 1] += 0.4 * rise
    roots[2 * FPS + 10 :, 1] += 0.3
    heights = lows(poser, MocapMotion(poser, joints, roots))
    assert 0.25 < heights[jump].max() < 0.4
    assert heights[:20] == pytest.approx(0.0, abs=0.01)
    assert heights[3 * FPS :] == pytest.approx(0.0, abs=0.01)


def test_speed_and_heading(poser: Poser) -> None:
    joints = squats() @ about(UP, 130.0).T
    roots = grounded(joints)
    facing = MocapMotion(poser, joints, roots)
    slower = MocapMotion(poser, joints, roots, speed=0.5, heading_deg=40.0)
    assert facing.end_s == pytest.approx(2.0)
    assert slower.end_s == pytest.approx(4.0)
    there, here = slower.at(1.31).stance, facing.at(0.655).stance.turned(about(UP, 40.0))
    assert here.thigh == pytest.approx(there.thigh, abs=1e-6)
    assert here.head == pytest.approx(there.head, abs=1e-6)
    assert facing.at(0.0).stance.pelvis == pytest.approx(np.eye(3), abs=1e-6)
    assert facing.at(99.0).stance.thigh == pytest.approx(facing.at(facing.end_s).stance.thigh)


def test_a_way_along_the_floor_leads_through_the_middle_of_the_mat(poser: Poser) -> None:
    joints = np.repeat(captured(standing())[None], 31, axis=0)
    roots = grounded(joints) + np.linspace((5.0, 0.0, 2.0), (5.0, 0.0, 3.0), 31)
    motion = MocapMotion(poser, joints, roots)
    scale = (poser.thigh_m + poser.shin_m) / (LENGTHS_M["thigh"] + LENGTHS_M["shin"])
    assert motion.at(0.5).pelvis[[0, 2]] == pytest.approx(0.0, abs=1e-6)
    assert motion.at(0.0).pelvis[2] == pytest.approx(-scale / 2.0)
    assert motion.at(1.0).pelvis[2] == pytest.approx(scale / 2.0)


@pytest.mark.parametrize(("degrees", "left"), [(12.0, 18.0), (50.0, 0.0), (-5.0, 35.0)])
def test_straightening_opens_a_hinge_in_its_own_plane(degrees: float, left: float) -> None:
    upper = np.tile(both(0.2, -1, 0.1), (3, 1, 1))
    axis = unit(np.cross(upper, both(-0.2, 0.1, 1)))
    lower = upper * np.cos(np.radians(30)) + np.cross(axis, upper) * np.sin(np.radians(30))
    moved = straightened(upper, lower, axis, degrees)
    assert apart_deg(upper[0, LEFT], moved[0, LEFT]) == pytest.approx(left, abs=1e-4)
    assert np.sum(moved * axis, axis=-1) == pytest.approx(0.0, abs=1e-9)


def test_elbows_and_knees_are_straightened_each_by_its_own(poser: Poser) -> None:
    joints = np.repeat(captured(squat(40.0))[None], 10, axis=0)
    roots = grounded(joints)
    before = MocapMotion(poser, joints, roots).at(0.1).stance
    after = MocapMotion(
        poser, joints, roots, straighten_elbows_deg=10.0, straighten_knees_deg=15.0
    ).at(0.1)
    for upper, lower, opened in (("upper_arm", "forearm", 10.0), ("thigh", "shin", 15.0)):
        was = apart_deg(getattr(before, upper)[LEFT], getattr(before, lower)[LEFT])
        now = apart_deg(getattr(after.stance, upper)[LEFT], getattr(after.stance, lower)[LEFT])
        assert was - now == pytest.approx(opened, abs=1e-3)
    assert lowest(poser, after.stance) + after.pelvis[1] == pytest.approx(0.0, abs=0.01)


def test_an_all_but_straight_arm_does_not_spin() -> None:
    """Noise turns the plane of a straight arm round and round; the arm must not follow."""
    rng = np.random.default_rng(5)
    stance = standing(upper_arm=both(0.3, -1, 0.1), forearm=both(0.3, -1, 0.13))
    joints = np.repeat(captured(stance)[None], 60, axis=0)
    joints[:, [H36m.LEFT_WRIST, H36m.RIGHT_WRIST]] += rng.normal(0.0, 0.01, (60, 2, 3))
    heights = joints[:, :, 1] + grounded(joints)[:, 1:2]
    track = stances(joints, heights, straighten_elbows_deg=0.0, straighten_knees_deg=0.0)
    hollow = np.array([track.at(i).inner_elbow for i in range(60)])
    assert np.sum(hollow[1:] * hollow[:-1], axis=-1).min() > np.cos(np.radians(5.0))
    assert hollow[..., 2].min() > 0.8


def test_toes_and_hands_give_way_to_the_floor(poser: Poser) -> None:
    kneeling = standing(
        pelvis=frame((0.0, 0.1, 1.0), (0.0, -1.0, 0.0)),
        chest=frame((0.0, 0.1, 1.0), (0.0, -1.0, 0.0)),
        upper_arm=both(0.0, -1, 0.0),
        forearm=both(0.0, -1, 0.02),
        thigh=both(0.0, -1, 0.0),
        shin=both(0.0, -0.05, -1),
    )
    joints = np.repeat(captured(kneeling)[None], 10, axis=0)
    placed = MocapMotion(poser, joints, grounded(joints)).at(0.1)
    assert placed.planted == ()
    assert placed.stance.toes[:, 2].max() < -0.9
    assert placed.stance.hand[:, 1].min() > -0.35
    assert placed.stance.hand[:, 2].min() > 0.9


def test_the_body_turns_smoothly_between_frames(poser: Poser) -> None:
    joints = squats()
    motion = MocapMotion(poser, joints, grounded(joints))
    a, b, c = (motion.at((20 + share) / FPS).stance for share in (0.0, 0.5, 1.0))
    assert apart_deg(a.thigh[0], b.thigh[0]) == pytest.approx(apart_deg(b.thigh[0], c.thigh[0]))
    assert np.linalg.norm(b.forearm, axis=-1) == pytest.approx(1.0)
    assert b.chest.T @ b.chest == pytest.approx(np.eye(3), abs=1e-9)


def file_of(folder: Path, stance: Stance, category: str) -> tuple[MocapFile, Clip]:
    joints = np.repeat(captured(stance)[None], 4, axis=0)
    np.savez(
        folder / "clips.npz",
        pose=joints.astype(np.float16),
        root=grounded(joints).astype(np.float32),
        start=np.array([0], np.int32),
        length=np.array([4], np.int32),
        clip=np.array(["07_01"]),
        subject=np.array(["07"]),
        desc=np.array(["a try"]),
        category=np.array([category]),
        split=np.array(["train"]),
        fps=np.array(FPS),
    )
    file = MocapFile(folder / "clips.npz")
    return file, file.clip("07_01")


def test_a_file_lists_its_clips(tmp_path: Path) -> None:
    file, clip = file_of(tmp_path, standing(), "yoga")
    assert file.clips == (clip,)
    assert clip == Clip("07_01", "07", "a try", "yoga", "train", 0, 4)
    assert file.fps == FPS
    assert file.joints(clip) == pytest.approx(np.array([captured(standing())] * 4), abs=1e-3)
    assert file.roots(clip).shape == (4, 3)
    with pytest.raises(InputError, match="no clip 99_99"):
        file.clip("99_99")


@pytest.mark.parametrize("content", [None, b"not a zip file", b"PK\x03\x04 cut short"])
def test_what_is_no_file_of_clips_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "clips.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as motion capture"):
        MocapFile(path)


@pytest.mark.parametrize(
    ("stance", "category", "weight"),
    [
        (standing(), "locomotion", 1.0),
        (standing(), "yoga", 8.0),
        (standing(upper_arm=both(0.1, 1, 0), forearm=both(0, 1, 0)), "stretch", 4.0 * 5.0),
        (standing(thigh=both(0.0, 0, 1), shin=both(0, -1, 0)), "sit", 7.0),
        (standing(pelvis=BOWED, chest=BOWED), "dance", 7.0),
    ],
)
def test_hard_poses_weigh_more(
    tmp_path: Path, stance: Stance, category: str, weight: float
) -> None:
    file, clip = file_of(tmp_path, stance, category)
    assert sampling_weights(file, [clip, clip]) == pytest.approx(np.full(8, weight))


@pytest.fixture(scope="module")
def clips() -> MocapFile:
    try:
        return MocapFile(default_path())
    except InputError as error:
        pytest.skip(error.message)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["111_38", "13_29", "42_01", "49_18", "90_02", "140_01"])
def test_real_clips_on_a_body(name: str, clips: MocapFile, poser: Poser) -> None:
    clip = clips.clip(name)
    joints, roots = clips.joints(clip)[-150:], clips.roots(clip)[-150:]
    motion = MocapMotion(poser, joints, roots, clips.fps)
    off = furthest_off(poser, motion, joints)
    assert max(off[name] for name in ("upper_arm", "thigh", "shin", "stance")) < 0.1
    assert off["trunk"] < 12.0
    heights = lows(poser, motion)
    assert heights.min() > -0.01
    assert np.median(np.abs(heights)) < 0.02


@pytest.mark.shared
def test_the_sides_of_real_clips_are_the_persons(clips: MocapFile, poser: Poser) -> None:
    clip = clips.clip("13_29")
    motion = MocapMotion(poser, clips.joints(clip), clips.roots(clip), clips.fps)
    stance = motion.at(1.0).stance
    assert stance.pelvis[2, 2] > 0.5
    assert stance.head[2, 2] > 0.5
    assert stance.toes[:, 2].min() > 0.5


@pytest.mark.shared
def test_hard_poses_are_drawn_several_times_as_often(clips: MocapFile) -> None:
    chosen = [clip for clip in clips.clips if clip.split == "train"]
    weights = sampling_weights(clips, chosen)
    low = np.concatenate([clips.roots(clip)[:, 1] < 0.6 for clip in chosen])
    assert len(weights) == sum(clip.frames for clip in chosen)
    assert weights.min() >= 1.0
    assert weights[low].sum() / weights.sum() > 3.0 * low.mean()
