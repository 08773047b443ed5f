"""With the real body data, where it has been pulled (`python -m scripts.render_demo` does)."""

from pathlib import Path

import numpy as np
import pytest

from coach_server.settings import Settings
from scripts.studio import body_data, figure
from scripts.studio.asanas import ASANAS
from scripts.studio.casts import CASTS
from scripts.studio.footwork import place
from scripts.studio.posing import Poser

pytestmark = pytest.mark.unit


@pytest.fixture
def body_folder() -> Path:
    cache = Settings().cache
    folder = body_data.folder_in(cache)
    if not folder.is_dir():
        pytest.skip("the studio's body data has not been pulled here")
    return folder


@pytest.mark.parametrize("name", CASTS)
def test_soles_are_on_the_floor_in_every_pose(name: str, body_folder: Path) -> None:
    body = figure.build(body_folder, CASTS[name].shape)
    skin = np.unique(body.mesh.triangles["body"])
    assert 1.4 < body.vertices[skin, 1].max() < 2.0
    poser, rig, before = Poser(body), body.rig, None
    for asana in ASANAS.values():
        before = place(poser, asana, before)
        posed = poser.pose(before.stance, before.pelvis)
        points = poser.skin(posed, body.vertices[skin], rig.bones_of[skin], rig.weights[skin])
        assert points[:, 1].min() == pytest.approx(0.0, abs=0.003)


def test_the_rig_is_whole_and_its_left_is_left(body_folder: Path) -> None:
    body = figure.build(body_folder, figure.Shape())
    rig = body.rig
    assert rig.weights[np.unique(body.mesh.triangles["body"])].sum(axis=1) == pytest.approx(1.0)
    assert rig.head("wrist.L") * (-1, 1, 1) == pytest.approx(rig.head("wrist.R"), abs=2e-3)
    assert rig.head("wrist.L")[0] > 0
