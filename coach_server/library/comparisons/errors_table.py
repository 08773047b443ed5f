"""`errors.csv`: one row for each frame of the student's film."""

import csv
import io
import math
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.comparing.comparison import Comparison

COLUMNS: Final = (
    "frame",
    "t",
    "routine_t",
    "yoga_pose_error",
    *(f"{angle.name.lower()}_deg" for angle in Angle),
)


def errors_csv(comparison: Comparison) -> str:
    """The table.

    `yoga_pose_error` is the error that yoga-pose would show with the frame, before it is cut to an
    integer. Degrees are student minus instructor. A cell is empty where somebody is not seen, the
    student's frame has no place in the instructor's film, or an angle says nothing: the pose is
    another one or misread, or an arm that hangs or is stretched up has no forward.
    """
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    degrees = np.where(comparison.judged, comparison.degrees, np.nan)
    for i, t in enumerate(comparison.t.tolist()):
        table.writerow(
            [
                i,
                _cell(t, 4),
                _cell(comparison.routine_t[i], 4),
                _cell(comparison.yoga_pose[i], 6),
                *(_cell(value, 2) for value in degrees[i].tolist()),
            ]
        )
    return file.getvalue()


def _cell(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else ""
