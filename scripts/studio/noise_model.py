"""Draws what the detector would say of people who were never rendered: its measured errors.

    model = NoiseModel.read(default_path("blazepose-full"))
    said = model.sample(np.random.default_rng(1), joints, focal_px, (640, 480))

What is modelled, how well it fits and where it does not, is told in NOISE.md.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from coach_server.body.skeleton import JOINTS, Coco, H36m
from coach_server.errors import InputError
from scripts.studio.noise.aspect import Aspect, aspect, project
from scripts.studio.noise.chains import Chains
from scripts.studio.noise.episodes import Episodes
from scripts.studio.noise.errors import EXCHANGES, GROUP_OF, GROUPS, MIRROR
from scripts.studio.noise.face import keypoints_in_space
from scripts.studio.noise.tables import blend, looked_up
from scripts.studio.rotations import Array

SCHEMA: Final = 1
A_JOINT: Final = 6
"""Channels of a joint: errors in the picture across and along the trunk, in space across, along
and deep, and the score."""
PICTURE, SPACE, SCORE = slice(0, 2), slice(2, 5), 5
CHANNELS: Final = JOINTS * A_JOINT + len(GROUPS) + 1
"""Those of all joints, then the trouble of each group of them, then the turn of the head."""
SIZES_AT: Final = np.array([0.0, 0.25, 0.5, 0.75, 0.9, 0.97, 0.995, 0.9995])
"""Quantiles at which the sizes of errors are kept."""
SCORES_AT: Final = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0])
"""Quantiles at which scores are kept."""
TURNS_AT: Final = np.array([0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
"""Quantiles at which turns of the head are kept."""
DOUBTS_AT: Final = np.array([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0])
"""Scores at which it is kept how much wider errors spread."""
FURTHEST: Final = 1.0
"""Body lengths: no joint is seen further off."""
HIPS: Final = [Coco.LEFT_HIP, Coco.RIGHT_HIP]


@dataclass(frozen=True, slots=True)
class Said:
    """What a detector says of B sequences of T frames; all 0 where nobody is found.

    Attributes:
        pixels: (B, T, 17, 2) COCO-17, pixels from the upper left corner.
        score: (B, T, 17) 0..1.
        world: (B, T, 17, 3) its own 3D, COCO-17, metres from mid-hip, camera axes.
        found: (B, T) whether it finds anybody.
    """

    pixels: NDArray[np.float32]
    score: NDArray[np.float32]
    world: NDArray[np.float32]
    found: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """The errors of one detector. Cells and views are those of `noise.aspect`.

    Attributes:
        source: what it was fitted to: set, sequences, frames, fingerprint of the engine.
        face: (5, 3) where the face is on a head, as in `noise.face`.
        bias: (CELLS, 17, 2) across and along the trunk, body lengths.
        spread: (17, 2) body lengths about that: the unit of errors in the picture.
        doubt: (17, 8) how many times as wide errors are, at `DOUBTS_AT`.
        trouble: (CELLS, 6, 8) how many times as wide they are while a group of joints is well or
            badly seen, at `SIZES_AT`: it is what makes few errors large, and large ones last.
        elsewhere: when the body is seen where it is not, by cell; no doubt is told then.
        trouble_elsewhere: (6, 8) as `trouble`, while that is so.
        space: (8, 17, 3, 4) by view: its own 3D from 1, the detected place across and along the
            trunk from mid-hip in metres, and the true depth.
        deep: (CELLS, 17, 3, 8) how far it is from that, metres across, along and deep, either sign
            as likely, at `SIZES_AT`.
        turns: (9,) turns of the head against the chest, radians, at `TURNS_AT`.
        scores: (CELLS, 17, 10) at `SCORES_AT`.
        chains: how all that goes together and on in time: `CHANNELS`.
        exchanges: when sides are exchanged, by cell; as in `noise.errors.EXCHANGES`.
        exchanged_depth: (3,) the share of their depth that joints keep when exchanged.
        misses: when nobody is found, by cell.
    """

    source: Mapping[str, str | int]
    face: Array
    bias: Array
    spread: Array
    doubt: Array
    trouble: Array
    elsewhere: Episodes
    trouble_elsewhere: Array
    space: Array
    deep: Array
    turns: Array
    scores: Array
    chains: Chains
    exchanges: Mapping[str, Episodes]
    exchanged_depth: Array
    misses: Episodes

    def sample(
        self,
        rng: np.random.Generator,
        joints: NDArray[np.floating[Any]],
        focal_px: ArrayLike,
        image_size: ArrayLike,
    ) -> Said:
        """What the detector says of B sequences of T frames, 30 a second.

        Args:
            rng: the same gives the same.
            joints: (B, T, 17, 3) H36M-17 as the studio has it (`skeletons.h36m_joints`: the neck
                is the base of the skull), metres from the camera, camera axes x right, y down, z
                forward; all before the camera.
            focal_px: () or (B,) focal length in pixels.
            image_size: (2,) or (B, 2) width and height in pixels.
        """
        batch, frames = joints.shape[:2]
        focal = np.broadcast_to(np.asarray(focal_px, np.float64), (batch,))
        size = np.broadcast_to(np.asarray(image_size, np.float64), (batch, 2))
        latent = self.chains.draw(rng, batch, frames).astype(np.float64)
        by_joint = latent[..., : JOINTS * A_JOINT].reshape(batch, frames, JOINTS, A_JOINT)
        body = aspect(joints, focal)
        cells = body.cell_weights()
        score = looked_up(blend(cells, self.scores), SCORES_AT, ndtr(by_joint[..., SCORE]))
        width = self._width(rng, ndtr(latent[..., JOINTS * A_JOINT : -1]), score, cells)
        off = blend(cells, self.bias) + width[..., None] * self.spread * by_joint[..., PICTURE]
        off = np.clip(off, -FURTHEST, FURTHEST)
        sizes = np.abs(2.0 * ndtr(by_joint[..., SPACE]) - 1.0)
        deep = looked_up(blend(cells, self.deep), SIZES_AT, sizes)
        points = keypoints_in_space(
            joints, self.face, np.interp(latent[..., -1], ndtri(TURNS_AT), self.turns)
        )
        body_px = body.body_px[..., None, None]
        pixels = project(points, focal, size) + body.in_picture(off * body_px)
        depth = points[..., 2] - joints[..., H36m.PELVIS, 2:]
        world = self._world(pixels, depth, body)
        world += np.copysign(deep, by_joint[..., SPACE])
        world = world - world[..., HIPS, :].mean(axis=-2, keepdims=True)
        world = body.in_picture(world)
        self._exchange(rng, cells, pixels, score, world)
        found = ~self.misses.draw(rng, cells)
        seen = found[..., None]
        return Said(
            pixels=np.where(seen[..., None], pixels, 0.0).astype(np.float32),
            score=np.where(seen, score, 0.0).astype(np.float32),
            world=np.where(seen[..., None], world, 0.0).astype(np.float32),
            found=found,
        )

    def _width(self, rng: np.random.Generator, chance: Array, score: Array, cells: Array) -> Array:
        """(B, T, 17) how many times as wide as usual errors are; `chance` (B, T, 6) of trouble."""
        usual = looked_up(blend(cells, self.trouble), SIZES_AT, chance)[..., GROUP_OF]
        table = np.broadcast_to(self.trouble_elsewhere, (*chance.shape, len(SIZES_AT)))
        lost = looked_up(table, SIZES_AT, chance)[..., GROUP_OF]
        is_lost = self.elsewhere.draw(rng, cells)[..., None]
        return np.where(is_lost, lost, usual * doubts(self.doubt, score))

    def _exchange(
        self, rng: np.random.Generator, cells: Array, pixels: Array, score: Array, world: Array
    ) -> None:
        """Exchange the sides of those whose sides the detector exchanges, in place."""
        for i, (name, rows) in enumerate(EXCHANGES.items()):
            at = np.nonzero(self.exchanges[name].draw(rng, cells))
            shallow = (1.0, 1.0, self.exchanged_depth[i])
            for values, scale in ((pixels, 1.0), (score, 1.0), (world, shallow)):
                here = values[at]
                here[:, rows] = here[:, MIRROR[rows]] * scale
                values[at] = here

    def _world(self, pixels: Array, depth: Array, body: Aspect) -> Array:
        """(B, T, 17, 3) the detector's 3D but for chance: across and along the trunk, depth."""
        hips = pixels[..., HIPS, :].mean(axis=-2, keepdims=True)
        metres = body.upright((pixels - hips) * (body.body_m / body.body_px)[..., None, None])
        known = np.concatenate([np.ones_like(depth)[..., None], metres, depth[..., None]], axis=-1)
        views = body.view_weights()
        parts = (
            views[..., v, None, None] * np.einsum("jwk,btjk->btjw", space, known)
            for v, space in enumerate(self.space)
        )
        return np.asarray(sum(parts), np.float64)

    def write(self, path: Path) -> None:
        """Write it as npz."""
        kept = {name: np.asarray(getattr(self, name), np.float32) for name in ARRAYS}
        for name in CHAINS:
            kept[f"chains.{name}"] = np.asarray(getattr(self.chains, name), np.float32)
        for name, episodes in {**self.exchanges, MISSES: self.misses, LOST: self.elsewhere}.items():
            kept[f"{name}.begins"] = np.asarray(episodes.begins, np.float32)
            kept[f"{name}.lengths"] = np.asarray(episodes.lengths, np.float32)
        source = json.dumps({"schema": SCHEMA, **self.source})
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, source=np.array(source), **kept)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read one.

        Raises:
            InputError: there is none, or it is of another schema.
        """
        hint = "Fit it with `python -m scripts.fit_noise`."
        try:
            with np.load(path, allow_pickle=False) as data:
                source = json.loads(str(data["source"]))
                kept = {name: data[name].astype(np.float64) for name in data.files[1:]}
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise InputError(f"{path} is no noise model.", hint=hint) from error
        if source.pop("schema", None) != SCHEMA:
            raise InputError(f"{path} is a noise model of another schema.", hint=hint)

        def episodes(*names: str) -> dict[str, Episodes]:
            return {n: Episodes(kept[f"{n}.begins"], kept[f"{n}.lengths"]) for n in names}

        return cls(
            source=source,
            chains=Chains(**{name: kept[f"chains.{name}"] for name in CHAINS}),
            exchanges=episodes(*EXCHANGES),
            misses=episodes(MISSES)[MISSES],
            elsewhere=episodes(LOST)[LOST],
            **{name: kept[name] for name in ARRAYS},
        )


ARRAYS: Final = (
    "face",
    "bias",
    "spread",
    "doubt",
    "trouble",
    "trouble_elsewhere",
    "space",
    "deep",
    "turns",
    "scores",
    "exchanged_depth",
)
MISSES, LOST = "misses", "elsewhere"
CHAINS: Final = tuple(field.name for field in fields(Chains))


def doubts(doubt: Array, score: Array) -> Array:
    """(..., 17) how many times as wide errors are at scores (..., 17); see `NoiseModel.doubt`."""
    wider = [np.interp(score[..., j], DOUBTS_AT, doubt[j]) for j in range(JOINTS)]
    return np.stack(wider, axis=-1)


def default_path(keypoints: str) -> Path:
    """Where the model of a detector lies."""
    return Path(__file__).parent / "noise" / f"{keypoints}.npz"
