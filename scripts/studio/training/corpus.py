"""The training set as it is learnt from, and its packing into few files that may be kept in git.

A pack has no truth of motion capture, which is not ours to give away: it is computed again from
the clips, and checked to be the truth that was filmed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.errors import InputError
from scripts.studio import figure
from scripts.studio.camera import Camera
from scripts.studio.figure import Shape
from scripts.studio.mocap import MocapFile
from scripts.studio.posing import Poser
from scripts.studio.proportions import Proportions, proportioned
from scripts.studio.skeletons import h36m_joints
from scripts.studio.training import record
from scripts.studio.training.record import FIELDS, Record
from scripts.studio.training.shooting import captured
from scripts.studio.training.take import FPS, Capture

PACKS: Final = Path(__file__).parent / "packs"
"""Where the packs are that are kept in git."""
SEQUENCES_A_PACK: Final = 200
SAME_M: Final = 0.002
"""Truth computed again is that which was filmed where their checks differ by less."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Some seconds of one person, 30 frames a second.

    Attributes:
        number: of the sequence in its set.
        source: `mocap` or `asanas`.
        poses: the asanas in their order; for motion capture the clip.
        camera: it was seen by; its truth is in its axes.
        found: (T,) whether the detector found somebody; where not, what it said is 0.
        pixels: (T, 17, 2) COCO-17 as detected, pixels from the upper left corner.
        score: (T, 17) 0..1.
        world: (T, 17, 3) the detector's own 3D, COCO-17, metres from mid-hip, camera axes.
        joints: (T, 17, 3) the truth: H36M-17, metres from the camera, x right, y down, z forward.
    """

    number: int
    source: str
    poses: tuple[str, ...]
    camera: Camera
    found: NDArray[np.bool_]
    pixels: NDArray[np.float32]
    score: NDArray[np.float32]
    world: NDArray[np.float32]
    joints: NDArray[np.float32]

    @property
    def image_size(self) -> tuple[int, int]:
        """(width, height) of the pictures."""
        return self.camera.width, self.camera.height


def sequences(folder: Path) -> Iterator[Sequence]:
    """All sequences of a folder of shot or restored ones, by number."""
    for path in sorted(folder.glob("[0-9]*.npz")):
        kept = _read(path)
        capture, flow = kept.take["capture"], kept.take["flow"]
        poses = [capture["clip"]] if capture else [beat["pose"] for beat in flow["beats"]]
        yield Sequence(
            number=int(path.stem),
            source="mocap" if capture else "asanas",
            poses=tuple(poses),
            camera=Camera(**kept.take["casting"]["camera"]),
            found=kept.found,
            pixels=kept.pixels,
            score=kept.score,
            world=kept.world,
            joints=kept.joints,
        )


def pack(folder: Path, packs: Path) -> list[Path]:
    """Pack the sequences of a folder, without the truth of motion capture.

    Returns:
        The files, each of at most `SEQUENCES_A_PACK` sequences.
    """
    packs.mkdir(parents=True, exist_ok=True)
    paths = sorted(folder.glob("[0-9]*.npz"))
    written = []
    for first in range(0, len(paths), SEQUENCES_A_PACK):
        arrays = {}
        for path in paths[first : first + SEQUENCES_A_PACK]:
            kept = _read(path)
            if kept.take["capture"]:
                kept = replace(kept, joints=kept.joints[:0])
            for name, array in kept.packed().items():
                arrays[f"{path.stem}.{name}"] = array
        written.append(packs / f"{folder.name}-{first // SEQUENCES_A_PACK:02d}.npz")
        np.savez_compressed(written[-1], allow_pickle=False, **arrays)
    return written


def restore(packed: Path, out: Path, body: Path, file: MocapFile) -> Iterator[int]:
    """Bring the sequences of a pack into a folder, as they were shot; yields their numbers.

    Args:
        packed: the file.
        out: the folder; what is there is left as it is.
        body: the body data.
        file: the motion capture.

    Raises:
        InputError: the studio poses people otherwise than when the pack was shot.
    """
    with np.load(packed, allow_pickle=False) as data:
        for number in sorted({name.partition(".")[0] for name in data.files}):
            path = out / f"{number}.npz"
            if not path.exists():
                kept = record.unpacked({name: data[f"{number}.{name}"] for name in FIELDS})
                if kept.take["capture"]:
                    kept = replace(kept, joints=_truth(kept, body, file))
                record.write(path, kept)
            yield int(number)


def _truth(kept: Record, body: Path, file: MocapFile) -> NDArray[np.float32]:
    """(T, 17, 3) the joints of a record of motion capture."""
    casting = kept.take["casting"]
    camera = Camera(**casting["camera"])
    shape, proportions = Shape(**casting["shape"]), Proportions(**casting["proportions"])
    poser = Poser(proportioned(figure.build(body, shape), proportions))
    motion = captured(Capture(**kept.take["capture"]), poser, file)
    joints = np.empty((len(kept.found), 17, 3), np.float32)
    for i in range(len(joints)):
        placed = motion.at(i / FPS)
        posed = poser.pose(placed.stance, placed.pelvis)
        joints[i] = camera.to_camera(h36m_joints(poser.figure, posed))
    if not np.allclose(record.truth_check(joints), kept.check, atol=SAME_M):
        raise InputError(
            f"The truth of sequence {kept.take['number']} is not the one that was filmed.",
            hint="The studio poses people in another way now: shoot the training set anew.",
        )
    return joints


def _read(path: Path) -> Record:
    with np.load(path, allow_pickle=False) as data:
        return record.unpacked({name: data[name] for name in FIELDS})
