"""A track as a C3D file: the points that motion laboratories exchange."""

import io
import subprocess
import sys
import threading
from importlib.util import find_spec
from typing import Final

import numpy as np
import structlog

from coach_server.coaching.track import Track
from coach_server.environment import without_settings
from coach_server.errors import InputError, InternalError
from coach_server.library.exports.axes import MM, z_up
from coach_server.library.exports.even import EvenJoints
from coach_server.library.exports.names import MARKER_NAMES, ascii_line

log = structlog.get_logger(__name__)

MAX_FRAMES: Final = 65535
"""Readers count frames in 16 bits; they would drop what is beyond."""

COMMAND: Final = (sys.executable, "-P", "-m", "coach_server.library.exports.c3d_child")
TIMEOUT_S: Final = 60.0
"""The longest file takes a few seconds of a free core."""

_ONE_AT_A_TIME: Final = threading.Lock()
"""A process has 100 to 250 MB while it writes."""
_HEAD: Final = 0x50
"""The second byte of every C3D file."""


def c3d(track: Track, title: str) -> bytes:
    """Points only, no analog channels; written by ezc3d, in a process of its own, for it leaks.

    The points are the H36M-17 joints in millimetres from the pelvis, which stays at the origin (a
    lifter knows no place in the room); x right, y away from the camera, z up, which
    POINT:X_SCREEN and Y_SCREEN state. Frames are counted from 1 at an even rate (`EvenJoints`).
    Where nobody is seen points are invalid: residual -1, as C3D has it.

    Raises:
        InputError: ezc3d is not installed, or there are no frames, or more than C3D counts.
        InternalError: it wrote no file.
    """
    even = EvenJoints.of(track)
    if not 0 < len(even.seen) <= MAX_FRAMES:
        raise InputError(
            f"C3D holds 1 to {MAX_FRAMES} frames; this track has {len(even.seen)}.",
            hint="Export it as trc, or trim the film.",
            code="bad_length",
        )
    if find_spec("ezc3d") is None:  # an extra: C3D is for the few
        raise InputError(
            "C3D files need the library ezc3d, which is not installed.",
            hint='Install it with `pip install "coach-server[export]"`, or export as trc.',
            code="missing_library",
        )
    points = np.ones((4, len(MARKER_NAMES), len(even.seen)))
    points[:3] = (z_up(even.joints) * MM).transpose(2, 1, 0)
    residuals = np.where(even.seen, 0.0, -1.0)
    asked = io.BytesIO()
    np.savez(
        asked,
        points=points,
        residuals=np.tile(residuals, (1, len(MARKER_NAMES), 1)),
        rate=even.rate,
        title=ascii_line(title)[:120],
    )
    return _written(asked.getvalue())


def _written(asked: bytes) -> bytes:
    try:
        with _ONE_AT_A_TIME:
            child = subprocess.run(  # noqa: S603  # no shell; our own interpreter and module
                COMMAND,
                input=asked,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
                env={**without_settings(), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"took more than {TIMEOUT_S:.0f} s") from error
    except OSError as error:
        raise _failed(f"could not be started: {error.strerror}") from error
    if child.returncode or child.stdout[1:2] != bytes([_HEAD]):
        said = child.stderr.decode(errors="replace").strip()[-500:]
        log.error("no c3d file was written", status=child.returncode, said=said)
        raise _failed("ended without a file")
    return child.stdout


def _failed(why: str) -> InternalError:
    return InternalError(
        f"The C3D file could not be written: the process that writes it {why}.",
        hint="Try it again when less goes on, or export as trc.",
        code="c3d_failed",
    )
