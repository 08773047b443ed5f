"""The instructor's side of the comparison, computed once when a routine is loaded."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import joint_angles
from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import limb_directions, mirrored_joints
from coach_server.body.skeleton import H36M_MIRROR
from coach_server.coaching.calibration import Calibration, calibrate, is_at_ease
from coach_server.coaching.deviation import Measured
from coach_server.coaching.holds import Hold
from coach_server.coaching.resampled import Resampled
from coach_server.coaching.track import Track


class Mirror(StrEnum):
    """How the student's sides go with the instructor's."""

    SAME = "same"
    MIRRORED = "mirrored"
    AUTO = "auto"  # told by what the student does (`mirroring`)


@dataclass(frozen=True)
class Routine:
    """A recorded instructor as the reference.

    Attributes:
        track: the instructor's poses.
        holds: when the instructor keeps still, in order, not overlapping.
        mirror: whether students follow as in a mirror (their left is the instructor's right).
        names: of the holds' poses; "" where one has none, () where none has.
    """

    track: Track
    holds: tuple[Hold, ...]
    mirror: bool = False
    names: tuple[str, ...] = ()

    def followed(self, *, mirrored: bool) -> Self:
        """The routine as a student is to follow it, on the same side or as in a mirror."""
        return replace(self, mirror=mirrored)

    def name(self, hold: int) -> str:
        """Of a hold's pose; "" where it has none."""
        return self.names[hold] if 0 <= hold < len(self.names) else ""

    @property
    def duration_s(self) -> float:
        """Length of the film in seconds."""
        return len(self.track.time_s) / self.track.fps

    @cached_property
    def joints(self) -> FloatArray:
        """(T, 17, 3) the instructor's joints as the student is to take them."""
        return mirrored_joints(self.track.joints) if self.mirror else self.track.joints

    @cached_property
    def directions(self) -> FloatArray:
        """(T, B, 3) directions of `body.registration.LIMBS`; NaN without a person."""
        return limb_directions(self.joints)

    @cached_property
    def resampled(self) -> Resampled:
        """On an even grid in time."""
        track = self.track
        return Resampled.of(self.directions, track.time_s, track.present, self.hold_of_frame)

    @cached_property
    def hold_of_frame(self) -> NDArray[np.intp]:
        """(T,) index into `holds`, -1 in a transition."""
        index = np.full(len(self.track.time_s), -1, np.intp)
        for i, hold in enumerate(self.holds):
            index[(self.track.time_s >= hold.start_s) & (self.track.time_s <= hold.end_s)] = i
        return index

    @cached_property
    def hold_joints(self) -> FloatArray:
        """(H, 17, 3) median pose of each hold: a hand through the hair does not move it."""
        poses = [
            np.nanmedian(self.joints[self.hold_of_frame == i], axis=0)
            for i in range(len(self.holds))
        ]
        return np.array(poses, np.float32).reshape(-1, 17, 3)

    @cached_property
    def hold_sigma(self) -> FloatArray:
        """(H, 17, 3) metres; the lifter's median spread in each hold, NaN where it has none."""
        spreads = [
            np.median(self.track.joints_sigma[self.hold_of_frame == i], axis=0)
            for i in range(len(self.holds))
        ]
        sigma = np.array(spreads, np.float32).reshape(-1, 17, 3)
        return sigma[:, H36M_MIRROR] if self.mirror else sigma

    @cached_property
    def calibration(self) -> Calibration | None:
        """What is known of the instructor's camera and stance; None without a hold at ease."""
        tracked = self.track.joints
        frames = [
            tracked[(self.hold_of_frame == i) & self.track.present]
            for i, pose in enumerate(self.hold_joints)
            if is_at_ease(joint_angles(calibrate(pose[None]).levelled(pose)))
        ]
        if not frames:
            return None
        at_ease = np.concatenate(frames)
        return calibrate(mirrored_joints(at_ease) if self.mirror else at_ease)

    def reference(self, hold: int) -> Measured:
        """The angles of a hold."""
        joints, known = self.hold_joints[hold], self.calibration
        if known is None:
            return Measured.of(joints, self.hold_sigma[hold])
        return Measured.of(known.levelled(joints), self.hold_sigma[hold], levelled=True)
