"""A track as a C3D file: the points that motion laboratories exchange."""

import tempfile
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np

from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.library.exports.axes import MM, z_up
from coach_server.library.exports.even import EvenJoints
from coach_server.library.exports.names import MARKER_NAMES, ascii_line

MAX_FRAMES: Final = 65535
"""Readers count frames in 16 bits; they would drop what is beyond."""


def c3d(track: Track, title: str) -> bytes:
    """Points only, no analog channels; written by ezc3d.

    The points are the H36M-17 joints in millimetres from the pelvis, which stays at the origin (a
    lifter knows no place in the room); x right, y away from the camera, z up, which
    POINT:X_SCREEN and Y_SCREEN state. Frames are counted from 1 at an even rate (`EvenJoints`).
    Where nobody is seen points are invalid: residual -1, as C3D has it.

    Raises:
        InputError: ezc3d is not installed, or there are no frames, or more than C3D counts.
    """
    even = EvenJoints.of(track)
    if not 0 < len(even.seen) <= MAX_FRAMES:
        raise InputError(
            f"C3D holds 1 to {MAX_FRAMES} frames; this track has {len(even.seen)}.",
            hint="Export it as trc, or trim the film.",
            code="bad_length",
        )
    points = np.ones((4, len(MARKER_NAMES), len(even.seen)))
    points[:3] = (z_up(even.joints) * MM).transpose(2, 1, 0)
    file = _ezc3d().c3d()
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["RATE"]["value"] = [even.rate]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(MARKER_NAMES)
    file.add_parameter("POINT", "X_SCREEN", ["+X"])
    file.add_parameter("POINT", "Y_SCREEN", ["+Z"])
    file.add_parameter("SUBJECTS", "USED", 1)
    file.add_parameter("SUBJECTS", "NAMES", [ascii_line(title)[:120]])
    file.add_parameter("MANUFACTURER", "SOFTWARE", ["coach"])
    file["data"]["points"] = points
    residuals = np.where(even.seen, 0.0, -1.0)
    file["data"]["meta_points"]["residuals"] = np.tile(residuals, (1, len(MARKER_NAMES), 1))
    with tempfile.TemporaryDirectory(prefix="coach-c3d-") as folder:  # it writes to names only
        path = Path(folder) / "track.c3d"
        file.write(str(path))
        return path.read_bytes()


def _ezc3d() -> ModuleType:
    try:
        import ezc3d  # an extra: C3D is for the few
    except ImportError as error:
        raise InputError(
            "C3D files need the library ezc3d, which is not installed.",
            hint='Install it with `pip install "coach-server[export]"`, or export as trc.',
            code="missing_library",
        ) from error
    module: ModuleType = ezc3d
    return module
