"""Engines on the GPU, ready to plug in: plans that are missing are built first."""

import hashlib
from pathlib import Path
from typing import Final

import numpy as np

from coach_server.inference.batching.gathering import BatchRules, Counts
from coach_server.inference.batching.places import Places
from coach_server.inference.keypoint_rcnn.detector import DECODER_VERSION, RcnnDetector
from coach_server.inference.keypoint_rcnn.sighting import Sighting
from coach_server.inference.lifters import MOST_STUDENTS, fingerprint, unknown_family
from coach_server.inference.protocols import Frame, KeypointDetector, Lifter, Progress
from coach_server.inference.recipe import Recipe
from coach_server.inference.tensorrt.accelerator import Accelerator, plans_of, weights_of
from coach_server.inference.tensorrt.lifter_plans import LifterPlans
from coach_server.inference.tensorrt.rcnn_engine import RcnnEngine
from coach_server.inference.tensorrt.rcnn_plans import RcnnPlans
from coach_server.inference.tensorrt.static_step import own_stream
from coach_server.inference.torch_graphs.graphs import GRAPH_VERSION
from coach_server.inference.videopose.causal_lifter import LIFTER_VERSION, CausalLifter
from coach_server.inference.videopose.encoding import ENCODING_VERSION
from coach_server.inference.videopose.lift_engine import Lifted, LiftEngine, LiftStep, SlotPool

_GATHER_S: Final = 0.003
"""For so long a batch waits for more frames: a tenth of the time between two of a student's."""


class RcnnMaker:
    """A Keypoint R-CNN as a `DetectorMaker`.

    Args:
        recipe: of the model.
        plans: of its network.
        cache: the cache folder of the settings.
        accelerator: where it runs.
        shared: whether students run side by side.
        progress: is told how far plans that are missing have come.

    Raises:
        EngineError: a plan cannot be built, or is refused.
    """

    def __init__(
        self,
        recipe: Recipe,
        plans: RcnnPlans,
        cache: Path,
        accelerator: Accelerator,
        *,
        shared: bool,
        progress: Progress | None = None,
    ) -> None:
        self.name = recipe.name
        # Of the weights themselves: their makers do not publish a hash of every file.
        said = f"{recipe.name} {plans.weights} {(DECODER_VERSION, GRAPH_VERSION)}"
        self.fingerprint = f"{recipe.name}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
        self.device = accelerator.device.type
        self.provider = accelerator.provider
        builder = accelerator.builder(cache, progress)
        # Who is alone has a frame at a time, and an engine of their own, which takes memory.
        most = (max if shared else min)(batch for _, batch in plans.wanted)
        wanted = {key: one for key, one in plans.wanted.items() if key[1] <= most}
        for one in wanted.values():
            builder.ready(one)

        def make() -> RcnnEngine:
            own_stream(accelerator.device)
            return plans.engine({key: builder.load(one) for key, one in wanted.items()})

        rules = BatchRules(most=most, workers=1, gather_s=_GATHER_S)
        self._places: Places[Frame, Sighting] = Places(
            make, name="keypoint rcnn", shared=shared, rules=rules
        )
        self._places.ready()

    def new(self) -> KeypointDetector:
        """A detector for one student; for one thread at a time."""
        return RcnnDetector(self.name, self.fingerprint, self._places.place())

    def counts(self) -> dict[str, Counts]:
        """As `DetectorMaker.counts`."""
        return {self._places.name: self._places.counts}

    def close(self) -> None:
        """End the thread that runs the network."""
        self._places.close()


class GpuLifterMaker:
    """A lifter as a `LifterMaker`, with its students' state on the GPU.

    Args:
        recipe: of the lifter, which has a network.
        plans: of that network.
        cache: the cache folder of the settings.
        accelerator: where it runs.
        shared: whether students run side by side.
        progress: is told how far plans that are missing have come.

    Raises:
        EngineError: a plan cannot be built, or is refused.
    """

    def __init__(
        self,
        recipe: Recipe,
        plans: LifterPlans,
        cache: Path,
        accelerator: Accelerator,
        *,
        shared: bool,
        progress: Progress | None = None,
    ) -> None:
        table = recipe.network
        if table is None:
            raise unknown_family(recipe)
        self.name = recipe.name
        self.fingerprint = fingerprint((recipe,), LIFTER_VERSION, ENCODING_VERSION)
        self.device = accelerator.device.type
        self.provider = accelerator.provider
        self._encoding = table.encoding
        self._rows = 2 if table.mirrored else 1
        builder = accelerator.builder(cache, progress)
        most = (max if shared else min)(plans.wanted)
        wanted = {batch: one for batch, one in plans.wanted.items() if batch <= most}
        for one in wanted.values():
            builder.ready(one)
        capacity = MOST_STUDENTS * self._rows if shared else self._rows
        self._slots = SlotPool(capacity) if shared else None
        students = max(1, most // self._rows)

        def make() -> LiftEngine:
            own_stream(accelerator.device)
            calls = {batch: builder.load(one) for batch, one in wanted.items()}
            return LiftEngine(plans.streams(calls, capacity), students)

        rules = BatchRules(most=students, workers=1, gather_s=_GATHER_S)
        self._places: Places[LiftStep, Lifted] = Places(
            make, name="lifter", shared=shared, rules=rules
        )
        self._places.ready()

    def new(self) -> Lifter:
        """A lifter for one student; for one thread at a time.

        Raises:
            FullError: there is no place for one more.
        """
        pool = self._slots
        slots = np.arange(self._rows) if pool is None else pool.lend(self._rows)
        place = self._places.place()
        if pool is None:
            return CausalLifter(self.name, self.fingerprint, place, slots, self._encoding)
        return CausalLifter(
            self.name,
            self.fingerprint,
            place,
            slots,
            self._encoding,
            lambda: pool.give_back(slots),
        )

    def counts(self) -> dict[str, Counts]:
        """As `LifterMaker.counts`."""
        return {self._places.name: self._places.counts}

    def close(self) -> None:
        """End the thread that runs the network."""
        self._places.close()


def rcnn_maker(
    recipe: Recipe,
    cache: Path,
    *,
    shared: bool,
    progress: Progress | None = None,
    accelerator: Accelerator | None = None,
) -> RcnnMaker:
    """A Keypoint R-CNN on this machine's GPU, which `devices.choose` has found fit.

    Its weights are fetched first where they are missing, its plans built where they are.

    Raises:
        EngineError: the weights cannot be had; a plan cannot be built, or is refused.
    """
    gpu = accelerator or Accelerator.this_gpu()
    plans = plans_of(recipe, weights_of(recipe, cache, progress), gpu)
    if not isinstance(plans, RcnnPlans):
        raise unknown_family(recipe)
    return RcnnMaker(recipe, plans, cache, gpu, shared=shared, progress=progress)


def lifter_maker(
    recipe: Recipe,
    cache: Path,
    *,
    shared: bool,
    progress: Progress | None = None,
    accelerator: Accelerator | None = None,
) -> GpuLifterMaker:
    """A lifter on this machine's GPU, which `devices.choose` has found fit.

    Raises:
        EngineError: a plan cannot be built, or is refused; or the network looks ahead.
    """
    gpu = accelerator or Accelerator.this_gpu()
    plans = plans_of(recipe, weights_of(recipe, cache, progress), gpu)
    if not isinstance(plans, LifterPlans):
        raise unknown_family(recipe)
    return GpuLifterMaker(recipe, plans, cache, gpu, shared=shared, progress=progress)
