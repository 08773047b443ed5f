"""Castings drawn with a seed: natural, the same again, and never shared by two splits."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest

from scripts.studio.asanas import ASANAS
from scripts.studio.draws import (
    ALIKE,
    SIXTEEN_TO_NINE,
    draw_casting,
    draw_manner,
    laptop_camera,
    split_of,
)
from scripts.studio.faults import angles_of
from scripts.studio.footwork import place
from scripts.studio.heading import Turned
from scripts.studio.palettes import FLOORS, MATS, SHIRTS, SPLITS, TROUSERS, WALLS, Split
from scripts.studio.performance import Performance
from scripts.studio.placed import Placed
from scripts.studio.posing import Poser
from scripts.studio.routine import DEMO
from scripts.studio.skeletons import coco_joints, h36m_joints
from scripts.studio.truth import film_truth

pytestmark = pytest.mark.unit

FILMS = 60


@pytest.mark.parametrize("split", SPLITS)
def test_same_seed_same_casting_and_another_seed_another(split: Split) -> None:
    assert draw_casting(7, split, beats=9) == draw_casting(7, split, beats=9)
    assert draw_casting((7, 1), split) == draw_casting((7, 1), split)
    drawn = [draw_casting(seed, split) for seed in range(FILMS)]
    assert len({casting.shape for casting in drawn}) == FILMS
    assert len({casting.manner.tempo for casting in drawn}) == FILMS


def test_splits_share_no_body_no_room_and_no_outfit() -> None:
    drawn = {split: [draw_casting(seed, split) for seed in range(FILMS)] for split in SPLITS}
    for split in SPLITS:
        assert {split_of(casting.shape) for casting in drawn[split]} == {split}
    for a, b in combinations(SPLITS, 2):
        assert not {c.decor.wall for c in drawn[a]} & {c.decor.wall for c in drawn[b]}
        assert not {c.outfit.shirt for c in drawn[a]} & {c.outfit.shirt for c in drawn[b]}
        for palette in (WALLS, FLOORS, MATS, SHIRTS, TROUSERS):
            assert not set(palette[a]) & set(palette[b])


def test_every_split_has_all_kinds_of_people() -> None:
    for split in SPLITS:
        shapes = [draw_casting(seed, split).shape for seed in range(200)]
        kinds = {(shape.sex, shape.ancestry, shape.age) for shape in shapes}
        assert len(kinds) >= 10  # of twelve
        for part, low, high in (
            ("weight", -0.3, 0.5),
            ("muscle", -0.4, 0.4),
            ("height", -0.1, 0.1),
        ):
            values = [getattr(shape, part) for shape in shapes]
            assert min(values) < low < high < max(values)
        assert max(abs(shape.height) for shape in shapes) <= 0.15


def test_proportions_are_mostly_usual() -> None:
    shares = np.array(
        [
            (p.arms, p.legs, p.trunk)
            for p in (draw_casting(seed, "train").proportions for seed in range(400))
        ]
    )
    off = np.abs(shares - 1.0)
    assert off.max() <= 0.2
    assert off.max() > 0.17
    assert (off < 0.1).mean() > 0.8


def test_few_wear_the_colour_of_their_wall() -> None:
    near = 0
    for seed in range(300):
        casting = draw_casting(seed, "train")
        away = np.array(casting.decor.wall, float) - np.array(casting.outfit.shirt)
        near += bool(np.linalg.norm(away) < ALIKE)
    assert 0 < near < 15


@pytest.mark.parametrize("size", [(640, 480), SIXTEEN_TO_NINE])
def test_laptops_see_the_whole_of_who_stands_before_them(
    poser: Poser, size: tuple[int, int]
) -> None:
    placed = place(poser, ASANAS["mountain"])
    standing = coco_joints(poser.figure, poser.pose(placed.stance, placed.pelvis))
    rng = np.random.default_rng(3)
    whole = 0
    for _ in range(200):
        camera = laptop_camera(rng, size=size)
        across = 2.0 * np.degrees(
            np.arctan(np.tan(np.radians(camera.field_deg) / 2.0) * size[0] / size[1])
        )
        assert 0.55 <= camera.height_m <= 1.3
        assert 2.0 <= camera.distance_m <= 4.0
        assert -25.0 <= camera.pitch_deg <= 10.0
        assert abs(camera.roll_deg) <= 2.0
        assert 50.0 <= across <= 75.0
        assert abs(camera.yaw_deg) <= 45.0
        pixels = camera.to_pixels(standing)
        whole += bool((pixels > 0).all() and (pixels < size).all())
    assert whole > 190


def test_manner_is_natural_and_without_fault(poser: Poser) -> None:
    manners = [draw_manner(np.random.default_rng(seed), len(DEMO.beats)) for seed in range(40)]
    for manner in manners:
        assert abs(manner.tempo - 1.0) <= 0.15
        assert not manner.faults
        assert not manner.mishaps
    assert any(manner.pauses for manner in manners)
    first, again, other = (
        film_truth(Performance(poser, DEMO, manners[i]), DEMO, draw_casting(0, "dev").camera)
        for i in (5, 5, 6)
    )
    assert first == again
    assert first != other


@dataclass(frozen=True)
class Still:
    placed: Placed
    end_s: float = 1.0

    def at(self, _t: float) -> Placed:
        return self.placed


def test_who_is_turned_keeps_every_angle_and_faces_the_other_way(poser: Poser) -> None:
    placed = place(poser, ASANAS["warrior_two_left"])
    turned = Turned(Still(placed), 90.0).at(0.0)
    assert angles_of(poser, turned) == pytest.approx(angles_of(poser, placed), abs=1e-2)
    joints, after = (
        h36m_joints(poser.figure, poser.pose(p.stance, p.pelvis)) for p in (placed, turned)
    )
    assert after[:, 1] == pytest.approx(joints[:, 1])
    assert after[:, 0] == pytest.approx(joints[:, 2])
    assert after[:, 2] == pytest.approx(-joints[:, 0])
