"""A track as JSON: for scripts in any language, with nothing to guess."""

import json
from collections.abc import Iterator
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36M_BONES
from coach_server.coaching.track import Track
from coach_server.library.exports.names import JOINT_NAMES, KEYPOINT_NAMES

AXES: Final = "x right, y down, z away from the camera; the pelvis is the origin"


def json_frames(track: Track, title: str) -> bytes:
    """One object: what the arrays mean, then `frames`, a line each.

    Joints, their standard deviation and depth (from the mid-hip, away positive) are metres in
    camera axes, to a tenth of a millimetre; keypoints are pixels of the upright picture and a score
    of 0 to 1. Frames are the film's own, whatever its rate. What is not known is null: all but the
    time where there is no person, single numbers elsewhere.
    """
    head = {
        "format": "coach-track",
        "version": 1,
        "title": title,
        "fps": track.fps,
        "image_size": list(track.image_size),
        "axes": AXES,
        "units": {"joints": "m", "joints_sigma": "m", "depth": "m", "keypoints": "px, px, score"},
        "joint_names": JOINT_NAMES,
        "keypoint_names": KEYPOINT_NAMES,
        "bones": [[int(parent), int(child)] for parent, child in H36M_BONES],
    }
    start = json.dumps(head, ensure_ascii=False)[:-1]
    frames = ",\n".join(_lines(track))
    return f'{start}, "frames": [\n{frames}\n]}}\n'.encode()


def _lines(track: Track) -> Iterator[str]:
    for row, present in enumerate(track.present):
        frame: dict[str, object] = {"time_s": round(float(track.time_s[row]), 6)}
        frame["present"] = bool(present)
        for name, array, digits in (
            ("joints", track.joints, 4),
            ("joints_sigma", track.joints_sigma, 4),
            ("keypoints", track.keypoints, 3),
            ("depth", track.depth, 4),
        ):
            frame[name] = _numbers(array[row], digits) if present else None
        yield json.dumps(frame, allow_nan=False, separators=(",", ":"))


def _numbers(values: FloatArray, digits: int) -> object:
    """Nested lists of rounded numbers; None for an array of which nothing is known."""
    known = np.isfinite(values)
    if not known.any():
        return None
    rounded = np.round(values.astype(np.float64), digits) + 0.0
    if known.all():
        return rounded.tolist()
    holed = rounded.astype(object)
    holed[~known] = None
    return holed.tolist()
