"""`track.npz`: a film's poses on disk."""

import io
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

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
            arrays = {name: file[name] for name in (*_ROW_SHAPES, "fps", "image_size")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path.name} cannot be read as a track: {error}.",
            hint="Make it again with `coach track` or `coach prepare`.",
            code="bad_track",
        ) from error
    rows = len(arrays["time_s"])
    for name, shape in _ROW_SHAPES.items():
        if arrays[name].shape != (rows, *shape):
            raise _bad(path, f"{name} has shape {arrays[name].shape}, not {(rows, *shape)}")
    if not float(arrays["fps"]) > 0:
        raise _bad(path, "fps is not positive")
    present = arrays["present"].astype(bool)
    steps = np.diff(arrays["time_s"])
    for name, bad in (
        ("time_s does not increase", np.r_[False, ~(steps > 0)]),
        ("keypoints are not finite", present & ~np.isfinite(arrays["keypoints"]).all((1, 2))),
        ("joints are not finite", present & ~np.isfinite(arrays["joints"]).all((1, 2))),
    ):
        if bad.any():
            raise _bad(path, f"in row {int(bad.argmax())} {name}")
    width, height = (int(side) for side in arrays["image_size"])
    return Track(
        fps=float(arrays["fps"]),
        time_s=arrays["time_s"].astype(np.float64),
        image_size=(width, height),
        keypoints=arrays["keypoints"].astype(np.float32),
        depth=arrays["depth"].astype(np.float32),
        joints=arrays["joints"].astype(np.float32),
        joints_sigma=arrays["joints_sigma"].astype(np.float32),
        present=present,
    )


def _bad(path: Path, what: str) -> InputError:
    return InputError(
        f"{path.name} is no valid track: {what}.",
        hint="Make it again with `coach track` or `coach prepare`.",
        code="bad_track",
    )
