"""A film of the studio, frame after frame through the product's detector and its swap guard."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from coach_server.body.keypoints import Keypoints
from coach_server.body.skeleton import JOINTS
from coach_server.errors import InputError
from coach_server.inference.protocols import EngineSet, KeypointDetector, Rgb
from coach_server.pipeline.tracker import PoseTracker
from coach_server.video.pixels import PictureMaker
from coach_server.video.reader import FilmReader
from scripts.keypoint_scores.sightings import Sightings
from scripts.studio.truth_file import PHASES, FilmTruth


class Overheard:
    """A detector whose last answer can be asked for: the tracker tells only the guarded one."""

    def __init__(self, detector: KeypointDetector) -> None:
        self._detector = detector
        self.last: Keypoints | None = None

    @property
    def name(self) -> str:
        """As the detector's."""
        return self._detector.name

    @property
    def fingerprint(self) -> str:
        """As the detector's."""
        return self._detector.fingerprint

    def detect(self, rgb: Rgb) -> Keypoints | None:
        """As the detector's."""
        self.last = self._detector.detect(rgb)
        return self.last

    def reset(self) -> None:
        """As the detector's."""
        self._detector.reset()

    def close(self) -> None:
        """As the detector's."""
        self._detector.close()


def pictures(path: Path) -> Iterable[Rgb]:
    """The frames of a film in order."""
    maker = PictureMaker()
    with FilmReader(path) as film:
        for shown in film:
            yield maker.rgb(shown.frame)


def watch(truth: FilmTruth, frames: Iterable[Rgb], engines: EngineSet) -> Sightings:
    """What the detector says of a film of a routine, and the guard of that.

    Args:
        truth: of the film.
        frames: its pictures, in order.
        engines: the product's.

    Raises:
        InputError: the film has not as many frames as its truth.
    """
    count = len(truth.tracks.time_s)
    found, sure = np.zeros((2, count), np.bool_)
    detected, guarded = np.zeros((2, count, JOINTS, 2), np.float32)
    detector = Overheard(engines.new_detector())
    tracker = PoseTracker(detector, engines.new_lifter())
    shown = 0
    for i, picture in enumerate(frames):
        shown = i + 1
        if shown > count:
            break
        tracked = tracker.step(picture, i / truth.fps)
        if tracked is None or detector.last is None:
            continue
        found[i], sure[i] = True, tracked.sides_sure
        detected[i] = detector.last.pixels[:, :2]
        guarded[i] = tracked.keypoints.pixels[:, :2]
    if shown != count:
        raise InputError(
            f"{truth.name}.mp4 has not the {count} frames of its truth.",
            hint="Delete it and build the set anew: python -m scripts.build_sets",
        )
    return Sightings(
        pose=np.array([str(truth.pose_at(i)) for i in range(count)]),
        view_deg=np.full(count, round(truth.pinhole.yaw_deg), np.int16),
        held=truth.tracks.phase == PHASES.index("hold"),
        keypoints=truth.tracks.keypoints,
        visibility=truth.tracks.visibility,
        at_once=found,
        found=found,
        detected=detected,
        sure=sure,
        guarded=guarded,
    )
