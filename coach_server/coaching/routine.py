"""The instructor's side of the comparison, computed once when a routine is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import limb_directions, mirrored_joints
from coach_server.body.skeleton import H36M_MIRROR
from coach_server.coaching.anomalies import Anomaly
from coach_server.coaching.calibration import AT_EASE, Calibration, calibrate, is_at_ease
from coach_server.coaching.holds import Hold
from coach_server.coaching.measured import Measured
from coach_server.coaching.resampled import Resampled
from coach_server.coaching.track import Track

MAKES_A_POSE_DEG: Final = 40.0
"""An angle that differs by so much from standing at ease makes the pose."""

LEAST_IMPORTANT: Final = 0.5
SAME_POSE_DEG: Final = 15.0
"""Holds whose limbs all point the same way within this are of one pose."""


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
        weights: for each hold, how much an angle makes the pose, 0..1 by its name in small letters,
            where that is not to be taken from the track.
        anomalies: when the instructor is not to be followed; what is measured of a hold leaves them
            out, and nothing new is said of a student who may be copying them.
    """

    track: Track
    holds: tuple[Hold, ...]
    mirror: bool = False
    names: tuple[str, ...] = ()
    weights: tuple[Mapping[str, float], ...] = ()
    anomalies: tuple[Anomaly, ...] = ()

    def followed(self, *, mirrored: bool) -> Self:
        """The routine as a student is to follow it, on the same side or as in a mirror."""
        return replace(self, mirror=mirrored)

    def name(self, hold: int) -> str:
        """Of a hold's pose; "" where it has none."""
        return self.names[hold] if 0 <= hold < len(self.names) else ""

    def is_followed(self, t: float) -> bool:
        """Whether the instructor is to be followed at that time, seconds on the routine's clock."""
        return not any(one.start_s <= t <= one.end_s for one in self.anomalies)

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
    def _measured_frames(self) -> tuple[NDArray[np.bool_], ...]:
        """For each hold (T,): the frames that show its pose; all of them where none does."""
        normal = self.track.present.copy()
        for one in self.anomalies:
            normal &= (self.track.time_s < one.start_s) | (self.track.time_s > one.end_s)
        inside = [self.hold_of_frame == i for i in range(len(self.holds))]
        return tuple(
            next((kept for kept in (held & normal, held & self.track.present) if kept.any()), held)
            for held in inside
        )

    @cached_property
    def hold_joints(self) -> FloatArray:
        """(H, 17, 3) median pose of each hold: a hand through the hair does not move it."""
        poses = [np.nanmedian(self.joints[frames], axis=0) for frames in self._measured_frames]
        return np.array(poses, np.float32).reshape(-1, 17, 3)

    @cached_property
    def hold_sigma(self) -> FloatArray:
        """(H, 17, 3) metres; the lifter's median spread in each hold, NaN where it has none."""
        spreads = [
            np.median(self.track.joints_sigma[frames], axis=0) for frames in self._measured_frames
        ]
        sigma = np.array(spreads, np.float32).reshape(-1, 17, 3)
        return sigma[:, H36M_MIRROR] if self.mirror else sigma

    @cached_property
    def calibration(self) -> Calibration | None:
        """What is known of the instructor's camera and stance; None without a hold at ease."""
        tracked = self.track.joints
        frames = [
            tracked[frames & self.track.present]
            for frames, pose in zip(self._measured_frames, self.hold_joints, strict=True)
            if is_at_ease(joint_angles(calibrate(pose[None]).levelled(pose)))
        ]
        if not frames:
            return None
        at_ease = np.concatenate(frames)
        return calibrate(mirrored_joints(at_ease) if self.mirror else at_ease)

    @cached_property
    def references(self) -> tuple[Measured, ...]:
        """The angles of each hold, and how sure they are."""
        known = self.calibration
        poses = self.hold_joints if known is None else known.levelled(self.hold_joints)
        return tuple(
            Measured.of(pose, sigma, levelled=known is not None).restless(unrest)
            for pose, sigma, unrest in zip(poses, self.hold_sigma, self._unrest, strict=True)
        )

    @cached_property
    def _unrest(self) -> FloatArray:
        """(H, 17) degrees: how far the instructor's angles go about the median of each hold."""
        angles = joint_angles(self.joints)
        held = [angles[frames & self.track.present] for frames in self._measured_frames]
        away = [np.asarray(rows - np.median(rows, axis=0), np.float32) for rows in held]
        spread = [np.percentile(np.abs(wrap_degrees(rows)), 68, axis=0) for rows in away]
        return np.array(spread, np.float32).reshape(-1, len(Angle))

    @cached_property
    def importance(self) -> FloatArray:
        """(H, 17) 0..1: how much each angle makes the pose.

        What the instructor has changed to come into the pose matters, and what is not as in
        someone who stands at ease; what merely hangs or stands matters by `LEAST_IMPORTANT`.
        """
        angles = np.array([r.angles for r in self.references], np.float32).reshape(-1, len(Angle))
        before = np.concatenate([AT_EASE[None], angles[:-1]]) if len(angles) else angles
        posed = np.abs(wrap_degrees(angles - AT_EASE))
        changed = np.abs(wrap_degrees(angles - before))
        share = np.clip(np.maximum(posed, changed) / MAKES_A_POSE_DEG, 0.0, 1.0)
        importance = np.asarray(LEAST_IMPORTANT + (1.0 - LEAST_IMPORTANT) * share, np.float32)
        for row, given in zip(importance, self.weights, strict=False):
            for name, weight in given.items():
                row[Angle[name.upper()]] = weight
        return importance

    @cached_property
    def alike(self) -> NDArray[np.intp]:
        """(H,) the first hold in which the same pose is held, for each."""
        directions = limb_directions(self.hold_joints)
        first = np.arange(len(self.holds))
        for i in range(1, len(self.holds)):
            chord = np.linalg.norm(directions[:i] - directions[i], axis=-1)
            same = np.flatnonzero(np.degrees(chord).max(axis=1) < SAME_POSE_DEG)
            if len(same):
                first[i] = first[same[0]]
        return first
