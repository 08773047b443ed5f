"""Who is filmed, where and how they follow, drawn with a seed.

No body, no room and no outfit is in two splits: the space of bodies is cut into cells each of
which belongs to one split (`split_of`), and rooms and clothes have their colours from palettes
that the splits do not share.
"""

from collections.abc import Sequence
from typing import Final, Literal
from zlib import crc32

import numpy as np

from scripts.studio.camera import Camera
from scripts.studio.figure import MAX_HEIGHT, Shape
from scripts.studio.palettes import (
    FLOORS,
    HAIR,
    IRIS,
    LEAVES,
    MATS,
    PICTURES,
    POTS,
    SHIRTS,
    SKIN,
    SPLITS,
    TROUSERS,
    WALLS,
    Split,
)
from scripts.studio.performance import Manner
from scripts.studio.proportions import Proportions
from scripts.studio.room import Decor
from scripts.studio.scene import Casting
from scripts.studio.wardrobe import Colour, Outfit

TENTHS: Final[tuple[Split, ...]] = ("dev", "val", *("train",) * 8)
"""Which split has how many tenths of the cells of the space of bodies."""
CELL: Final = 0.4
"""Width of a cell in weight and muscle, of 2."""
HEIGHT_CELL: Final = 0.06

USUAL_SPREAD: Final = 0.05
UNUSUAL: Final = 0.15
"""The share of people whose proportions are drawn evenly from `PROPORTIONS`."""
PROPORTIONS: Final = (0.8, 1.2)
TEMPO: Final = 0.15
PAUSE_SHARE: Final = 0.1
"""The share of the holds that are drawn out."""

ALIKE: Final = 60.0
"""Colours nearer than this, in sRGB steps, are hard to tell apart."""
CAMOUFLAGE: Final = 0.1
"""The share of those dressed like their wall who go on to be filmed so."""

LENS_M: Final = (0.55, 1.30)
DISTANCE_M: Final = (2.0, 4.0)
WIDTH_DEG: Final = (50.0, 75.0)
PITCH_DEG: Final = (-25.0, 10.0)
"""Down, as `Camera.pitch_deg`: lids look up more than down."""
ROLL_SPREAD_DEG: Final = 1.5
ROLL_DEG: Final = 2.0
"""No table is quite level; more than this is seen and mended."""
FEET_M: Final = 0.35
"""People make sure to see the floor this far before them."""
TOP_M: Final = (1.9, 2.35)
"""Up to where they want to be seen: their crown, or their hands overhead."""
FILLED: Final = (0.75, 1.0)
"""How much of the picture's height that takes."""

Size = tuple[int, int]
FOUR_TO_THREE: Final[Size] = (640, 480)
SIXTEEN_TO_NINE: Final[Size] = (640, 360)


def draw_casting(
    seed: int | Sequence[int],
    split: Split,
    *,
    beats: int = 0,
    size: Size = FOUR_TO_THREE,
    yaw_deg: float = 45.0,
) -> Casting:
    """Everything that a film is made of but what is done in it: the same for the same arguments.

    Args:
        seed: of everything, the sway of the performer included.
        split: whose bodies, rooms and outfits to draw from.
        beats: of the routine, some of which are drawn out.
        size: (width, height) of the picture, pixels.
        yaw_deg: how far aside the camera is at the most.
    """
    numbers = [seed] if isinstance(seed, int) else list(seed)
    rng = np.random.default_rng([SPLITS.index(split), *numbers])
    shape = draw_shape(rng, split)
    decor = draw_decor(rng, split)
    outfit = draw_outfit(rng, split, shape)
    while _blends_in(outfit, decor) and rng.random() > CAMOUFLAGE:
        outfit = draw_outfit(rng, split, shape)
    return Casting(
        shape=shape,
        proportions=draw_proportions(rng),
        outfit=outfit,
        decor=decor,
        camera=laptop_camera(rng, size=size, yaw_deg=yaw_deg),
        manner=draw_manner(rng, beats),
    )


def split_of(shape: Shape) -> Split:
    """The one split in which bodies like this are."""
    at = (
        shape.sex,
        shape.ancestry,
        shape.age,
        int((shape.weight + 1.0) / CELL),
        int((shape.muscle + 1.0) / CELL),
        int((shape.height + MAX_HEIGHT) / HEIGHT_CELL),
    )
    return TENTHS[crc32(repr(at).encode()) % len(TENTHS)]


def draw_shape(rng: np.random.Generator, split: Split) -> Shape:
    """A body of a split."""
    sexes: tuple[Literal["female", "male"], ...] = ("female", "male")
    ancestries: tuple[Literal["african", "asian", "caucasian"], ...]
    ancestries = ("african", "asian", "caucasian")
    while True:
        shape = Shape(
            sex=sexes[rng.integers(2)],
            ancestry=ancestries[rng.integers(3)],
            age="old" if rng.random() < 0.25 else "young",
            weight=float(np.clip(rng.normal(0.1, 0.45), -0.8, 1.0)),
            muscle=float(np.clip(rng.normal(0.0, 0.45), -0.9, 1.0)),
            height=float(rng.uniform(-MAX_HEIGHT, MAX_HEIGHT)),
            smile=float(rng.uniform(0.0, 0.8)),
        )
        if split_of(shape) == split:
            return shape


def draw_proportions(rng: np.random.Generator) -> Proportions:
    """Limbs and trunk, mostly within a tenth of the usual and never more than a fifth off."""
    low, high = PROPORTIONS
    if rng.random() < UNUSUAL:
        shares = rng.uniform(low, high, size=3)
    else:
        shares = np.clip(rng.normal(1.0, USUAL_SPREAD, size=3), low, high)
    arms, legs, trunk = (float(share) for share in shares)
    return Proportions(arms, legs, trunk)


def draw_outfit(rng: np.random.Generator, split: Split, shape: Shape) -> Outfit:
    """Clothes of a split on a body, with skin and hair as people of its kind have them."""
    dark, light = (np.array(end) for end in SKIN[shape.ancestry])
    grey = shape.age == "old" and rng.random() < 0.75
    tied = rng.random() < (0.65 if shape.sex == "female" else 0.08)
    tight = rng.random() < 0.5
    return Outfit(
        skin=_bytes(dark + rng.random() * (light - dark)),
        shirt=_near(rng, SHIRTS[split]),
        trousers=_near(rng, TROUSERS[split]),
        hair=_near(rng, HAIR["old" if grey else shape.ancestry], 4.0),
        iris=IRIS[rng.integers(len(IRIS) if shape.ancestry == "caucasian" else 2)],
        sleeve=float(rng.choice([rng.uniform(0.0, 0.8), rng.uniform(0.8, 2.0)])),
        cuff=float(rng.choice([rng.uniform(0.4, 0.85), rng.uniform(0.85, 1.0)])),
        loose_shirt_m=float(rng.uniform(0.006, 0.010) if tight else rng.uniform(0.010, 0.022)),
        loose_trousers_m=float(rng.uniform(0.003, 0.006) if tight else rng.uniform(0.006, 0.018)),
        hair_m=float(rng.uniform(0.006, 0.020)),
        hair_style="bun" if tied else "short",
    )


def draw_decor(rng: np.random.Generator, split: Split) -> Decor:
    """A room of a split, from a bright day to a lamp in the evening."""
    wall = _near(rng, WALLS[split])
    plant_side = rng.choice((-1.0, 1.0))
    bright = rng.uniform(0.0, 1.0)
    sunny = rng.uniform(0.25, 0.75)
    light = 0.65 + 0.65 * bright
    first, second = rng.permutation(len(PICTURES))[:2]
    return Decor(
        floor=_near(rng, FLOORS[split]),
        wall=wall,
        mat=_near(rng, MATS[split]),
        skirting=(238, 236, 231) if rng.random() < 0.7 else _bytes(0.8 * np.array(wall)),
        picture=(PICTURES[first], PICTURES[second]),
        pot=POTS[rng.integers(len(POTS))],
        leaf=_near(rng, LEAVES),
        back_m=float(rng.uniform(-2.6, -1.3)),
        plant_x=float(plant_side * rng.uniform(1.3, 2.2)),
        picture_x=float(-plant_side * rng.uniform(0.7, 1.8)),
        key=float(light * sunny),
        ambient=float(light * (1.0 - sunny)),
        sun=(
            float(rng.uniform(-0.8, 0.8)),
            float(rng.uniform(0.6, 1.0)),
            float(rng.uniform(0.4, 0.9)),
        ),
    )


def laptop_camera(
    rng: np.random.Generator, *, size: Size = FOUR_TO_THREE, yaw_deg: float = 45.0
) -> Camera:
    """A laptop from which someone stepped back until they fit into the picture.

    Args:
        rng: draws.
        size: (width, height) of the picture, pixels.
        yaw_deg: how far aside the camera is at the most. The room has no wall behind the camera:
            turn the person (`heading.Turned`) to see them from all round.
    """
    width, height = size
    while True:
        half_width = np.radians(rng.uniform(*WIDTH_DEG)) / 2.0
        half = np.arctan(np.tan(half_width) * height / width)
        lens, top = rng.uniform(*LENS_M), rng.uniform(*TOP_M)
        distance = rng.uniform(*DISTANCE_M)
        down = np.arctan2(lens, distance - FEET_M)
        up = np.arctan2(top - lens, distance)
        filled = (down + up) / (2.0 * half)
        slack = 2.0 * half - down - up
        pitch = (down - up) / 2.0 + slack * rng.uniform(-0.4, 0.4)
        low, high = np.radians(PITCH_DEG)
        if FILLED[0] < filled < FILLED[1] and low < pitch < high:
            return Camera(
                width=width,
                height=height,
                distance_m=float(distance),
                height_m=float(lens),
                yaw_deg=float(rng.uniform(-yaw_deg, yaw_deg)),
                look_at_m=float(lens - distance * np.tan(pitch)),
                field_deg=float(np.degrees(2.0 * half)),
                roll_deg=float(np.clip(rng.normal(0.0, ROLL_SPREAD_DEG), -ROLL_DEG, ROLL_DEG)),
            )


def draw_manner(rng: np.random.Generator, beats: int = 0) -> Manner:
    """Someone who follows well in their own way: within what is natural, and no fault.

    The tempo is within +-15 %; some holds are drawn out.
    """
    chances, lengths = rng.uniform(size=(2, beats))
    return Manner(
        seed=int(rng.integers(2**31)),
        lag_s=float(rng.uniform(0.2, 1.2)),
        lag_spread_s=float(rng.uniform(0.0, 0.3)),
        pauses={i: float(1.0 + 3.0 * lengths[i]) for i in range(beats) if chances[i] < PAUSE_SHARE},
        tempo=float(1.0 + rng.uniform(-TEMPO, TEMPO)),
        sway=float(rng.uniform(0.5, 2.0)),
    )


def _near(rng: np.random.Generator, colours: Sequence[Colour], spread: float = 8.0) -> Colour:
    """One of the colours, a little lighter or darker and a little to some hue."""
    colour = np.array(colours[int(rng.integers(len(colours)))], np.float64)
    return _bytes(colour + rng.uniform(-spread, spread) + rng.uniform(-4.0, 4.0, size=3))


def _bytes(colour: np.ndarray) -> Colour:
    red, green, blue = (int(c) for c in np.clip(np.round(colour), 0, 255))
    return red, green, blue


def _blends_in(outfit: Outfit, decor: Decor) -> bool:
    wall = np.array(decor.wall, np.float64)
    return any(
        float(np.linalg.norm(wall - cloth)) < ALIKE for cloth in (outfit.shirt, outfit.trousers)
    )
