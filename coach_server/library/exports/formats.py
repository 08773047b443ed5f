"""The formats that a track can be had in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.library.exports.bvh import bvh
from coach_server.library.exports.c3d import c3d
from coach_server.library.exports.csv_rows import csv_rows
from coach_server.library.exports.json_frames import json_frames
from coach_server.library.exports.trc import trc
from coach_server.library.track_file import packed_track

Writer: TypeAlias = Callable[[Track, str], bytes]
"""(track, title) -> the file's content."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        media_type: as HTTP names it.
        write: makes the file.
        sentence: for whom it is, with its axes and units.
    """

    media_type: str
    write: Writer
    sentence: str


def _npz(track: Track, title: str) -> bytes:
    del title  # the format has no place for it
    return packed_track(track)


FORMATS: Final[dict[str, Format]] = {
    "csv": Format(
        "text/csv",
        csv_rows,
        "A table, a row a frame: joints in metres (x right, y down, z away), keypoints in pixels.",
    ),
    "json": Format(
        "application/json",
        json_frames,
        "All that is known of each frame, with the names of axes, units, joints and bones.",
    ),
    "npz": Format(
        "application/octet-stream",
        _npz,
        "NumPy arrays, as `coach track` writes them; nothing is lost.",
    ),
    "trc": Format(
        "text/tab-separated-values",
        trc,
        "OpenSim's markers: millimetres, y up, at an even rate; empty where nobody is seen.",
    ),
    "bvh": Format(
        "text/plain",
        bvh,
        "An animated skeleton: centimetres, y up, at an even rate; bones keep their median "
        "length, and a pose is held while nobody is seen.",
    ),
    "c3d": Format(
        "application/octet-stream",
        c3d,
        "The laboratories' points: millimetres, z up, at an even rate; residual -1 where nobody "
        "is seen.",
    ),
}
"""By the suffix of their files."""


def export_track(track: Track, kind: str, *, title: str) -> bytes:
    """A track as a file of another format.

    Args:
        track: the poses.
        kind: a key of `FORMATS`, in small or capital letters.
        title: what people call the film; stands in the file where the format has a place for it.

    Returns:
        The file's content.

    Raises:
        InputError: there is no such format, the format cannot hold the track, or a library that it
            needs is not installed.
    """
    found = FORMATS.get(kind.lower())
    if found is None:
        raise InputError(
            f"There is no export as {kind[:32]!r}.",
            hint=f"Choose one of {', '.join(FORMATS)}.",
            code="unknown_format",
        )
    return found.write(track, title)
