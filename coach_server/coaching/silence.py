"""Why the coach says nothing at present."""

from enum import StrEnum
from typing import Final

import numpy as np

from coach_server.body.keypoints import Keypoints
from coach_server.body.skeleton import Coco
from coach_server.coaching.in_view import SEEN_SCORE, visible

FEWEST_SEEN: Final = 12
"""With fewer keypoints in view than this a pose is not judged."""

NEAR_SHARE: Final = 0.28
"""Shoulders wider than this share of the picture's height belong to someone too near for a body."""


class Silence(StrEnum):
    """Why the coach says nothing at present."""

    NO_PERSON = "no_person"
    OUT_OF_FRAME = "out_of_frame"
    TOO_NEAR = "too_near"
    OCCLUDED = "occluded"
    SIDES_UNSURE = "sides_unsure"
    SEVERAL_PEOPLE = "several_people"
    NOT_FOLLOWING = "not_following"
    PAUSED = "paused"
    MOVING = "moving"


def view_of(keypoints: Keypoints) -> Silence | None:
    """Why a body cannot be judged in this frame by what is in view; None where it can."""
    points = keypoints.points
    if keypoints.people > 1:
        return Silence.SEVERAL_PEOPLE
    if visible(points).sum() >= FEWEST_SEEN:
        return None
    outside = ((points[:, :2] < 0.0) | (points[:, :2] > 1.0)).any(axis=1)
    if outside.sum() < (points[:, 2] < SEEN_SCORE).sum() / 2:
        return Silence.OCCLUDED
    left, right = keypoints.pixels[[Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER], :2]
    apart = float(np.hypot(*(left - right)))
    return (
        Silence.TOO_NEAR if apart > NEAR_SHARE * keypoints.image_size[1] else Silence.OUT_OF_FRAME
    )
