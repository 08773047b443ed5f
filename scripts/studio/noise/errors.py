"""What is wrong in what the detector said, frame by frame, seen along the trunk of the body."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.skeleton import COCO_MIRROR, JOINTS, Coco, H36m
from scripts.studio.noise.aspect import VIEWS, Aspect, aspect, project
from scripts.studio.noise.face import FACE, find_turns, fit_face, keypoints_in_space
from scripts.studio.rotations import Array
from scripts.studio.training.corpus import Sequence

MIRROR: Final = np.array(COCO_MIRROR)
FLIPPED: Final = np.array([-1.0, 1.0, 1.0])
"""What becomes of across, along and depth in a mirror."""

ARMS: Final = np.arange(Coco.LEFT_SHOULDER, Coco.RIGHT_WRIST + 1)
LIMBS: Final = slice(Coco.LEFT_SHOULDER, Coco.RIGHT_ANKLE + 1)
"""All but the face."""
LEGS: Final = np.arange(Coco.LEFT_KNEE, Coco.RIGHT_ANKLE + 1)
EXCHANGES: Final = {"arms": ARMS, "legs": LEGS, "body": np.arange(JOINTS)}
"""Which joints change sides together."""
GROUPS: Final = {
    "face": [Coco.NOSE, Coco.LEFT_EYE, Coco.RIGHT_EYE, Coco.LEFT_EAR, Coco.RIGHT_EAR],
    "trunk": [Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER, Coco.LEFT_HIP, Coco.RIGHT_HIP],
    "left arm": [Coco.LEFT_ELBOW, Coco.LEFT_WRIST],
    "right arm": [Coco.RIGHT_ELBOW, Coco.RIGHT_WRIST],
    "left leg": [Coco.LEFT_KNEE, Coco.LEFT_ANKLE],
    "right leg": [Coco.RIGHT_KNEE, Coco.RIGHT_ANKLE],
}
"""Which joints are well or badly seen together; the right of a pair follows the left."""
GROUP_OF: Final = np.array([next(i for i, g in enumerate(GROUPS.values()) if j in g) for j in Coco])
"""(17,) the group of each joint."""
APART: Final = 0.05
"""Body lengths: a limb nearer to where it should be has not changed sides."""
ELSEWHERE: Final = 0.15
"""Body lengths: a body of which half of the joints are further off is seen where it is not."""
FITS_BETTER: Final = 0.5
"""Changed sides: a limb's distance from the other limb's place, in distances from its own."""


@dataclass(frozen=True, slots=True)
class Errors:
    """T frames of many sequences.

    Attributes:
        sequence: (T,) number of the sequence; its frames follow each other.
        cell: (T,) the nearest of the cells of `aspect`.
        found: (T,) whether anybody was found; where not, the others mean nothing.
        exchanged: (T,) 0 for none, or which of `EXCHANGES`, from 1.
        off: (T, 17, 2) the detected keypoints from the true ones: across and along the trunk,
            body lengths.
        seen: (T, 17, 2) the detected ones from their mid-hip, the same axes, metres.
        depth: (T, 17) true depth from mid-hip, metres, away positive.
        world: (T, 17, 3) the detector's own 3D: across, along, depth, metres.
        score: (T, 17).
        turn: (T,) of the head, radians.
    """

    sequence: NDArray[np.intp]
    cell: NDArray[np.intp]
    found: NDArray[np.bool_]
    exchanged: NDArray[np.intp]
    off: Array
    seen: Array
    depth: Array
    world: Array
    score: Array
    turn: Array

    @property
    def clear(self) -> NDArray[np.bool_]:
        """(T,) somebody was found, and their sides are right."""
        clear: NDArray[np.bool_] = self.found & (self.exchanged == 0)
        return clear

    @property
    def elsewhere(self) -> NDArray[np.bool_]:
        """(T,) sides are right, but the body is seen where it is not."""
        far = np.median(np.linalg.norm(self.off[:, LIMBS], axis=-1), axis=1)
        elsewhere: NDArray[np.bool_] = self.clear & (far > ELSEWHERE)
        return elsewhere

    def mirrored(self) -> Self:
        """The same of people who are the mirror images of these; their sequences are others."""
        posture, view = np.divmod(self.cell, len(VIEWS))
        return type(self)(
            sequence=self.sequence + self.sequence.max() + 1,
            cell=posture * len(VIEWS) + (-view) % len(VIEWS),
            found=self.found,
            exchanged=self.exchanged,
            off=self.off[:, MIRROR] * FLIPPED[:2],
            seen=self.seen[:, MIRROR] * FLIPPED[:2],
            depth=self.depth[:, MIRROR],
            world=self.world[:, MIRROR] * FLIPPED,
            score=self.score[:, MIRROR],
            turn=-self.turn,
        )

    def and_(self, other: Self) -> Self:
        """These frames, then the others."""
        both = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return type(self)(*(np.concatenate(pair) for pair in both))


@dataclass(frozen=True, slots=True)
class Observed:
    """What the detector said of T frames of many sequences, beside the truth.

    Attributes:
        sequence: (T,) number.
        aspect: of the bodies.
        joints: (T, 17, 3) H36M-17 from the camera, metres.
        focal: (T,) pixels.
        pixels: (T, 17, 2) from the middle of the picture.
        score, world, found: as `corpus.Sequence`.
    """

    sequence: NDArray[np.intp]
    aspect: Aspect
    joints: Array
    focal: Array
    pixels: Array
    score: Array
    world: Array
    found: NDArray[np.bool_]


def observed(sequences: Iterable[Sequence]) -> Observed:
    """All frames of some sequences."""
    kept: dict[str, list[NDArray[Any]]] = {}
    for sequence in sequences:
        focal = focal_px(sequence)
        body = aspect(sequence.joints, focal)
        count = len(sequence.found)
        rows: dict[str, NDArray[Any]] = {
            "sequence": np.full(count, sequence.number),
            "joints": np.asarray(sequence.joints, np.float64),
            "focal": np.full(count, focal),
            "pixels": sequence.pixels - np.array(sequence.image_size) / 2.0,
            "score": np.asarray(sequence.score, np.float64),
            "world": np.asarray(sequence.world, np.float64),
            "found": sequence.found,
        }
        rows |= {f.name: getattr(body, f.name) for f in fields(Aspect)}
        for name, values in rows.items():
            kept.setdefault(name, []).append(values)
    whole = {name: np.concatenate(parts) for name, parts in kept.items()}
    bodies = Aspect(**{f.name: whole.pop(f.name) for f in fields(Aspect)})
    return Observed(aspect=bodies, **whole)


def focal_px(sequence: Sequence) -> float:
    """The focal length of a sequence's camera, pixels."""
    camera = sequence.camera
    return float(camera.height / 2.0 / np.tan(np.radians(camera.field_deg) / 2.0))


def face_of(given: Observed) -> Array:
    """(5, 3) the face that fits the detections, as in `face`: one frame of five is enough."""
    part = np.flatnonzero(given.found)[::5]
    bodies = Aspect(*(getattr(given.aspect, f.name)[part] for f in fields(Aspect)))
    return fit_face(given.pixels[part, FACE], given.joints[part], bodies, given.focal[part])


def errors(given: Observed, face: Array) -> Errors:
    """The errors of what was observed, for a face as `face_of` finds it."""
    body = given.aspect
    turn = find_turns(given.pixels[:, FACE], given.joints, face, body, given.focal)
    points = keypoints_in_space(given.joints, face, turn)
    true = project(points[:, None], given.focal, np.zeros(2))[:, 0]
    body_px = body.body_px[:, None, None]
    hips = given.pixels[:, [Coco.LEFT_HIP, Coco.RIGHT_HIP]].mean(axis=1, keepdims=True)
    metres = (given.pixels - hips) * (body.body_m[:, None, None] / body_px)
    return Errors(
        sequence=given.sequence,
        cell=body.cells(),
        found=given.found,
        exchanged=_exchanged(given.pixels / body_px, true / body_px),
        off=body.upright((given.pixels - true) / body_px),
        seen=body.upright(metres),
        depth=points[..., 2] - given.joints[:, H36m.PELVIS, 2:],
        world=body.upright(given.world),
        score=given.score,
        turn=turn,
    )


def _exchanged(seen: Array, true: Array) -> NDArray[np.intp]:
    """(T,) which of `EXCHANGES` took place, from 1; (T, 17, 2) in body lengths."""
    as_is = np.linalg.norm(seen - true, axis=2)
    other = np.linalg.norm(seen[:, MIRROR] - true, axis=2)
    has = []
    for rows in (ARMS, LEGS):
        far = as_is[:, rows].mean(axis=1)
        has.append((far > APART) & (other[:, rows].mean(axis=1) < FITS_BETTER * far))
    arms, legs = has
    kinds: NDArray[np.intp] = arms.astype(np.intp) + 2 * legs.astype(np.intp)
    return kinds
