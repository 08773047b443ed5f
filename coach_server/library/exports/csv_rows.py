"""A track as a table, a row a frame: for spreadsheets and statistics."""

import csv
import io
from typing import Final

import numpy as np

from coach_server.coaching.track import Track
from coach_server.library.exports.names import JOINT_NAMES, KEYPOINT_NAMES

_JOINTS: Final = [f"{name}_{axis}_m" for name in JOINT_NAMES for axis in "xyz"]
_KEYPOINTS: Final = [
    f"{name}_{what}" for name in KEYPOINT_NAMES for what in ("x_px", "y_px", "score")
]
COLUMNS: Final = ("frame", "time_s", "present", *_JOINTS, *_KEYPOINTS)


def csv_rows(track: Track, title: str) -> bytes:
    """UTF-8, RFC 4180 with `COLUMNS` as the head.

    Joints are metres from the pelvis in camera axes (x right, y down, z away from the camera), to a
    tenth of a millimetre; keypoints are pixels of the upright picture (x right, y down) with a
    score of 0 to 1. Frames are counted from 0 and are the film's own, whatever its rate. Without a
    person all but the first three cells are empty.
    """
    del title  # a table has no place for it
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    numbers = np.concatenate(
        [
            np.round(track.joints.reshape(-1, 51).astype(np.float64), 4) + 0.0,
            np.round(track.keypoints.reshape(-1, 51).astype(np.float64), 3) + 0.0,
        ],
        axis=1,
    )
    for frame, (time_s, present) in enumerate(zip(track.time_s, track.present, strict=True)):
        values = numbers[frame].tolist() if present else [""] * numbers.shape[1]
        rows.writerow([frame, round(float(time_s), 6), int(present), *values])
    return text.getvalue().encode()
