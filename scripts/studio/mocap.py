"""Motion capture to be done by the studio's people: a file of clips, each joints over time.

The file lies beside the repository and never in it. The data used in this project was obtained
from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from coach_server.body.skeleton import H36m
from coach_server.errors import InputError
from scripts.studio.rotations import Array, unit

FILE: Final = Path("shared/data/mocap/cmu21_30fps_f16.npz")
JOINTS: Final = 21
"""H36M-17, then left eye, right eye, left ear, right ear."""

LOW_M: Final = 0.6
"""A pelvis lower than this sits, kneels, squats deeply or lies."""
INCLINED: Final = 0.7
"""The height of a trunk for its length, below which it counts as inclined."""
APART_M: Final = 0.35
"""Ankles whose heights differ by more than this: a leg is raised, or the body is on its side."""
POSTURE: Final = MappingProxyType(
    {"low": 6.0, "inclined": 6.0, "inverted": 6.0, "overhead": 4.0, "apart": 4.0}
)
"""What each of these adds to the weight of a frame, which is 1 without any."""
CATEGORY: Final = MappingProxyType(
    {"yoga": 8.0, "stretch": 4.0, "exercise": 4.0, "balance": 4.0, "floor": 3.0, "acrobatics": 2.0}
)
"""What the weights of all frames of a clip are multiplied with; 1 for other categories."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording.

    Attributes:
        name: as its authors number it, "13_29".
        subject: who moved, "13".
        description: their words.
        category: yoga, stretch, exercise, locomotion and so on.
        split: train, val or test, by subject.
        start: its first frame in the file.
        frames: how many it has.
    """

    name: str
    subject: str
    description: str
    category: str
    split: str
    start: int
    frames: int


class MocapFile:
    """All clips of a file, read into memory once (about 130 MB).

    Args:
        path: the npz file.

    Raises:
        InputError: there is no such file, or it is not one of clips.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as opened, np.load(opened) as data:
                self._pose, self._root = data["pose"], data["root"]
                self.fps = float(data["fps"])
                names = ("clip", "subject", "desc", "category", "split", "start", "length")
                columns = [data[name].tolist() for name in names]
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{path} cannot be read as motion capture: {error}.",
                hint="Put the clips there, or name the file that has them.",
            ) from error
        self.clips = tuple(Clip(*row) for row in zip(*columns, strict=True))
        self._by_name = {clip.name: clip for clip in self.clips}

    def clip(self, name: str) -> Clip:
        """The clip of a name.

        Raises:
            InputError: there is none.
        """
        if name not in self._by_name:
            raise InputError(f"There is no clip {name}.", hint="A clip is named as 13_29 is.")
        return self._by_name[name]

    def joints(self, clip: Clip) -> Array:
        """(T, 21, 3) metres, pelvis at the origin; y up, and who faces z has their left at x."""
        joints: Array = self._pose[clip.start : clip.start + clip.frames].astype(np.float64)
        return joints

    def roots(self, clip: Clip) -> Array:
        """(T, 3) where the pelvis is, metres; y is about the height above the floor."""
        roots: Array = self._root[clip.start : clip.start + clip.frames].astype(np.float64)
        return roots


def default_path() -> Path:
    """Where the clips lie beside the repository.

    Raises:
        InputError: they do not.
    """
    path = Path(__file__).resolve().parents[3] / FILE
    if not path.is_file():
        raise InputError(
            f"There is no motion capture at {path}.",
            hint=f"Put the clips at {FILE} beside the repository.",
        )
    return path


def sampling_weights(file: MocapFile, clips: Sequence[Clip]) -> Array:
    """How often frames are to be drawn, so that hard poses are not lost among people who walk.

    A frame weighs 1, and more for each of `POSTURE` it shows: a low pelvis, a trunk that is
    inclined, or inverted, a wrist above the head, ankles at different heights. The weights of a
    clip are then multiplied by that of its `CATEGORY`.

    Returns:
        (F,) weights of all frames of the clips, one clip after the other; not normalised.
    """
    return np.concatenate([_clip_weights(file, clip) for clip in clips])


def _clip_weights(file: MocapFile, clip: Clip) -> Array:
    joints = file.joints(clip)
    trunk = unit(joints[:, H36m.THORAX] - joints[:, H36m.PELVIS])[:, 1]
    height = joints[:, :, 1]
    wrists = height[:, [H36m.LEFT_WRIST, H36m.RIGHT_WRIST]].max(axis=1)
    shown = {
        "low": file.roots(clip)[:, 1] < LOW_M,
        "inclined": trunk < INCLINED,
        "inverted": trunk < 0,
        "overhead": wrists > height[:, H36m.HEAD],
        "apart": np.abs(height[:, H36m.LEFT_ANKLE] - height[:, H36m.RIGHT_ANKLE]) > APART_M,
    }
    weights = 1.0 + sum(POSTURE[name] * is_shown for name, is_shown in shown.items())
    return np.asarray(CATEGORY.get(clip.category, 1.0) * weights)
