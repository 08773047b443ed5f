"""Catches the detector exchanging a person's left and right, and repairs it or says so.

A body seen from the front and one seen from behind have nearly the same outline. A detector that
takes one for the other exchanges left and right, of the arms or of the whole body, within one
frame and with scores of 1.0: typically in poses with the face turned aside, such as Warrior II.
Scores do not tell; three other things do:

continuity  a joint moves little from frame to frame, in space. A body that really turns carries its
            depth along: at no moment do left and right exchange places. An exchange does that.
twist       the line of the shoulders cannot stand across the line of the hips.
direction   the error is to see a person from behind who faces the camera, hardly ever the reverse.

An exchange is clear or half: a network in doubt answers with the mean of its two opinions, which is
neither. The clear one is repaired: left and right change places and, since front and behind were
mistaken, near and far as well, each group of joints mirrored about its own middle. On rendered
Warrior II with known truth the joint angles of such frames are then as good as those of others.
The half one is not repaired but reported, and the coach keeps silent.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import COCO_MIRROR, Coco

Rows: TypeAlias = NDArray[np.intp]

CLEAR_SAME: Final = -0.3
"""Below this ratio (see `_exchange_ratio`) the sides are as before. On rendered films with exact
truth 99 % of sound frames lie under -0.59 at 15 fps and under -0.47 at 5 fps."""
CLEAR_EXCHANGE: Final = 0.5
"""Above this ratio, taken after a repair, the repair is right: whole exchanges reach .6 to .9."""
MAX_TWIST_DEG: Final = 80.0
"""No trunk twists further. Detectors read 20 degrees at the most into a trunk that does not."""
STILL_M: Final = 0.04
"""A group of joints that moved less on average is where it was, whatever the ratio says."""
RELEARN_FRAMES: Final = 30
"""After so many doubtful frames in a row that agree with each other, they are believed."""
BEHIND_FRAMES: Final = 300
"""A whole body seen from behind for so many frames has turned around while nobody looked."""
_TRUNK_M: Final = 0.5
"""Metres from mid-hip to mid-shoulder, where the detector has no scale of its own."""


class Verdict(StrEnum):
    """What became of one frame's sides."""

    CLEAN = "clean"
    REPAIRED = "repaired"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Guarded:
    """One frame after the guard.

    Attributes:
        keypoints: repaired, or those given.
        verdict: `unsure` where left and right should not be relied upon.
    """

    keypoints: Keypoints
    verdict: Verdict


@dataclass(frozen=True)
class _Group:
    """Joints whose sides are exchanged together.

    Attributes:
        left: rows of the left limb, its root (shoulder or hip) first.
        right: the same of the right limb.
        follow: rows that go where the group goes.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    follow: tuple[int, ...] = ()

    @cached_property
    def root(self) -> Rows:
        """Rows of the left and right joint between which the group's middle lies."""
        return np.array([self.left[0], self.right[0]])

    @cached_property
    def rows(self) -> Rows:
        """Rows of both limbs."""
        return np.array([*self.left, *self.right])

    @cached_property
    def exchanged(self) -> Rows:
        """The same with the sides exchanged."""
        return np.array([*self.right, *self.left])

    @cached_property
    def moved(self) -> Rows:
        """All rows that a repair of the group touches."""
        return np.array([*self.left, *self.right, *self.follow])


_ARMS: Final = _Group(
    (Coco.LEFT_SHOULDER, Coco.LEFT_ELBOW, Coco.LEFT_WRIST),
    (Coco.RIGHT_SHOULDER, Coco.RIGHT_ELBOW, Coco.RIGHT_WRIST),
    (Coco.NOSE, Coco.LEFT_EYE, Coco.RIGHT_EYE, Coco.LEFT_EAR, Coco.RIGHT_EAR),
)
_LEGS: Final = _Group(
    (Coco.LEFT_HIP, Coco.LEFT_KNEE, Coco.LEFT_ANKLE),
    (Coco.RIGHT_HIP, Coco.RIGHT_KNEE, Coco.RIGHT_ANKLE),
)
_GROUPS: Final = (_ARMS, _LEGS)
_MIRROR: Final = np.array(COCO_MIRROR)


class SwapGuard:
    """Watches the sides of one person; what it knows is the last frame of which it was sure.

    Frames are counted, not timed: the same frames always give the same verdicts.

    Attributes:
        counts: frames by verdict since construction.

    """

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Verdict, 0)
        self.reset()

    def reset(self) -> None:
        """Forget the person; the counts stay."""
        self._known: FloatArray | None = None
        self._doubtful: FloatArray | None = None
        self._doubts = 0
        self._behind = 0

    def check(self, keypoints: Keypoints) -> Guarded:
        """Judge the next frame, and repair it where that can be done."""
        given = _in_space(keypoints)
        guarded = self._judge(keypoints, given)
        if guarded.verdict is Verdict.UNSURE:
            self._count_doubt(given)
        self.counts[guarded.verdict] += 1
        return guarded

    def _judge(self, keypoints: Keypoints, given: FloatArray) -> Guarded:
        if self._known is None or self._doubts >= RELEARN_FRAMES:
            if _twist_deg(given) > MAX_TWIST_DEG:
                return Guarded(keypoints, Verdict.UNSURE)
            return self._sure(keypoints, given, Verdict.CLEAN)
        moved = [g for g in _GROUPS if not _is_same(given, self._known, g)]
        exchanged = [g for g in moved if _is_exchanged(given, self._known, g)]
        if moved != exchanged:
            return Guarded(keypoints, Verdict.UNSURE)
        if len(exchanged) == 2 and self._believes_turn():
            exchanged = []
        mended = given
        for group in exchanged:
            mended = _mend(mended, group)
        if _twist_deg(mended) > MAX_TWIST_DEG:
            return Guarded(keypoints, Verdict.UNSURE)
        if not exchanged:
            return self._sure(keypoints, given, Verdict.CLEAN)
        return self._sure(_exchanged(keypoints, exchanged, mended), mended, Verdict.REPAIRED)

    def _sure(self, keypoints: Keypoints, known: FloatArray, verdict: Verdict) -> Guarded:
        self._known = known
        self._doubtful = None
        self._doubts = 0
        if verdict is Verdict.CLEAN:
            self._behind = 0
        return Guarded(keypoints, verdict)

    def _believes_turn(self) -> bool:
        """Whether a whole body that changed its sides at once is believed to be as it is now.

        To be seen from the front after all: yes, the error goes the other way. From behind: only
        when it stays so.
        """
        self._behind += 1
        return self._known is None or not _faces_camera(self._known) or self._behind > BEHIND_FRAMES

    def _count_doubt(self, given: FloatArray) -> None:
        """Count doubtful frames in a row that agree with the one before, be they right or wrong."""
        before = self._doubtful
        agrees = before is None or all(_is_same(given, before, group) for group in _GROUPS)
        self._doubts = self._doubts + 1 if agrees else 1
        self._doubtful = given


def _in_space(keypoints: Keypoints) -> FloatArray:
    """(17, 3) metres: the detector's own 3D, or the picture scaled by the trunk's length."""
    if keypoints.world is not None:
        return keypoints.world
    flat = keypoints.pixels
    middle = flat[_LEGS.root, :2].mean(axis=0)
    trunk = float(np.linalg.norm(flat[_ARMS.root, :2].mean(axis=0) - middle))
    space = np.empty_like(flat)
    space[:, :2] = (flat[:, :2] - middle) * (_TRUNK_M / max(trunk, 1.0))
    space[:, 2] = np.nan_to_num(keypoints.depth)
    return space


def _distance(now: FloatArray, rows: Rows, before: FloatArray, group: _Group) -> float:
    """Mean metres from where the group's joints were to `rows` of now, each about its middle."""
    then = before[group.rows] - before[group.root].mean(axis=0)
    return float(np.linalg.norm(now[rows] - now[group.root].mean(axis=0) - then, axis=1).mean())


def _exchange_ratio(as_is: float, exchanged: float) -> float:
    """-1..1 from two distances: a fit as it is (-1), or with sides exchanged (1)."""
    return (as_is - exchanged) / (as_is + exchanged)


def _is_same(now: FloatArray, before: FloatArray, group: _Group) -> bool:
    """Whether the group's sides are as they were, by the places of both sides in space."""
    as_is = _distance(now, group.rows, before, group)
    if as_is < STILL_M:
        return True
    exchanged = _distance(now, group.exchanged, before, group)
    return _exchange_ratio(as_is, exchanged) < CLEAR_SAME


def _is_exchanged(now: FloatArray, before: FloatArray, group: _Group) -> bool:
    """Whether the group, its sides not being as they were, fits well once it is mended."""
    as_is = _distance(now, group.rows, before, group)
    mended = _distance(_mend(now, group), group.rows, before, group)
    return _exchange_ratio(as_is, mended) > CLEAR_EXCHANGE


def _twist_deg(space: FloatArray) -> float:
    """Angle between the lines of the shoulders and of the hips, 0..180; (17, 3) metres."""
    shoulders = space[_ARMS.left[0]] - space[_ARMS.right[0]]
    hips = space[_LEGS.left[0]] - space[_LEGS.right[0]]
    lengths = float(np.linalg.norm(shoulders) * np.linalg.norm(hips))
    if lengths < np.finfo(np.float32).eps:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(shoulders @ hips / lengths, -1, 1))))


def _faces_camera(space: FloatArray) -> bool:
    """Whether the chest points towards the camera; (17, 3) metres, camera axes."""
    across = space[_ARMS.left[0]] - space[_ARMS.right[0]]
    up = space[_ARMS.root].mean(axis=0) - space[_LEGS.root].mean(axis=0)
    return bool(np.cross(across, up)[2] < 0)


def _mend(space: FloatArray, group: _Group) -> FloatArray:
    """(17, 3) with the group's sides exchanged and its depth mirrored about its middle."""
    rows = group.moved
    mended = space.copy()
    mended[rows] = space[_MIRROR[rows]]
    mended[rows, 2] = 2 * space[group.root, 2].mean() - mended[rows, 2]
    return mended


def _exchanged(keypoints: Keypoints, groups: list[_Group], space: FloatArray) -> Keypoints:
    """The keypoints with the sides of `groups` exchanged and the depth of `space`."""
    points, depth = keypoints.points.copy(), keypoints.depth.copy()
    for group in groups:
        rows = group.moved
        points[rows] = keypoints.points[_MIRROR[rows]]
        depth[rows] = np.where(np.isnan(keypoints.depth[_MIRROR[rows]]), np.nan, space[rows, 2])
    world = None if keypoints.world is None else space
    return replace(keypoints, points=points, depth=depth, world=world)
