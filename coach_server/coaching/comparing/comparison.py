"""The deviations of every frame of a student's film, by the live coach's own definitions.

What is known offline and not live is used to be less in doubt: poses are smoothed over both
directions of time, and a stance at ease teaches its bias for the whole film, whenever it comes.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import COCO_MIRROR, H36M_MIRROR
from coach_server.body.yoga_pose import yoga_pose_error
from coach_server.coaching.calibration import Calibration, Calibrator, applies, bias
from coach_server.coaching.comparing.warping import Warp
from coach_server.coaching.deviation import Strictness, deviation
from coach_server.coaching.in_view import angles_in_view
from coach_server.coaching.measured import Measured
from coach_server.coaching.motion import Motion
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track

STEADY_S: Final = 0.15
"""Standard deviation of the kernel by which poses are smoothed before angles are read."""

LOST_ANGLES: Final = 7
"""With so many angles far off it is another pose, or a misread one, and nothing is judged."""

MISSED_S: Final = 0.15
"""Between holds nobody is aligned to the moment: what an angle changes within this is allowed."""

NEAR_HOLD_S: Final = 0.25
"""The edge of a hold, where the instructor still settles."""

_UNSIGNED: Final = [
    Angle.LEFT_ELBOW_FLEXION,
    Angle.RIGHT_ELBOW_FLEXION,
    Angle.LEFT_KNEE_FLEXION,
    Angle.RIGHT_KNEE_FLEXION,
    Angle.LEFT_SHOULDER_ELEVATION,
    Angle.RIGHT_SHOULDER_ELEVATION,
]
_UP_TO_SQUARE: Final = [
    Angle.LEFT_HIP_ABDUCTION,
    Angle.RIGHT_HIP_ABDUCTION,
    Angle.TRUNK_SIDE,
    Angle.NECK_SIDE,
]

_ROWS: Final = 512
"""Frames whose angles are taken at once."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """T frames of the student, columns in the order of `Angle`.

    Attributes:
        t: (T,) seconds since the student's first frame.
        routine_t: (T,) the matched moment of the instructor's film; NaN where there is none.
        degrees: (T, 17) student minus instructor; NaN where one of them is not seen, or where the
            student has no place in the instructor's film.
        excess: (T, 17) how many times its allowance a deviation is; 0 where it is not judged.
        reference: (T, 17) the instructor's angles as the student is to take them; NaN as above.
        judged: (T, 17) whether what an angle hangs on is seen, in both films.
        hold: (T,) index of the instructor's hold at `routine_t`; -1 on the way between holds.
        frame: (T,) the instructor's frame nearest to `routine_t`; -1 where there is none.
        yoga_pose: (T,) the rolling error of yoga-pose; NaN where one of both is not seen.
        mirrored: whether the student's left goes with the instructor's right.
    """

    t: NDArray[np.float64]
    routine_t: NDArray[np.float64]
    degrees: FloatArray
    excess: FloatArray
    reference: FloatArray
    judged: NDArray[np.bool_]
    hold: NDArray[np.intp]
    frame: NDArray[np.intp]
    yoga_pose: NDArray[np.float64]
    mirrored: bool


def compare(
    routine: Routine, student: Track, warp: Warp, strictness: Strictness = Strictness.DEFAULT
) -> Comparison:
    """Compare a student with the instructor, frame by frame as they are aligned.

    Where the instructor holds a pose the reference is the median of the hold, as it is live;
    between holds it is the frame.

    Args:
        routine: the instructor, not mirrored.
        student: the student's film.
        warp: which moments belong together, and on which side.
        strictness: what is tolerated.
    """
    routine = routine.followed(mirrored=warp.mirrored)
    frame = _nearest_frames(routine.track, warp.routine_t)
    both = (frame >= 0) & student.present
    both[both] = routine.track.present[frame[both]]
    rows = np.flatnonzero(both)
    count, angles = len(student.time_s), len(Angle)
    degrees = np.full((count, angles), np.nan, np.float32)
    reference = degrees.copy()
    excess = np.zeros((count, angles), np.float32)
    judged = np.zeros((count, angles), np.bool_)
    hold = _holds(routine, warp.routine_t)
    reader = _Reader(routine, student, strictness)
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        for i, found in zip(some, reader.read(some, frame[some], hold[some]), strict=True):
            degrees[i], excess[i], judged[i], reference[i] = found
    return Comparison(
        t=student.time_s,
        routine_t=warp.routine_t,
        degrees=degrees,
        excess=excess,
        reference=reference,
        judged=judged,
        hold=hold,
        frame=frame,
        yoga_pose=_yoga_pose(routine.joints, student.joints, frame, both),
        mirrored=warp.mirrored,
    )


class _Reader:
    """Reads deviations of frames that belong together."""

    def __init__(self, routine: Routine, student: Track, strictness: Strictness) -> None:
        self._routine, self._student = routine, student
        self._strictness = strictness
        self._ours = steady(student.joints, student)
        self._theirs = steady(routine.joints, routine.track)
        sigma = routine.track.joints_sigma
        self._their_sigma = sigma[:, H36M_MIRROR] if routine.mirror else sigma
        self._our_calibration = at_ease(student)
        self._bias = bias(self._our_calibration, routine.calibration)
        self._passing = _passing(self._theirs, routine.track.time_s)
        self._seen = self._seen_of_holds()

    def read(
        self, rows: NDArray[np.intp], frames: NDArray[np.intp], holds: NDArray[np.intp]
    ) -> list[tuple[FloatArray, FloatArray, NDArray[np.bool_], FloatArray]]:
        """Degrees, excess, judged and reference of each."""
        student = self._student
        ours = _measured(self._ours[rows], student.joints_sigma[rows], self._our_calibration)
        theirs = _measured(
            self._theirs[frames], self._their_sigma[frames], self._routine.calibration
        )
        found = []
        for k, (row, frame) in enumerate(zip(rows, frames, strict=True)):
            hold = int(holds[k])
            reference = self._routine.references[hold] if hold >= 0 else theirs[k]
            seen = self._seen[hold] if hold >= 0 else self._in_view(int(frame))
            read = ours[k]
            if self._our_calibration is not None:
                misread = self._bias * applies(reference.angles)
                read = replace(read, angles=wrap_degrees(read.angles - misread))
            points = _fractions(student, int(row))
            one = deviation(read, points, reference, self._strictness)
            judged = one.judged & seen
            if (one.far_off & seen).sum() >= LOST_ANGLES:
                judged = np.zeros_like(judged)
            degrees = _possible(one.degrees, reference.angles)
            band = one.band if hold >= 0 else one.band + self._passing[frame]
            excess = np.where(judged, np.abs(degrees) / band, np.float32(0.0))
            found.append((degrees, excess.astype(np.float32), judged, reference.angles))
        return found

    def _in_view(self, frame: int) -> NDArray[np.bool_]:
        points = _fractions(self._routine.track, frame)
        return angles_in_view(points[list(COCO_MIRROR)] if self._routine.mirror else points)

    def _seen_of_holds(self) -> list[NDArray[np.bool_]]:
        """For each hold, which angles are in view for half of it."""
        of_frame = self._routine.hold_of_frame
        return [
            np.mean([self._in_view(int(f)) for f in np.flatnonzero(of_frame == i)], axis=0) >= 0.5
            for i in range(len(self._routine.holds))
        ]


def _possible(degrees: FloatArray, reference: FloatArray) -> FloatArray:
    """(17,) deviations that lead to angles there are: what is made up for may lead beyond."""
    kept = np.clip(degrees, -180.0, 180.0)
    for some, least, most in ((_UNSIGNED, 0.0, 180.0), (_UP_TO_SQUARE, -90.0, 90.0)):
        kept[some] = np.clip(reference[some] + kept[some], least, most) - reference[some]
    return np.asarray(kept, np.float32)


def _holds(routine: Routine, routine_t: NDArray[np.float64]) -> NDArray[np.intp]:
    """(T,) the hold at each moment, its edges included."""
    hold = np.full(len(routine_t), -1, np.intp)
    for i, span in enumerate(routine.holds):
        edge = min(NEAR_HOLD_S, (span.end_s - span.start_s) / 2)
        hold[(routine_t >= span.start_s - edge) & (routine_t <= span.end_s + edge)] = i
    return hold


def _passing(joints: FloatArray, time_s: NDArray[np.float64]) -> FloatArray:
    """(T, 17) degrees by which angles change while a moment may be missed: `MISSED_S`."""
    angles = joint_angles(joints)
    if len(angles) < 2:
        return np.zeros_like(angles)
    steps = wrap_degrees(np.diff(angles, axis=0)) / np.diff(time_s)[:, None]
    speed = np.abs(np.concatenate([steps[:1], (steps[:-1] + steps[1:]) / 2, steps[-1:]]))
    return np.asarray(np.nan_to_num(speed * MISSED_S), np.float32)


def steady(joints: FloatArray, track: Track) -> FloatArray:
    """(T, 17, 3) joints smoothed over both directions of time; gaps stay gaps."""
    known = track.present & np.isfinite(joints).all(axis=(1, 2))
    weight = gaussian_filter1d(known.astype(np.float32), STEADY_S * track.fps)
    filled = np.where(known[:, None, None], joints, np.float32(0.0))
    smooth = gaussian_filter1d(filled, STEADY_S * track.fps, axis=0)
    smooth = smooth / np.maximum(weight, 1e-6)[:, None, None]
    return np.where(known[:, None, None], smooth, np.float32(np.nan)).astype(np.float32)


def at_ease(track: Track) -> Calibration | None:
    """What somebody standing at ease anywhere in a film tells; None where nobody does."""
    motion, calibrator = Motion(), Calibrator()
    for i in np.flatnonzero(track.present):
        t = float(track.time_s[i])
        step = motion.update(track.joints[i], t)
        calibrator.update(step.joints, t, still=step.still)
    return calibrator.found


def _measured(joints: FloatArray, sigma: FloatArray, known: Calibration | None) -> list[Measured]:
    """Of each of (N, 17, 3) poses."""
    poses = joints if known is None else known.levelled(joints)
    all_of = Measured.of(poses, sigma, levelled=known is not None)
    return [
        Measured(angles, spread, all_of.unknown, felt)
        for angles, spread, felt in zip(all_of.angles, all_of.sigma, all_of.felt, strict=True)
    ]


def _fractions(track: Track, frame: int) -> FloatArray:
    """(17, 3) a frame's keypoints, x and y as fractions."""
    width, height = track.image_size
    return np.asarray(track.keypoints[frame] / np.array([width, height, 1]), np.float32)


def _nearest_frames(track: Track, routine_t: NDArray[np.float64]) -> NDArray[np.intp]:
    placed = np.isfinite(routine_t)
    at = np.where(placed, routine_t, 0.0)
    after = np.clip(np.searchsorted(track.time_s, at), 0, len(track.time_s) - 1)
    before = np.maximum(after - 1, 0)
    nearer = at - track.time_s[before] < track.time_s[after] - at
    return np.where(placed, np.where(nearer, before, after), -1)


def _yoga_pose(
    instructor: FloatArray, student: FloatArray, frame: NDArray[np.intp], both: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(T,) the rolling error over the frames that have a place; gaps keep the poses before them."""
    out = np.full(len(both), np.nan)
    rows = np.flatnonzero(both)
    if len(rows) == 0:
        return out
    span = np.arange(rows[0], rows[-1] + 1)
    last = rows[np.searchsorted(rows, span, "right") - 1]
    error = yoga_pose_error(instructor[frame[last]], student[last])[: len(span)]
    out[span] = np.where(both[span], error, np.nan)
    return out
