"""The paper model as tables: what a frame costs, and how many students that leaves room for."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from scripts.engine_costs.cost import GTX_1660_TI, PROCESSORS, V100, Cost, Processor, total
from scripts.engine_costs.engines import Engine, Staged

BATCHES: Final = (1, 16)
FRAMES_A_SECOND: Final = 30
RTMPOSE_M: Final = Cost(2 * 1.93e9, 0)
"""Its authors' count (Jiang et al. 2023) of multiply-adds, twice; bytes they do not give."""
RTMPOSE_M_S: Final = 1 / 430
KEYPOINT_RCNN_S: Final = 0.066


@dataclass(frozen=True, slots=True)
class Share:
    """What part of its floor a published figure reaches.

    Attributes:
        of: what was measured, and on what.
        reached: floor over measured, 0..1.
    """

    of: str
    reached: float


@dataclass(frozen=True, slots=True)
class Line:
    """One engine, or a stage of one.

    Attributes:
        name: for people.
        frame: what one frame costs, by batch.
        floor_ms: of one frame, by batch and processor.
    """

    name: str
    frame: Mapping[int, Cost]
    floor_ms: Mapping[int, Mapping[str, float]]

    def students(self, processor: Processor, share: float) -> int:
        """How many a GPU has time for, gathered in the largest batch."""
        return students(self.floor_ms[BATCHES[-1]][processor.name], share)


def students(floor_ms: float, share: float) -> int:
    """How many frames of that floor fit into a frame's time, where a share of it is reached."""
    return math.floor(share * 1000 / (FRAMES_A_SECOND * floor_ms))


def line(name: str, costs: Mapping[int, Iterable[Cost]]) -> Line:
    """One line, of the operations of a run by its batch."""
    listed = {batch: list(of) for batch, of in costs.items()}
    return Line(
        name,
        {batch: total(of) / batch for batch, of in listed.items()},
        {
            batch: {p.name: p.floor_s(of) * 1000 / batch for p in PROCESSORS}
            for batch, of in listed.items()
        },
    )


def lines_of(engine: Engine) -> tuple[Line, list[Line]]:
    """An engine as a whole, and its stages."""
    staged = {batch: engine.costs(batch) for batch in BATCHES}
    whole = {batch: [c for costs in of.values() for c in costs] for batch, of in staged.items()}
    stages = [
        line(stage, {batch: of[stage] for batch, of in staged.items()})
        for stage in staged[BATCHES[0]]
    ]
    return line(engine.name, whole), stages


def shares(zoo: Staged) -> tuple[Share, Share]:
    """The least and the most that published figures reach of their floors."""
    eager = sum(V100.floor_s(costs) for costs in zoo.values())
    rtmpose = GTX_1660_TI.floor_s([RTMPOSE_M])
    return (
        Share("RTMPose-m, TensorRT, GTX 1660 Ti", rtmpose / RTMPOSE_M_S),
        Share("Keypoint R-CNN R50, eager, V100", eager / KEYPOINT_RCNN_S),
    )


def stage_table(stages: Iterable[Line]) -> str:
    """What each stage costs a frame."""
    rows = [
        (stage.name, *_costs(stage), *(_ms(stage, processor) for processor in PROCESSORS))
        for stage in stages
    ]
    return _markdown(("stage", *_HEADS), rows)


def engine_table(engines: Iterable[Line], reached: tuple[Share, Share]) -> str:
    """What each engine costs a frame, and how many students a GPU has room for."""
    rows = []
    for engine in engines:
        rooms = []
        for processor in PROCESSORS:
            least, most = (engine.students(processor, share.reached) for share in reached)
            rooms.append(f"{_ms(engine, processor)}; {_short(least)} to {_short(most)}")
        rows.append((engine.name, *_costs(engine), *rooms))
    heads = (*_HEADS[:3], *(f"{p.name}: ms; students" for p in PROCESSORS))
    return _markdown(("engine", *heads), rows)


def as_json(engines: Iterable[tuple[Line, list[Line]]], reached: Iterable[Share]) -> dict[str, Any]:
    """All figures."""
    return {
        "engines": [{**asdict(whole), "stages": [asdict(s) for s in of]} for whole, of in engines],
        "shares": [asdict(share) for share in reached],
        "processors": [asdict(processor) for processor in PROCESSORS],
    }


_HEADS: Final = (
    "10⁹ multiply-adds",
    "MB",
    "MB in a batch of 16",
    *(f"{processor.name}, ms" for processor in PROCESSORS),
)


def _costs(of: Line) -> tuple[str, ...]:
    alone = of.frame[BATCHES[0]]
    return (
        f"{alone.operations / 2e9:.3g}",
        *(f"{float(f'{of.frame[batch].bytes / 1e6:.2g}'):,.6g}" for batch in BATCHES),
    )


def _ms(of: Line, processor: Processor) -> str:
    return f"{of.floor_ms[BATCHES[-1]][processor.name]:.2g}"


def _short(count: int) -> str:
    """Two digits of it: a model gives no more."""
    digits = max(0, len(str(count)) - 2)
    return f"{round(count, -digits):,}"


def _markdown(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    listed = [tuple(heads), *rows]
    rule = tuple("---" for _ in listed[0])
    return "\n".join(f"| {' | '.join(row)} |" for row in (listed[0], rule, *listed[1:]))
