"""A track as a TRC file: the markers that OpenSim reads."""

from typing import Final

import numpy as np

from coach_server.coaching.track import Track
from coach_server.library.exports.axes import MM, y_up
from coach_server.library.exports.even import EvenJoints
from coach_server.library.exports.names import MARKER_NAMES, one_line

_RATES: Final = (
    "DataRate",
    "CameraRate",
    "NumFrames",
    "NumMarkers",
    "Units",
    "OrigDataRate",
    "OrigDataStartFrame",
    "OrigNumFrames",
)


def trc(track: Track, title: str) -> bytes:
    """UTF-8, tab-separated, two header lines of pairs, two of column names, an empty one, rows.

    The markers are the H36M-17 joints in millimetres from the pelvis, which stays at the origin (a
    lifter knows no place in the room); x right, y up, z towards the camera. Frames are counted from
    1 at an even rate (`EvenJoints`); cells are empty where nobody is seen.
    """
    even = EvenJoints.of(track)
    count, markers = len(even.seen), len(MARKER_NAMES)
    rate = f"{even.rate:.6g}"
    values = (rate, rate, count, markers, "mm", rate, 1, count)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{one_line(title)}.trc",
        "\t".join(_RATES),
        "\t".join(map(str, values)),
        "Frame#\tTime\t" + "\t\t\t".join(MARKER_NAMES) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{i}" for i in range(1, markers + 1) for axis in "XYZ"),
        "",
    ]
    points = np.round(y_up(even.joints) * MM, 2) + 0.0
    for frame, (row, seen) in enumerate(zip(points.reshape(count, -1), even.seen, strict=True)):
        cells = [f"{value:.2f}" for value in row.tolist()] if seen else [""] * (3 * markers)
        lines.append("\t".join([str(frame + 1), f"{frame / even.rate:.6f}", *cells]))
    return ("\n".join(lines) + "\n").encode()
