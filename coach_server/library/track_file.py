"""`track.npz`: a film's poses on disk."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.files import write_result

_ROW_SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "time_s": (),
    "keypoints": (17, 3),
    "depth": (17,),
    "joints": (17, 3),
    "joints_sigma": (17, 3),
    "present": (),
}

UNREADABLE: Final = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,  # of encrypted parts; NotImplementedError of ways to pack them is one
)
"""What numpy raises of `.npz` files that are damaged, or never were any."""


def save_track(track: Track, path: Path) -> None:
    """Write a track whole or not at all.

    Raises:
        InputError: the folder cannot be written.
    """
    write_result(path, packed_track(track))


def packed_track(track: Track) -> bytes:
    """What `save_track` writes."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        fps=np.float64(track.fps),
        time_s=track.time_s,
        image_size=np.array(track.image_size, np.int64),
        keypoints=track.keypoints,
        depth=track.depth,
        joints=track.joints,
        joints_sigma=track.joints_sigma,
        present=track.present,
    )
    return file.getvalue()


def load_track(path: Path) -> Track:
    """Read a track and check it.

    Raises:
        InputError: the file is missing, damaged, or has a row that makes no sense; says which.
    """
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            arrays = {name: _numbers(file[name]) for name in (*_ROW_SHAPES, "fps", "image_size")}
        fps = float(arrays["fps"])
        width, height = (int(side) for side in arrays["image_size"])
        rows = len(arrays["time_s"])
    except UNREADABLE as error:
        raise InputError(
            f"{path.name} cannot be read as a track: {error}.",
            hint="Make it again with `coach track` or `coach prepare`.",
            code="bad_track",
        ) from error
    for name, shape in _ROW_SHAPES.items():
        if arrays[name].shape != (rows, *shape):
            raise _bad(path, f"{name} has shape {arrays[name].shape}, not {(rows, *shape)}")
    if not (0 < fps < np.inf and width > 0 and height > 0):
        raise _bad(path, "fps or image_size is not positive")
    present = arrays["present"].astype(bool)
    steps = np.diff(arrays["time_s"])
    for name, bad in (
        ("time_s is not finite", ~np.isfinite(arrays["time_s"])),
        ("time_s does not increase", np.r_[False, ~(steps > 0)][:rows]),
        ("keypoints are not finite", present & ~np.isfinite(arrays["keypoints"]).all((1, 2))),
        ("joints are not finite", present & ~np.isfinite(arrays["joints"]).all((1, 2))),
    ):
        if bad.any():
            raise _bad(path, f"in row {int(bad.argmax())} {name}")
    return Track(
        fps=fps,
        time_s=arrays["time_s"].astype(np.float64),
        image_size=(width, height),
        keypoints=arrays["keypoints"].astype(np.float32),
        depth=arrays["depth"].astype(np.float32),
        joints=arrays["joints"].astype(np.float32),
        joints_sigma=arrays["joints_sigma"].astype(np.float32),
        present=present,
    )


def _numbers(array: NDArray[Any] | bytes) -> NDArray[Any]:
    if not isinstance(array, np.ndarray):  # numpy hands out what does not begin as an array does
        raise TypeError("a part of it is no array")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"it holds {array.dtype} in place of numbers")
    return array


def _bad(path: Path, what: str) -> InputError:
    return InputError(
        f"{path.name} is no valid track: {what}.",
        hint="Make it again with `coach track` or `coach prepare`.",
        code="bad_track",
    )
