"""Keypoints from anywhere to joints: `keypoints.npz` in, `joints.npz` out."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.errors import InputError
from coach_server.files import write_result
from coach_server.inference.protocols import Lifter
from coach_server.library.track_file import UNREADABLE

_LARGEST_SIDE = 1 << 15


@dataclass(frozen=True, slots=True)
class KeypointRows:
    """Keypoints of one person, one row per frame, T rows at even times.

    Attributes:
        fps: frames a second.
        image_size: (width, height) in pixels.
        keypoints: (T, 17, 3) COCO-17, x and y in pixels, score 0..1. In a row without a person all
            scores are 0, or no number is finite.
        depth: (T, 17) metres from the mid-hip along the camera axis; NaN where unknown.
    """

    fps: float
    image_size: tuple[int, int]
    keypoints: FloatArray
    depth: FloatArray


def load_keypoints(path: Path) -> KeypointRows:
    """Read a file with `keypoints`, `image_size`, `fps` and maybe `depth`; other keys are ignored.

    Raises:
        InputError: the file is missing, damaged, or holds something else; says what.
    """
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            keypoints = np.asarray(file["keypoints"], np.float32)
            size = np.asarray(file["image_size"], np.float64)
            fps = np.asarray(file["fps"], np.float64)
            unknown = np.full(keypoints.shape[:2], np.nan, np.float32)
            depth = np.asarray(file["depth"], np.float32) if "depth" in file else unknown
    except UNREADABLE as error:
        raise _bad(path, str(error)) from error
    if keypoints.ndim != 3 or keypoints.shape[1:] != (JOINTS, 3):
        raise _bad(path, f"keypoints has shape {keypoints.shape}, not (T, {JOINTS}, 3)")
    if depth.shape != keypoints.shape[:2]:
        raise _bad(path, f"depth has shape {depth.shape}, not {keypoints.shape[:2]}")
    if size.shape != (2,) or not ((size >= 1) & (size <= _LARGEST_SIDE)).all():
        raise _bad(path, "image_size is not (width, height) in pixels")
    if fps.size != 1 or not 0 < fps.item() < np.inf:
        raise _bad(path, "fps is not a positive number")
    return KeypointRows(fps.item(), (int(size[0]), int(size[1])), keypoints, depth)


def lift_rows(
    rows: KeypointRows, lifter: Lifter, progress: Callable[[int, int | None], None]
) -> tuple[FloatArray, FloatArray]:
    """Lift row by row: what comes of a row depends on it and on those before it.

    Args:
        rows: of one person.
        lifter: of these rows alone.
        progress: called after each row with how many are done, and how many there are.

    Returns:
        (T, 17, 3) joints in metres, H36M-17, pelvis at the origin, camera axes, NaN without a
        person; and (T, 17, 3) one standard deviation, NaN where the lifter says none.

    Raises:
        EngineError: the lifter needs more than keypoints and depth.
    """
    count = len(rows.keypoints)
    joints = np.full((count, JOINTS, 3), np.nan, np.float32)
    sigma = np.full((count, JOINTS, 3), np.nan, np.float32)
    to_fractions = np.array([*rows.image_size, 1], np.float32)
    for i, (points, depth) in enumerate(zip(rows.keypoints, rows.depth, strict=True)):
        if (np.nan_to_num(points[:, 2]) > 0).any() and np.isfinite(points).all(axis=1).any():
            seen = Keypoints(points / to_fractions, depth, None, rows.image_size)
            pose = lifter.lift(seen, i / rows.fps)
            joints[i], sigma[i] = pose.joints, pose.sigma
        progress(i + 1, count)
    return joints, sigma


def save_joints(joints: FloatArray, sigma: FloatArray, path: Path) -> None:
    """Write `joints` and `joints_sigma`, whole or not at all.

    Raises:
        InputError: the folder cannot be written.
    """
    file = io.BytesIO()
    np.savez_compressed(file, joints=joints, joints_sigma=sigma)
    write_result(path, file.getvalue())


def _bad(path: Path, what: str) -> InputError:
    return InputError(
        f"{path.name} cannot be read as keypoints: {what.rstrip('.')}.",
        hint="Give an .npz with keypoints (T, 17, 3), image_size, fps and maybe depth (T, 17).",
        code="bad_keypoints",
    )
