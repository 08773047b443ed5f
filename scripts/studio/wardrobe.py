"""What a person looks like: skin, hair, eyes and clothes, as one mesh that moves with the body.

Where cloth ends and where the hairline runs is decided per pixel, in the coordinates of the body
at rest (shaders/person.frag): edges stay smooth on a coarse mesh.
"""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image

from scripts.studio.base_mesh import Indices
from scripts.studio.figure import Figure
from scripts.studio.rotations import Array, unit
from scripts.studio.surface import vertex_normals

Colour = tuple[int, int, int]
"""sRGB, 0 to 255."""

NOSE_TIP: Final = 297
"""The vertex of the base mesh at the tip of the nose."""


class Kind(IntEnum):
    """What a vertex is made of; the fragment shader knows the same numbers."""

    SKIN = 0
    SHIRT = 1
    TROUSERS = 2
    HAIR = 3
    EYE = 4
    FLOOR = 5
    WALL = 6
    PLAIN = 7


@dataclass(frozen=True, slots=True)
class Outfit:
    """Colours and cut.

    Attributes:
        sleeve: how far the sleeve reaches, 0 the shoulder, 1 the elbow, 2 the wrist.
        cuff: how far the trousers reach, 0 the hip, 1 the ankle.
        loose_shirt_m, loose_trousers_m: how far the cloth stands off the body.
        hair_m: thickness of the hair.
        hair_style: short, or tied into a bun.
    """

    skin: Colour
    shirt: Colour
    trousers: Colour
    hair: Colour
    iris: Colour = (70, 45, 30)
    sleeve: float = 0.45
    cuff: float = 0.95
    loose_shirt_m: float = 0.012
    loose_trousers_m: float = 0.003
    hair_m: float = 0.014
    hair_style: Literal["short", "bun"] = "short"


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the clothes end and the face is, on the body at rest (metres, left side)."""

    shoulder: Array
    arm_axis: Array
    sleeve_m: float
    neck: Array
    neck_m: float
    hem_y: float
    waist_y: float
    cuff_y: float
    eye: Array


@dataclass(frozen=True, slots=True)
class Dressed:
    """A person's mesh at rest.

    Attributes:
        rest: (V, 3) metres.
        bones_of, weights: (V, 4) as in `Rig`.
        triangles: (T, 3) indices.
        colours: (V, 3) linear RGB.
        materials: (V, 3): `Kind`, gloss, and a mask (hair: cover; eye: distance from its axis
            in metres; skin and shirt: how far it is lip, less how far it is arm).
        cut: the edges of the clothes.
        hair: (3,) linear RGB, for brows and scalp.
        iris: (3,) linear RGB.
    """

    rest: Array
    bones_of: Indices
    weights: Array
    triangles: Indices
    colours: Array
    materials: Array
    cut: Cut
    hair: Array
    iris: Array


def linear(colour: Colour) -> Array:
    """Linear light of sRGB bytes, 0 to 1 (gamma 2.2)."""
    light: Array = (np.array(colour, np.float64) / 255.0) ** 2.2
    return light


class _Layers:
    """Collects the parts of a mesh, each with its own copies of the vertices it uses."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.parts: list[tuple[Array, Indices, Array, Array, Array]] = []
        self.triangles: list[Indices] = []
        self.count = 0

    def add(
        self,
        triangles: Indices,
        rest: Array,
        colour: Array,
        kind: Kind,
        gloss: float,
        mask: Array | None = None,
    ) -> None:
        """A part whose triangles, `rest` and `mask` are indexed as the base mesh is."""
        used, compact = np.unique(triangles, return_inverse=True)
        rig = self.figure.rig
        material = np.zeros((len(used), 3))
        material[:, 0], material[:, 1] = kind, gloss
        if mask is not None:
            material[:, 2] = mask[used]
        colours = np.broadcast_to(colour, (len(used), 3))
        self.parts.append((rest[used], rig.bones_of[used], rig.weights[used], colours, material))
        self.triangles.append(compact.reshape(-1, 3) + self.count)
        self.count += len(used)

    def add_ball(self, centre: Array, radius: Array, bone: str, colour: Array) -> None:
        """An ellipsoid of hair that moves with one bone."""
        rows, columns = 14, 20
        polar, round_ = np.meshgrid(
            np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns), indexing="ij"
        )
        ball = np.stack(
            [np.sin(polar) * np.cos(round_), np.cos(polar), np.sin(polar) * np.sin(round_)], axis=-1
        ).reshape(-1, 3)
        corner = np.arange((rows - 1) * columns).reshape(rows - 1, columns)[:, :-1].ravel()
        quads = np.stack([corner, corner + 1, corner + columns + 1, corner + columns], axis=1)
        bones = np.zeros((len(ball), 4), np.int64)
        bones[:, 0] = self.figure.rig.index(bone)
        weights = np.zeros((len(ball), 4))
        weights[:, 0] = 1.0
        material = np.tile((float(Kind.HAIR), 0.3, 1.0), (len(ball), 1))
        colours = np.broadcast_to(colour, (len(ball), 3))
        self.parts.append((centre + radius * ball, bones, weights, colours, material))
        faces = np.concatenate([quads[:, (0, 1, 2)], quads[:, (0, 2, 3)]]) + self.count
        self.triangles.append(faces)
        self.count += len(ball)


def dress(figure: Figure, outfit: Outfit, folder: Path) -> Dressed:
    """A figure made visible.

    Args:
        figure: the body.
        outfit: what it wears.
        folder: the body data, for the masks of lips and ears.
    """
    mesh, rest = figure.mesh, figure.vertices
    cut = _cut(figure, outfit)
    body, tights = mesh.triangles["body"], mesh.triangles["helper-tights"]
    normals = vertex_normals(rest, np.concatenate([body, tights]))
    lips = _texture_mask(folder / "textures" / "mpfb_lips.jpg", mesh.uv)
    ears = _texture_mask(folder / "textures" / "mpfb_ears.jpg", mesh.uv)
    layers = _Layers(figure)
    arms = _arm_share(figure)
    layers.add(body, rest, linear(outfit.skin), Kind.SKIN, 0.25, lips - arms)
    trousers = rest + normals * outfit.loose_trousers_m
    below = rest[tights].max(axis=1)[:, 1] < cut.waist_y + 0.08
    layers.add(tights[below], trousers, linear(outfit.trousers), Kind.TROUSERS, 0.06)
    flare = np.clip((cut.hem_y + 0.22 - rest[:, 1:2]) / 0.2, 0.0, 1.0)
    shirt = rest + normals * outfit.loose_shirt_m * (1.0 + 0.3 * flare)
    above = rest[tights].min(axis=1)[:, 1] > cut.hem_y - 0.08
    layers.add(tights[above], shirt, linear(outfit.shirt), Kind.SHIRT, 0.04, -arms)
    cover = _hair_cover(figure, cut, ears)
    scalp = body[(cover[body] > 0).any(axis=1)]
    hair = rest + normals * (outfit.hair_m * np.clip(cover * 2.0 - 0.6, 0.0, 1.0))[:, None]
    layers.add(scalp, hair, linear(outfit.hair), Kind.HAIR, 0.3, cover)
    if outfit.hair_style == "bun":
        crown = figure.rig.head("head") + np.array([0.0, 0.150, -0.065])
        layers.add_ball(crown, np.array((0.047, 0.043, 0.043)), "head", linear(outfit.hair))
    for side in ("l", "r"):
        eye = mesh.triangles[f"helper-{side}-eye"]
        layers.add(eye, rest, linear((236, 233, 228)), Kind.EYE, 0.7, _iris_distance(rest, eye))
        for row in (1, 2):
            lashes = mesh.triangles[f"helper-{side}-eyelashes-{row}"]
            layers.add(lashes, rest, linear((30, 22, 18)), Kind.PLAIN, 0.0)
    columns = [np.concatenate(column) for column in zip(*layers.parts, strict=True)]
    points, bones_of, weights, colours, materials = columns
    return Dressed(
        rest=points,
        bones_of=bones_of,
        weights=weights,
        triangles=np.concatenate(layers.triangles),
        colours=colours,
        materials=materials,
        cut=cut,
        hair=linear(outfit.hair),
        iris=linear(outfit.iris),
    )


def _cut(figure: Figure, outfit: Outfit) -> Cut:
    head = figure.rig.head
    shoulder, elbow, wrist = (head(f"{b}.L") for b in ("upperarm01", "lowerarm01", "wrist"))
    upper, lower = np.linalg.norm(elbow - shoulder), np.linalg.norm(wrist - elbow)
    sleeve = upper * min(outfit.sleeve, 1.0) + lower * max(outfit.sleeve - 1.0, 0.0)
    hip, ankle = head("upperleg01.L")[1], head("foot.L")[1]
    eye = figure.vertices[np.unique(figure.mesh.triangles["helper-l-eye"])].mean(axis=0)
    return Cut(
        shoulder=shoulder,
        arm_axis=unit(elbow - shoulder),
        sleeve_m=float(sleeve),
        neck=head("neck01") + np.array([0.0, 0.045, 0.03]),
        neck_m=0.096,
        hem_y=float(hip) + 0.02,
        waist_y=float(hip) + 0.12,
        cuff_y=float(hip + (ankle - hip) * outfit.cuff),
        eye=eye,
    )


def _texture_mask(path: Path, uv: Array) -> Array:
    """(N,) a grey texture sampled at each vertex, 0 to 1."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), np.float64) / 255.0
    height, width = grey.shape
    column = np.clip((uv[:, 0] * width).astype(np.int64), 0, width - 1)
    row = np.clip(((1.0 - uv[:, 1]) * height).astype(np.int64), 0, height - 1)
    sampled: Array = grey[row, column]
    return sampled


def _arm_share(figure: Figure) -> Array:
    """(N,) 1 where the skin goes with an arm, 0 where it goes with the trunk."""
    rig = figure.rig
    of_arm = np.zeros(len(rig.names))
    for bone, (name, parent) in enumerate(zip(rig.names, rig.parents, strict=True)):
        of_arm[bone] = name.startswith("upperarm") or (parent >= 0 and of_arm[parent])
    share: Array = (of_arm[rig.bones_of] * rig.weights).sum(axis=1)
    return share


def _hair_cover(figure: Figure, cut: Cut, ears: Array) -> Array:
    """(N,) 1 where hair grows, 0 where it does not; the hairline runs at a half."""
    x, y, z = (figure.vertices - (0.0, cut.eye[1], figure.rig.head("head")[2])).T
    before_ear = np.clip((z - 0.015) / 0.055, 0.0, 1.0)
    before_ear = before_ear * before_ear * (3.0 - 2.0 * before_ear)
    behind_ear = np.clip((-0.005 - z) / 0.03, 0.0, 1.0)
    temple = -0.012 + 0.080 * before_ear - 0.075 * behind_ear - 0.006 * (np.abs(x) < 0.02)
    cover = np.clip(0.5 + (y - temple) / 0.016, 0.0, 1.0)
    on_head = figure.vertices[:, 1] > figure.rig.head("neck03")[1] - 0.02
    shown: Array = cover * np.clip(1.0 - 2.0 * ears, 0.0, 1.0) * on_head
    return shown


def _iris_distance(rest: Array, eye: Indices) -> Array:
    """(N,) distance of the eye's vertices from the axis it looks along, large at its back."""
    used = np.unique(eye)
    centre = rest[used].mean(axis=0)
    distance = np.full(len(rest), 1.0)
    aside = np.linalg.norm(rest[used, :2] - centre[:2], axis=1)
    distance[used] = np.where(rest[used, 2] > centre[2], aside, 0.03)
    return distance
