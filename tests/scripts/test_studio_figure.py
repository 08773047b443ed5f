"""With the real body data, where it has been pulled (`python -m scripts.render_demo` does)."""

import json
from pathlib import Path

import numpy as np
import pytest

from coach_server.body.angles import Angle
from scripts.studio import figure
from scripts.studio.asanas import ASANAS
from scripts.studio.casts import CASTS
from scripts.studio.contacts import Skin
from scripts.studio.faults import angles_of
from scripts.studio.footwork import lay, place
from scripts.studio.joint_limits import beyond_limits
from scripts.studio.performance import Performance
from scripts.studio.posing import Poser
from scripts.studio.routine import DEMO
from scripts.studio.truth import film_truth

pytestmark = pytest.mark.unit

BENDS = slice(Angle.LEFT_ELBOW_FLEXION, Angle.RIGHT_KNEE_FLEXION + 1)
GIVES_WAY_DEG = 30.0
"""A body that settles into a pose bends elbows and knees by no more than this."""

LEADS = "instructor"
"""Whose body does every pose."""

DEMO_FOLDER = Path(__file__).parents[2] / "static" / "demo"


@pytest.mark.parametrize("name", CASTS)
def test_what_a_pose_rests_on_is_on_the_floor_and_nothing_is_below(
    name: str, body_folder: Path
) -> None:
    body = figure.build(body_folder, CASTS[name].shape)
    used = np.unique(body.mesh.triangles["body"])
    assert 1.4 < body.vertices[used, 1].max() < 2.0
    poser, rig = Poser(body), body.rig
    skin = Skin(body)
    keys = [key for key in ASANAS if not key.endswith("_right")]
    if name != LEADS:  # the others share the poses, so that two bodies do each
        keys = keys[sorted(set(CASTS) - {LEADS}).index(name) :: len(CASTS) - 1]
    for key in keys:
        asana = ASANAS[key]
        placed = place(poser, asana)
        posed = poser.pose(placed.stance, placed.pelvis)
        points = poser.skin(posed, body.vertices[used], rig.bones_of[used], rig.weights[used])
        assert points[:, 1].min() == pytest.approx(0.0, abs=0.003), key
        assert beyond_limits(angles_of(poser, placed)) == [], key
        written = lay(poser, asana.stance, asana) if asana.rests_on else placed
        given_way = np.abs(angles_of(poser, placed) - angles_of(poser, written))[BENDS]
        assert np.all(given_way < GIVES_WAY_DEG), key
        touching = skin.contact_heights(skin.heights(posed), asana.rests_on)
        assert np.all(touching < 0.01), f"{key}: {dict(zip(asana.rests_on, touching, strict=True))}"


@pytest.mark.parametrize("name", CASTS)
def test_truth_of_the_demo_is_what_was_filmed(name: str, body_folder: Path) -> None:
    poser = Poser(figure.build(body_folder, CASTS[name].shape))
    performance = Performance(poser, DEMO, CASTS[name].manner)
    known = film_truth(performance, DEMO, CASTS[name].camera)
    filmed = json.loads((DEMO_FOLDER / "truth.json").read_text())[name]
    assert known == {key: filmed[key] for key in known}
    assert set(filmed) - set(known) == {"frames", "fps"}


def test_the_rig_is_whole_and_its_left_is_left(body_folder: Path) -> None:
    body = figure.build(body_folder, figure.Shape())
    rig = body.rig
    assert rig.weights[np.unique(body.mesh.triangles["body"])].sum(axis=1) == pytest.approx(1.0)
    assert rig.head("wrist.L") * (-1, 1, 1) == pytest.approx(rig.head("wrist.R"), abs=2e-3)
    assert rig.head("wrist.L")[0] > 0
