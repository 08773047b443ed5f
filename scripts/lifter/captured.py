"""Windows of motion capture, as a laptop's camera and the detector's measured errors would have it.

Rendering is slow and motion capture plentiful: what is drawn here is seen by no detector but by the
model of its errors (`scripts.studio.noise_model`). Everything is varied: bodies, how they stand to
the camera, cameras, speed; elbows and knees are opened, since the data has no straight ones; some
bodies are turned over whole, since it has few on the floor or upside down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from coach_server.body.skeleton import H36M_BONES, JOINTS, H36m
from scripts.lifter.windows import PICTURE, Windows, bridged, in_picture, joined, runs
from scripts.studio.camera import Camera
from scripts.studio.draws import FOUR_TO_THREE, SIXTEEN_TO_NINE, laptop_camera
from scripts.studio.mocap import Clip, MocapFile, sampling_weights
from scripts.studio.noise_model import Said
from scripts.studio.rotations import Array
from scripts.studio.training.take import (
    ELBOWS_DEG,
    FRONTAL_DEG,
    FRONTAL_SHARE,
    KNEES_DEG,
    ROAM_M,
    SPEEDS,
    WIDE_SHARE,
)

TURNED_OVER: Final = 0.12
"""The share of windows whose body is turned over whole, any way."""
SIZE_SPREAD: Final = 0.05
BONE_SPREAD: Final = 0.07
"""Spreads of the logarithms of a body's size and of its bones' lengths, alike on both sides."""
ANKLE_M: Final = 0.08
"""How high above the floor the lowest joint is."""
SKULL_M: Final = 0.03
"""How far below the ears the skull sits on the neck."""
_EARS: Final = [19, 20]
_LIMBS: Final = (
    (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, H36m.LEFT_WRIST),
    (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST),
    (H36m.LEFT_HIP, H36m.LEFT_KNEE, H36m.LEFT_ANKLE),
    (H36m.RIGHT_HIP, H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE),
)
_SIDES: Final = {4: 1, 5: 2, 6: 3, 11: 14, 12: 15, 13: 16}
"""Left joint -> the right one, whose bone is as long."""


class Detector(Protocol):
    """What says keypoints of people who were never rendered; `NoiseModel` does."""

    def sample(
        self,
        rng: np.random.Generator,
        joints: NDArray[np.floating[Any]],
        focal_px: ArrayLike,
        image_size: ArrayLike,
    ) -> Said:
        """As `NoiseModel.sample`."""


@dataclass(frozen=True, slots=True)
class Captured:
    """Clips of motion capture through a detector's errors.

    Attributes:
        file: of the clips.
        clips: those to draw from.
        chances: (F,) cumulated weights of all their frames, up to 1.
        detector: says what is seen.
        varied: whether bodies, speeds and straightness are varied and some bodies turned over.
    """

    file: MocapFile
    clips: Sequence[Clip]
    chances: Array
    detector: Detector
    varied: bool = True

    @classmethod
    def of_split(cls, file: MocapFile, split: str, detector: Detector) -> "Captured":
        """All clips of a split, hard poses more often (`mocap.sampling_weights`)."""
        clips = [clip for clip in file.clips if clip.split == split]
        weights = sampling_weights(file, clips)
        return cls(file, clips, np.cumsum(weights) / weights.sum(), detector)

    @classmethod
    def as_it_is(cls, file: MocapFile, split: str, detector: Detector) -> "Captured":
        """The same, each frame as likely and each body as it was captured: to judge by."""
        clips = [clip for clip in file.clips if clip.split == split]
        frames = sum(clip.frames for clip in clips)
        return cls(file, clips, np.arange(1, frames + 1) / frames, detector, varied=False)

    def draw(self, rng: np.random.Generator, count: int, frames: int) -> Windows:
        """As `Source`."""
        seen = np.empty((count, frames, JOINTS, 3))
        cameras = []
        for i in range(count):
            joints, roots = self._slice(rng, frames)
            size = SIXTEEN_TO_NINE if rng.random() < WIDE_SHARE else FOUR_TO_THREE
            cameras.append(laptop_camera(rng, size=size))
            body = as_studio(joints)
            if self.varied:
                body = bodied(rng, opened(rng, body))
            world = placed(rng, body, roots, turned_over=TURNED_OVER if self.varied else 0.0)
            seen[i] = cameras[-1].to_camera(world)
        sizes = [(camera.width, camera.height) for camera in cameras]
        said = self.detector.sample(rng, seen, [focal_of(camera) for camera in cameras], sizes)
        return joined([window_of(said, i, seen[i], camera) for i, camera in enumerate(cameras)])

    def _slice(self, rng: np.random.Generator, frames: int) -> tuple[Array, Array]:
        """(L, 21, 3) joints about the pelvis and (L, 3) roots, at some speed, world axes."""
        ends = np.cumsum([clip.frames for clip in self.clips])
        frame = int(np.searchsorted(self.chances, rng.random()))
        at = int(np.searchsorted(ends, frame, side="right"))
        clip = self.clips[at]
        last = frame - int(ends[at]) + clip.frames
        speed = rng.choice(SPEEDS) if self.varied else 1.0
        times = np.maximum(last - np.arange(frames)[::-1] * speed, 0)
        before = times.astype(np.intp)
        after = np.minimum(before + 1, clip.frames - 1)
        share = (times - before)[:, None]
        joints, roots = self.file.joints(clip), self.file.roots(clip)
        moving = joints[before] * (1 - share[..., None]) + joints[after] * share[..., None]
        return moving, roots[before] * (1 - share) + roots[after] * share


def as_studio(joints: Array) -> Array:
    """(L, 17, 3) H36M-17 as the studio has it, of (L, 21, 3) of the file: see `skeletons`."""
    out = joints[:, :JOINTS].copy()
    out[:, H36m.PELVIS] = joints[:, [H36m.LEFT_HIP, H36m.RIGHT_HIP]].mean(axis=1)
    out[:, H36m.THORAX] = joints[:, [H36m.LEFT_SHOULDER, H36m.RIGHT_SHOULDER]].mean(axis=1)
    out[:, H36m.SPINE] = (out[:, H36m.PELVIS] + out[:, H36m.THORAX]) / 2
    ears = joints[:, _EARS].mean(axis=1)
    down = joints[:, H36m.THORAX] - ears
    out[:, H36m.NECK] = ears + down * (SKULL_M / np.linalg.norm(down, axis=-1, keepdims=True))
    return out - out[:, :1]


def opened(rng: np.random.Generator, joints: Array) -> Array:
    """(L, 17, 3) with elbows and knees opened by some degrees, or bent; never past straight."""
    out = joints.copy()
    amounts = np.radians([rng.uniform(*ELBOWS_DEG), rng.uniform(*KNEES_DEG)])
    for (start, middle, end), amount in zip(_LIMBS, np.repeat(amounts, 2), strict=True):
        first, second = out[:, middle] - out[:, start], out[:, end] - out[:, middle]
        length = np.linalg.norm(second, axis=-1, keepdims=True)
        along = first / np.linalg.norm(first, axis=-1, keepdims=True)
        aside = second - along * np.sum(second * along, axis=-1, keepdims=True)
        off = np.linalg.norm(aside, axis=-1, keepdims=True)
        flexion = np.arctan2(off, np.sum(second * along, axis=-1, keepdims=True))
        # A straight limb has no side to bend to: it stays as it is.
        kept = np.where(flexion > 0.01, np.clip(flexion - amount, 0, np.pi), flexion)
        square = aside / np.maximum(off, 1e-9)
        out[:, end] = out[:, middle] + length * (np.cos(kept) * along + np.sin(kept) * square)
    return out


def bodied(rng: np.random.Generator, joints: Array) -> Array:
    """(L, 17, 3) of another body: larger or smaller, with longer and shorter bones."""
    factors = np.exp(rng.normal(0, BONE_SPREAD, JOINTS) + rng.normal(0, SIZE_SPREAD))
    for left, right in _SIDES.items():
        factors[left] = factors[right]
    factors[H36m.SPINE] = factors[H36m.THORAX]  # one bone, which the spine's joint halves
    out = np.zeros_like(joints)
    for parent, child in H36M_BONES:
        bone = joints[:, child] - joints[:, parent]
        out[:, child] = out[:, parent] + factors[child] * bone
    return out


def placed(
    rng: np.random.Generator, joints: Array, roots: Array, *, turned_over: float = TURNED_OVER
) -> Array:
    """(L, 17, 3) in the world: on the mat, turned somehow, in some windows turned over whole."""
    across = joints[-1, H36m.LEFT_HIP] - joints[-1, H36m.RIGHT_HIP]
    heading = np.degrees(np.arctan2(-across[2], across[0]))
    frontal = rng.random() < FRONTAL_SHARE
    wanted = rng.normal(0.0, FRONTAL_DEG) if frontal else rng.uniform(-180.0, 180.0)
    turn = Rotation.from_euler("y", wanted - heading, degrees=True)
    travel = roots - np.median(roots, axis=0)
    reach = np.linalg.norm(travel[:, [0, 2]], axis=-1).max()
    travel[:, [0, 2]] *= min(1.0, ROAM_M / max(reach, 1e-6))
    over = Rotation.random(rng=rng) if rng.random() < turned_over else Rotation.identity()
    body = (turn * over).apply(joints.reshape(-1, 3)).reshape(joints.shape)
    world = body + turn.apply(travel)[:, None]
    world[..., 1] += ANKLE_M - world[..., 1].min()
    return np.asarray(world, np.float64)


def focal_of(camera: Camera) -> float:
    """Focal length in pixels."""
    return float(camera.height / 2 / np.tan(np.radians(camera.field_deg) / 2))


def window_of(said: Said, at: int, joints: Array, camera: Camera) -> Windows:
    """The window number `at` of what was said, whose truth is (L, 17, 3) in camera axes.

    What a live lifter has seen at the last frame: after a gap that is too long to be bridged, the
    first frame that follows, for ever. Frames before it do not count.
    """
    size, found = (camera.width, camera.height), said.found[at]
    seen = in_picture(said.pixels[at], size)
    points = np.concatenate([seen, said.score[at][..., None]], axis=-1)
    depth = said.world[at, :, :, 2]
    stretches = runs(found)
    first, behind = stretches[-1] if stretches else (0, len(found))
    if stretches:
        part = slice(first, behind)
        points[part] = bridged(points[part], found[part])
        depth = depth.copy()
        depth[part] = bridged(depth[part], found[part])
    frames = np.arange(len(found))
    rows = np.clip(frames, first, behind - 1)
    return Windows(
        points=points[rows][None],
        depth=depth[rows][None],
        joints=(joints[rows] - joints[rows][:, :1]).astype(np.float32)[None],
        focal=np.array([focal_of(camera) * max(PICTURE) / max(size)], np.float32),
        counts=((frames == rows) & bool(stretches))[None],
    )
