"""What the rest of the server sees of the models."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from coach_server.errors import EngineError
from coach_server.inference.engines import Engines, list_engines
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.protocols import KeypointDetector, Lifter, Rgb
from coach_server.inference.recipe import Recipes

pytestmark = pytest.mark.engine


def test_what_runs_is_said(engines: Engines) -> None:
    assert engines.device == "cpu"
    assert engines.describe() == {
        "device": "cpu",
        "keypoints": "blazepose-full",
        "lifter": "blazepose-world",
        "provider": "CPUExecutionProvider",
        "lifter_provider": "numpy",
    }


@pytest.mark.skipif(find_spec("detectron2") is not None, reason="Detectron2 is installed")
def test_detectron2s_own_says_how_it_is_installed(engine_cache: Path) -> None:
    with pytest.raises(EngineError, match="this engine is Detectron2's own, ") as refused:
        Engines.load(
            engine_cache, keypoints="detectron2-r50", lifter="blazepose-world", device="cpu"
        )
    assert "install" in refused.value.hint


def test_what_cannot_run_is_known_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="run on a GPU only"):
        Engines.check(
            tmp_path, keypoints="keypoint-rcnn-r50", lifter="videopose3d", device="cpu", live=True
        )
    places = Engines.check(
        tmp_path, keypoints="blazepose-full", lifter="videopose3d", device="cpu", live=True
    )
    assert places == {"blazepose-full": "cpu", "videopose3d": "cpu"}
    assert not list(tmp_path.iterdir())


def test_nobodys_routines_are_watched_anew_for_nothing(engine_cache: Path) -> None:
    """Other fingerprints make every server do that: only other poses are worth it."""
    made = Engines.load(
        engine_cache, keypoints="blazepose-full", lifter="videopose3d", device="cpu"
    )
    assert made.fingerprints() == {
        "keypoints": "blazepose-full:ec0d856d8762f451",
        "lifter": "videopose3d:78969b9d510ca7d9",
    }


def test_each_student_gets_engines_of_their_own(engines: Engines) -> None:
    detectors: list[KeypointDetector] = [engines.new_detector() for _ in range(2)]
    lifters: list[Lifter] = [engines.new_lifter() for _ in range(2)]
    assert detectors[0] is not detectors[1]
    assert {detector.name for detector in detectors} == {"blazepose-full"}
    assert {lifter.name for lifter in lifters} == {"blazepose-world"}
    assert detectors[0].fingerprint == engines.fingerprints()["keypoints"]
    assert lifters[0].fingerprint == engines.fingerprints()["lifter"]


def test_on_a_cpu_a_student_is_lifted_in_their_own_thread(
    engine_cache: Path, engines: Engines, person_frames: list[Rgb]
) -> None:
    lifters = LoadedLifter.load(Recipes.known(engine_cache), "videopose3d", "cpu", shared=True)
    one, other = lifters.new(), lifters.new()
    keypoints = engines.new_detector().detect(person_frames[0])
    assert keypoints is not None
    first, second = one.lift(keypoints, 0.0), other.lift(keypoints, 0.0)
    np.testing.assert_array_equal(first.joints, second.joints)
    assert lifters.counts()["lifter"].asks == 0  # nobody was asked but the student's own network
    lifters.close()


def test_a_picture_becomes_a_pose(engines: Engines, person_frames: list[Rgb]) -> None:
    keypoints = engines.new_detector().detect(person_frames[0])
    assert keypoints is not None
    pose = engines.new_lifter().lift(keypoints, 0.0)
    assert pose.joints.shape == pose.sigma.shape == (17, 3)


def test_loading_again_needs_no_network(
    engines: Engines, engine_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        pytest.fail("a process was started though everything is in the cache")

    monkeypatch.setattr("subprocess.Popen", fail)
    again = Engines.load(
        engine_cache, keypoints="blazepose-full", lifter="blazepose-world", device="auto"
    )
    assert again.fingerprints() == engines.fingerprints()


def test_other_models_have_other_fingerprints(engines: Engines) -> None:
    fingerprints = engines.fingerprints()
    assert fingerprints["keypoints"].startswith("blazepose-full:")
    assert fingerprints["lifter"].startswith("blazepose-world:")


@pytest.mark.parametrize(
    ("keypoints", "lifter", "message"),
    [
        ("openpose", "blazepose-world", "no keypoints model called 'openpose'"),
        ("blazepose-detector", "blazepose-world", "no keypoints model"),
        ("blazepose-full", "blazepose-full", "no lifter model called 'blazepose-full'"),
    ],
)
def test_an_unknown_name(tmp_path: Path, keypoints: str, lifter: str, message: str) -> None:
    with pytest.raises(EngineError, match=message) as failure:
        Engines.load(tmp_path, keypoints=keypoints, lifter=lifter, device="cpu")
    assert failure.value.hint.startswith("choose one of: blazepose")
    assert list(tmp_path.iterdir()) == []


def test_listing(engines: Engines, engine_cache: Path) -> None:
    assert engines.device
    listed = {engine.name: engine for engine in list_engines(engine_cache)}
    assert listed["blazepose-full"].pulled
    assert listed["blazepose-full"].size == 6440512
    assert listed["blazepose-full"].licence == "Apache-2.0"
    assert listed["blazepose-world"].pulled  # it needs no weights
    assert listed["blazepose-world"].size == 0


def test_listing_an_empty_cache(tmp_path: Path) -> None:
    pulled = {engine.name for engine in list_engines(tmp_path) if engine.pulled}
    assert pulled == {"blazepose-world", "videopose3d"}  # it has no weights; they are with us
