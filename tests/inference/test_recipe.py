"""The recipes that we ship, and what is said of a broken one."""

from pathlib import Path

import pytest

from coach_server.errors import EngineError, InternalError
from coach_server.inference.recipe import Recipes, Role
from coach_server.resources import packaged
from coach_server.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture
def shipped() -> Recipes:
    return Recipes(packaged("engines"))


def test_what_is_shipped(shipped: Recipes) -> None:
    assert {recipe.name: recipe.role for recipe in shipped.all()} == {
        "blazepose-detector": Role.PERSON_DETECTOR,
        "blazepose-full": Role.KEYPOINTS,
        "blazepose-heavy": Role.KEYPOINTS,
        "blazepose-lite": Role.KEYPOINTS,
        "blazepose-world": Role.LIFTER,
        "detectron2-r101": Role.KEYPOINTS,
        "detectron2-r50": Role.KEYPOINTS,
        "keypoint-rcnn-r101": Role.KEYPOINTS,
        "keypoint-rcnn-r50": Role.KEYPOINTS,
        "keypoint-rcnn-r50-torchvision": Role.KEYPOINTS,
        "videopose3d": Role.LIFTER,
    }


def test_every_licence_is_said(shipped: Recipes) -> None:
    licences = {recipe.name: recipe.licence for recipe in shipped.all()}
    for name in ("keypoint-rcnn-r50", "keypoint-rcnn-r101", "detectron2-r50", "detectron2-r101"):
        assert licences.pop(name) == "CC-BY-SA-3.0"  # Detectron2's model zoo
    assert licences.pop("keypoint-rcnn-r50-torchvision") == "BSD-3-Clause"
    assert set(licences.values()) == {"Apache-2.0"}


def test_the_default_needs_pip_alone(shipped: Recipes) -> None:
    for recipe in shipped.with_needs(Settings().keypoints):
        assert recipe.sources[0].kind == "pypi"


def test_the_default_lifter_is_there(shipped: Recipes) -> None:
    assert shipped.get(Settings().lifter, Role.LIFTER)


def test_needs_come_first(shipped: Recipes) -> None:
    names = [recipe.name for recipe in shipped.with_needs("blazepose-lite")]
    assert names == ["blazepose-detector", "blazepose-lite"]


def test_an_unknown_name_is_answered_with_those_there_are(shipped: Recipes) -> None:
    with pytest.raises(EngineError, match="no keypoints model called 'movenet'") as failure:
        shipped.get("movenet", Role.KEYPOINTS)
    assert failure.value.hint.startswith("choose one of: blazepose-full, blazepose-heavy, blaze")
    assert "videopose3d" not in failure.value.hint


def test_a_lifter_is_no_keypoint_model(shipped: Recipes) -> None:
    with pytest.raises(EngineError, match="no keypoints model"):
        shipped.get("blazepose-world", Role.KEYPOINTS)


@pytest.mark.parametrize(
    "text",
    [
        "name = ",
        'name = "broken"',
        'name = "other"\nrole = "lifter"\nfamily = ""\nsummary = ""\nlicence = ""\ncopyright = ""',
        'name = "broken"\nrole = "cook"\nfamily = ""\nsummary = ""\nlicence = ""\ncopyright = ""',
    ],
)
def test_a_malformed_recipe_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.toml").write_text(text)
    with pytest.raises(InternalError, match=r"broken\.toml"):
        Recipes(tmp_path)
