"""A whole film through the same pipeline as the live camera: one row per decoded frame."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import numpy as np

from coach_server.coaching.track import Track
from coach_server.errors import InputError
from coach_server.inference.protocols import KeypointDetector, Lifter, Rgb
from coach_server.library.progress import FrameProgress
from coach_server.pipeline.tracker import PoseTracker, Tracked
from coach_server.video.limits import USUAL, FilmLimits
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader

Watcher: TypeAlias = Callable[[float, Rgb, Tracked | None], None]
"""Sees each frame as it is tracked: when it is shown, its picture, and the person in it."""


def track_film(
    film: Path,
    detector: KeypointDetector,
    lifter: Lifter,
    progress: FrameProgress = lambda _done, _of: None,
    *,
    called: str | None = None,
    limits: FilmLimits = USUAL,
    watcher: Watcher = lambda _t, _rgb, _row: None,
) -> Track:
    """Track the one person of a film.

    Args:
        film: to be read.
        detector: of this film alone; closed at its end.
        lifter: of this film alone; closed at its end.
        progress: called after each frame.
        called: what the user calls the film, where that is not the file's name.
        limits: how large it may be.
        watcher: sees each frame too; the picture is not its own.

    Raises:
        MediaError, TooLargeError: the film cannot be read.
        InputError: nobody is seen in the whole film.
    """
    pictures = PictureMaker()
    times: list[float] = []
    rows: list[Tracked | None] = []
    size = (0, 0)
    with (
        closing(PoseTracker(detector, lifter)) as tracker,
        FilmReader(film, limits, called=called) as reader,
    ):
        fps, expected = reader.fps, reader.expected_frames
        for shown in reader:
            rgb = pictures.rgb(shown.frame)
            size = (rgb.shape[1], rgb.shape[0])
            times.append(shown.time_s)
            row = tracker.step(rgb, shown.time_s)
            rows.append(row)
            watcher(shown.time_s, rgb, row)
            progress(len(rows), expected)
    if len(times) > 1:  # what a webm or mkv says of its rate is a guess
        fps = (len(times) - 1) / (times[-1] - times[0])
    if not any(rows):
        raise InputError(
            f"Nobody is seen in {called or film.name}.",
            hint="Give a film in which one person is in view from head to feet.",
            code="no_person",
        )
    return _as_track(rows, times, fps, size)


def _as_track(
    rows: list[Tracked | None], times: list[float], fps: float, size: tuple[int, int]
) -> Track:
    count = len(rows)
    keypoints = np.zeros((count, 17, 3), np.float32)
    depth = np.full((count, 17), np.nan, np.float32)
    joints = np.full((count, 17, 3), np.nan, np.float32)
    sigma = np.full((count, 17, 3), np.nan, np.float32)
    for i, row in enumerate(rows):
        if row is not None:
            keypoints[i] = row.keypoints.pixels
            depth[i] = row.keypoints.depth
            joints[i] = row.pose.joints
            sigma[i] = row.pose.sigma
    return Track(
        fps=fps,
        time_s=np.array(times),
        image_size=size,
        keypoints=keypoints,
        depth=depth,
        joints=joints,
        joints_sigma=sigma,
        present=np.array([row is not None for row in rows]),
    )
