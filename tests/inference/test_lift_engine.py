"""The lifter of many students at once: each is lifted as though they were alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.paper_network import random_state

from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.errors import FullError
from coach_server.inference.batching.engine import Direct
from coach_server.inference.lifters import LoadedLifter
from coach_server.inference.onnx_runtime import load_model
from coach_server.inference.recipe import NetworkTable, Recipe, Role
from coach_server.inference.videopose.encoding import Encoding
from coach_server.inference.videopose.folding import folded
from coach_server.inference.videopose.lift_engine import LiftEngine, LiftStep, SlotPool
from coach_server.inference.videopose.streaming_graph import streaming_model
from coach_server.inference.videopose.streams import Streams

pytestmark = pytest.mark.unit

NETWORK = folded(random_state((3, 3), 32, Encoding.BOX.features, 102), causal=True)
MODEL = load_model(streaming_model(NETWORK, "tiny"), "tiny", "cpu")
TABLE = NetworkTable(
    encoding=Encoding.BOX, widths=(3, 3), channels=32, causal=True, spread=True, mirrored=True
)
RECIPE = Recipe(
    name="tiny", role=Role.LIFTER, family="videopose3d", summary="", licence="", copyright=""
)


def loaded(*, shared: bool) -> LoadedLifter:
    return LoadedLifter(RECIPE, (MODEL, TABLE), shared=shared)


def seen(student: int, t: float) -> Keypoints:
    rng = np.random.default_rng(student)
    points = rng.uniform(0.2, 0.8, (17, 3)) + 0.1 * np.sin(3 * t + student)
    return Keypoints(points.astype(np.float32), np.zeros(17, np.float32), None, (640, 480))


def practised(lifters: LoadedLifter, student: int, frames: int = 25) -> FloatArray:
    lifter = lifters.new()
    # 15 frames a second, so that there are frames between; a gap, after which it begins anew
    times = [i / 15 + (1.0 if i > 15 else 0.0) for i in range(frames)]
    poses = np.stack([lifter.lift(seen(student, t), t).joints for t in times])
    lifter.close()
    return poses


def test_students_side_by_side_are_lifted_as_though_alone() -> None:
    expected = [practised(loaded(shared=False), student) for student in range(6)]
    shared = loaded(shared=True)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda student: practised(shared, student), range(6)))
    for answer, alone in zip(answers, expected, strict=True):
        np.testing.assert_allclose(answer, alone, atol=1e-5)
    counts = shared.counts()["lifter"]
    assert counts.asks > 6 * 25
    assert counts.batches <= counts.asks
    shared.close()


def test_who_goes_makes_room() -> None:
    pool = SlotPool(4)
    first, second = pool.lend(2), pool.lend(2)
    assert not set(first) & set(second)
    with pytest.raises(FullError):
        pool.lend(1)
    pool.give_back(first)
    assert set(pool.lend(2)) == set(first)


def test_an_engine_that_took_anothers_place_begins_with_who_it_does_not_know() -> None:
    frames = np.random.default_rng(1).normal(size=(3, 1, Encoding.BOX.features))
    frames = frames.astype(np.float32)
    slots = np.array([2])

    def engine() -> LiftEngine:
        return LiftEngine(Streams(MODEL, NETWORK.architecture, 4), 4)

    old, new = Direct(engine()), Direct(engine())
    old.ask(LiftStep(slots, frames[0], begins=True))
    old.ask(LiftStep(slots, frames[1]))
    joints, _ = new.ask(LiftStep(slots, frames[2]))
    expected, _ = Direct(engine()).ask(LiftStep(slots, frames[2], begins=True))
    np.testing.assert_array_equal(joints, expected)


def test_a_lifter_is_closed_once() -> None:
    shared = loaded(shared=True)
    for _ in range(200):  # more than there are places
        lifter = shared.new()
        lifter.close()
        lifter.close()
    shared.close()
