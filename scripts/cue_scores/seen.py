"""What anybody has to go by who judges a student: the film, its clock, and the student's joints."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.track import Track
from scripts.cue_scores.figure import Array
from scripts.cue_scores.sessions import Session


@dataclass(frozen=True, slots=True)
class Seen:
    """T frames of a student.

    Attributes:
        track: the instructor, as the student is to take them.
        t: (T,) seconds of the student.
        player_t: (T,) seconds on the routine's clock.
        runs: (T,) whether the film runs.
        joints: (T, 17, 3) metres; NaN where nobody is found.
        points: (T, 17, 3) COCO-17, x, y as fractions of the picture, score.
    """

    track: Track
    t: Array
    player_t: Array
    runs: NDArray[np.bool_]
    joints: FloatArray
    points: FloatArray

    @classmethod
    def of(cls, session: Session) -> "Seen":
        """A drawn session."""
        played = session.played
        return cls(
            track=session.instructor.routine.track,
            t=played.t,
            player_t=played.player_t,
            runs=played.runs,
            joints=session.joints,
            points=np.stack([keypoints.points for keypoints in session.keypoints]),
        )
