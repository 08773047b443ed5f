"""Ways from pose to pose on real bodies: nothing slides, sinks, floats or bends too far."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.angles import Angle
from scripts.studio import figure
from scripts.studio.casts import CASTS
from scripts.studio.contacts import Skin
from scripts.studio.faults import angles_of
from scripts.studio.holding import anchors_of
from scripts.studio.passage import Passage
from scripts.studio.performance import Manner, Performance, ease
from scripts.studio.placed import Placed
from scripts.studio.posing import Poser
from scripts.studio.proportions import Proportions, proportioned
from scripts.studio.rotations import Array
from scripts.studio.routine import Beat, Routine
from scripts.studio.settling import skin_of

pytestmark = pytest.mark.unit

VINYASA = Routine(
    "Vinyasa",
    (
        Beat("mountain", 0.0, 2.0, 90.0),
        Beat("forward_fold", 2.0, 2.0),
        Beat("half_lift", 2.0, 2.0),
        Beat("crescent_lunge_left", 2.0, 2.0),
        Beat("plank", 2.0, 2.0),
        Beat("low_plank", 2.0, 2.0),
        Beat("cobra", 2.0, 2.0),
        Beat("downward_dog", 2.0, 2.0),
        Beat("table", 2.0, 2.0),
        Beat("child", 2.0, 2.0),
        Beat("thunderbolt", 2.0, 2.0, 90.0),
    ),
)
STEPS = 12
SLIDES_M = 0.04
"""How far what touches the floor in two poses may slide on the way: seen are 0.032."""
SINKS_M = 0.015
FLOATS_M = 0.02
DOWN_M = 0.008
"""What is no higher than this touches the floor."""
BENDS_DEG = {
    Angle.LEFT_ELBOW_FLEXION: 152.0,
    Angle.RIGHT_ELBOW_FLEXION: 152.0,
    Angle.LEFT_KNEE_FLEXION: 167.0,
    Angle.RIGHT_KNEE_FLEXION: 167.0,
}


@pytest.fixture(
    scope="module", params=[Proportions(), Proportions(arms=1.12, legs=0.9, trunk=1.06)], ids=str
)
def performance(request: pytest.FixtureRequest, body_folder: Path) -> tuple[Poser, Performance]:
    body = proportioned(figure.build(body_folder, CASTS["instructor"].shape), request.param)
    poser = Poser(body)
    return poser, Performance(poser, VINYASA, Manner(seed=1, sway=0.0))


def test_what_rests_stays_and_nothing_goes_through_the_floor(
    performance: tuple[Poser, Performance],
) -> None:
    poser, performed = performance
    skin = skin_of(poser)
    for last, now in pairwise(performed.held):
        way = f"{last.pose} to {now.pose}"
        passage = Passage(poser, last.placed, now.placed)
        placed = [passage.at(ease(share)) for share in np.linspace(0.0, 1.0, STEPS + 1)]
        for p in placed:
            lowest = min(skin.by_region(poser.pose(p.stance, p.pelvis)).values())
            assert -SINKS_M < lowest < FLOATS_M, way
            angles = angles_of(poser, p)
            assert all(angles[joint] < most for joint, most in BENDS_DEG.items()), way
        for contact in set(last.placed.contacts) & set(now.placed.contacts) - {"head"}:
            slid = slide(poser, skin, placed, contact)
            assert slid < SLIDES_M, f"{way}: {contact} slides {slid:.3f} m"


def slide(poser: Poser, skin: Skin, placed: list[Placed], contact: str) -> float:
    """How far a contact moves while it is on the floor: the point of it that moves least."""
    tracks, heights = [], []
    for p in placed:
        posed = poser.pose(p.stance, p.pelvis)
        tracks.append(anchors_of(poser).of(posed, contact))
        heights.append(skin.contact_height(skin.by_region(posed), contact))
    moves: Array = np.linalg.norm(np.diff(np.array(tracks), axis=0)[:, :, (0, 2)], axis=2)
    down = np.maximum(heights[1:], heights[:-1]) < DOWN_M
    return float((moves.min(axis=1) * down).sum())


def test_a_way_begins_and_ends_in_the_poses(performance: tuple[Poser, Performance]) -> None:
    poser, performed = performance
    for last, now in pairwise(performed.held):
        passage = Passage(poser, last.placed, now.placed)
        for share, pose in ((0.0, last.placed), (1.0, now.placed)):
            placed = passage.at(share)
            there, here = (poser.pose(p.stance, p.pelvis).heads for p in (pose, placed))
            assert np.abs(there - here).max() < 1e-6, f"{last.pose} to {now.pose}"


def test_who_salutes_the_sun_stays_in_the_middle_of_the_room(
    performance: tuple[Poser, Performance],
) -> None:
    _, performed = performance
    assert max(float(np.abs(held.placed.pelvis[[0, 2]]).max()) for held in performed.held) < 1.0
