"""The files that say what is true of a film: `NAME.json` and `NAME.npz` beside `NAME.mp4`.

`FORMAT.md` describes them. The benchmarks read films of routines and of motion capture through
`read` alone.
"""

import json
import zipfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.skeleton import JOINTS
from coach_server.errors import InputError
from scripts.studio.camera import Camera
from scripts.studio.palettes import Split
from scripts.studio.rotations import Array
from scripts.studio.visibility import Flags

SCHEMA: Final = 1

PHASES: Final = ("transition", "hold", "clip")
"""What the numbers of `Tracks.phase` mean; a clip of motion capture has no poses."""

Floats = NDArray[np.float32]
Counts = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Pinhole:
    """The camera of a film, without distortion.

    Attributes:
        width, height: of the picture, pixels.
        intrinsics: (3, 3) camera axes to pixels from the upper left corner.
        extrinsics: (4, 4) world axes to camera axes (x right, y down, z forward), metres.
        yaw_deg: how far it stands to the left of who faces the front of the room.
    """

    width: int
    height: int
    intrinsics: Array
    extrinsics: Array
    yaw_deg: float

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """That of a camera of the studio."""
        focal = camera.height / 2.0 / np.tan(np.radians(camera.field_deg) / 2.0)
        intrinsics = np.array(
            [[focal, 0.0, camera.width / 2.0], [0.0, focal, camera.height / 2.0], [0.0, 0.0, 1.0]]
        )
        extrinsics = np.diag([1.0, -1.0, -1.0, 1.0]) @ camera.view()
        return cls(camera.width, camera.height, intrinsics, extrinsics, camera.yaw_deg)


@dataclass(frozen=True, slots=True)
class Hold:
    """A pose that was held, times in seconds on the film's clock and on the routine's."""

    pose: str
    english: str
    sanskrit: str
    start: float
    end: float
    routine_start: float
    routine_end: float


@dataclass(frozen=True, slots=True)
class KnownFault:
    """A joint angle that was off.

    Attributes:
        pose: in whose hold.
        joint, side, direction: of the cue that mends it, in the words of cue events.
        angle: which joint angle tells.
        deviation_deg: how far it is off, with its sign.
        start, end: while it is there in full, seconds on the film's clock.
        mended: when it is gone; None where the hold ends with it.
        routine_start: of the hold, on the routine's clock.
        also_deg: other joint angles that it changes.
    """

    pose: str
    joint: str
    side: str
    direction: str
    angle: str
    deviation_deg: float
    start: float
    end: float
    mended: float | None
    routine_start: float
    also_deg: dict[str, float]


@dataclass(frozen=True, slots=True)
class KnownMishap:
    """What else happened, as `mishaps.MishapKind` names it."""

    kind: str
    start: float
    end: float
    routine_start: float


@dataclass(frozen=True, slots=True)
class KnownFidget:
    """A hand that went through the hair."""

    start: float
    end: float
    side: str


@dataclass(frozen=True, slots=True)
class Tracks:
    """What is known of each of T frames.

    Attributes:
        time_s: (T,) of the frame on the film's clock.
        world: (T, 17, 3) H36M-17, metres, world axes: x to the left of who faces the front of the
            room, y up from the floor, z to the front.
        camera: (T, 17, 3) the same from the lens: x right, y down, z forward.
        keypoints: (T, 17, 2) COCO-17, pixels from the upper left corner, also where outside.
        visibility: (T, 17) COCO's flags: 0 not in the picture, 1 hidden, 2 visible.
        angles: (T, 17) joint angles in degrees, in the order of `body.angles`.
        hold: (T,) index of the hold, or of that which is moved into; -1 in a clip.
        phase: (T,) index into `PHASES`.
        fault: (T,) index of the fault that is there in full; -1 for none.
    """

    time_s: Floats
    world: Floats
    camera: Floats
    keypoints: Floats
    visibility: Flags
    angles: Floats
    hold: Counts
    phase: Flags
    fault: Counts


SHAPES: Final[dict[str, tuple[int, ...]]] = {
    "time_s": (),
    "world": (JOINTS, 3),
    "camera": (JOINTS, 3),
    "keypoints": (JOINTS, 2),
    "visibility": (JOINTS,),
    "angles": (len(Angle),),
    "hold": (),
    "phase": (),
    "fault": (),
}
"""Of each array of `Tracks`, after the frames."""


@dataclass(frozen=True, slots=True)
class FilmTruth:
    """All that is known of a film.

    Attributes:
        name: of its files.
        split: train, dev or val.
        source: a routine of the studio, or a clip of motion capture.
        title: key of the routine, or number of the clip.
        role: instructor, right, faults, mishaps or clip.
        seed: of the casting.
        fps: frames a second.
        pinhole: the camera.
        holds, faults, mishaps, fidgets: what happened, in order.
        tracks: each frame.
    """

    name: str
    split: Split
    source: Literal["routine", "mocap"]
    title: str
    role: str
    seed: tuple[int, ...]
    fps: int
    pinhole: Pinhole
    holds: tuple[Hold, ...]
    faults: tuple[KnownFault, ...]
    mishaps: tuple[KnownMishap, ...]
    fidgets: tuple[KnownFidget, ...]
    tracks: Tracks

    def pose_at(self, frame: int) -> str | None:
        """The pose that is held in a frame, or moved into; None in a clip."""
        hold = int(self.tracks.hold[frame])
        return self.holds[hold].pose if hold >= 0 else None


def write(folder: Path, truth: FilmTruth) -> None:
    """Write the two files; the JSON last, so that where it is, all is there."""
    arrays = {name: getattr(truth.tracks, name) for name in SHAPES}
    np.savez_compressed(folder / f"{truth.name}.npz", allow_pickle=False, **arrays)
    pinhole = {
        **{name: getattr(truth.pinhole, name) for name in ("width", "height", "yaw_deg")},
        "intrinsics": truth.pinhole.intrinsics.tolist(),
        "extrinsics": truth.pinhole.extrinsics.tolist(),
    }
    table = {"schema": SCHEMA, "film": f"{truth.name}.mp4", "frames": len(truth.tracks.time_s)}
    for field in fields(truth):
        if field.name not in {"tracks", "pinhole"}:
            table[field.name] = getattr(truth, field.name)
    table["camera"] = pinhole
    for name in ("holds", "faults", "mishaps", "fidgets"):
        table[name] = [asdict(row) for row in getattr(truth, name)]
    partial = folder / f".{truth.name}.json.partial"
    partial.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    partial.replace(folder / f"{truth.name}.json")


def read(path: Path) -> FilmTruth:
    """The truth of a film, from its JSON file; the arrays lie beside it.

    Raises:
        InputError: a file is missing, of another version, or not what it should be.
    """
    try:
        table = json.loads(path.read_text("utf-8"))
        if table["schema"] != SCHEMA:
            raise InputError(
                f"{path.name} is of version {table['schema']}, not {SCHEMA}.",
                hint="Build the set anew: python -m scripts.build_sets",
            )
        return _parsed(table, _tracks(path.with_suffix(".npz"), table["frames"]))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(
            f"The truth in {path.name} cannot be read: {error!r}.",
            hint="Delete it and build the set anew: python -m scripts.build_sets",
        ) from error


def _parsed(table: dict[str, Any], tracks: Tracks) -> FilmTruth:
    camera = dict(table["camera"])
    for name in ("intrinsics", "extrinsics"):
        camera[name] = np.array(camera[name], np.float64)
    return FilmTruth(
        **{name: table[name] for name in ("name", "split", "source", "title", "role", "fps")},
        seed=tuple(table["seed"]),
        pinhole=Pinhole(**camera),
        holds=tuple(Hold(**row) for row in table["holds"]),
        faults=tuple(KnownFault(**row) for row in table["faults"]),
        mishaps=tuple(KnownMishap(**row) for row in table["mishaps"]),
        fidgets=tuple(KnownFidget(**row) for row in table["fidgets"]),
        tracks=tracks,
    )


def _tracks(path: Path, frames: int) -> Tracks:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        arrays = {name: data[name] for name in SHAPES}
    for name, shape in SHAPES.items():
        if arrays[name].shape != (frames, *shape):
            raise ValueError(f"{name} is {arrays[name].shape}, not {(frames, *shape)}")
    return Tracks(**arrays)
