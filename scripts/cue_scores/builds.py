"""Where two bodies truly differ in one pose: by their build, not by a fault.

A floor pose is done otherwise by long legs than by short ones: what a coach says of it is true,
though nobody put it in. Angles are taken from the true joints, levelled as the cameras stand.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.corrections import correction
from scripts.cue_scores.faults import Fault
from scripts.cue_scores.practices import Practice
from scripts.lifter_scores.errors import judged
from scripts.lifter_scores.sightings import Sighting

DIFFERS_DEG: Final = 10.0
"""From here on a difference may be named."""
SETTLED_S: Final = 0.3


def differences(instructor: Practice, student: Practice) -> Iterator[Fault]:
    """What a student does otherwise in each pose, faults that were put in included."""
    theirs, own = (joint_angles(levelled(one.film)) for one in (instructor, student))
    known = judged(student.film.joints)
    for lead, hold in zip(instructor.truth["holds"], student.truth["holds"], strict=True):
        rows = _rows(student.film, hold["start"], hold["end"])
        right = _middle(theirs[_rows(instructor.film, lead["start"], lead["end"])])
        off = wrap_degrees(_middle(own[rows]) - right)
        for angle in Angle:
            if abs(off[angle]) < DIFFERS_DEG or not known[rows, angle].all():
                continue
            joint, side, direction = correction(angle, float(off[angle]), float(right[angle]))
            yield Fault(
                angle=angle,
                degrees=float(off[angle]),
                joint=joint,
                side=side,
                direction=direction,
                start=hold["start"],
                arrived=hold["start"],
                end=hold["end"],
                meant=False,
            )


def levelled(film: Sighting) -> FloatArray:
    """(T, 17, 3) the true joints as a camera would have them that looks straight ahead."""
    camera = film.take["casting"]["camera"]
    fall = np.arctan2(camera["height_m"] - camera["look_at_m"], camera["distance_m"])
    cos, sin = np.float32(np.cos(fall)), np.float32(np.sin(fall))
    x, y, z = np.moveaxis(film.joints, -1, 0)
    return np.stack([x, cos * y + sin * z, cos * z - sin * y], axis=-1)


def _rows(film: Sighting, start_s: float, end_s: float) -> slice:
    """Of a pose that is held, once it is settled."""
    first = min(start_s + SETTLED_S, end_s)
    return slice(round(first * film.fps), max(round(end_s * film.fps), round(first * film.fps) + 1))


def _middle(angles: FloatArray) -> FloatArray:
    """(17,) median of (N, 17), the short way round."""
    away = wrap_degrees(angles - angles[:1])
    return np.asarray(wrap_degrees(angles[0] + np.median(away, axis=0)), np.float32)
