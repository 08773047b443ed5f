"""What a torch graph costs, counted while it runs on shapes alone: no number is computed.

A compiler fuses what goes value by value into the convolution or product before it, and views cost
nothing: so only operations that move values are charged with bytes, each with all that it reads
(weights among it) and writes. Concatenations are charged to who reads them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from coach_server.inference.torch_graphs import one_person_rcnn
from coach_server.inference.torch_graphs.graphs import EngineGraph
from coach_server.inference.torch_graphs.roi_align import pooled
from scripts.engine_costs.cost import Cost

Operation: TypeAlias = Any
Values: TypeAlias = Any
"""An operation of aten, and what it takes or gives: torch's dispatch has no types for them."""

_MOVING: Final = {
    "convolution",
    "mm",
    "addmm",
    "bmm",
    "baddbmm",
    "max_pool2d_with_indices",
    "avg_pool2d",
    "grid_sampler_2d",
    "upsample_bilinear2d",
    "upsample_nearest2d",
    "gather",
    "topk",
    "_softmax",
    "_to_copy",
}
"""Operations of aten that are kernels of their own."""
_PICKING: Final = "gather"
"""Reads of its first input no more than it gives."""
_SAMPLING: Final = "grid_sampler_2d"
_PER_SAMPLE: Final = 8
"""Operations of bilinear interpolation, a value."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Where one stage of a graph ends and the next begins.

    Attributes:
        first: where it begins.
        modules: stages by the names of the modules that open them.
        regions: stages that the calls of ROIAlign open, one after the other.
    """

    first: str
    modules: Mapping[str, str]
    regions: tuple[str, ...] = ()


WHOLE: Final = Stages("whole", {})
RCNN: Final = Stages(
    "backbone",
    {
        "backbone.lateral.3": "FPN",
        "proposer.0": "proposals",
        "box_head.0": "box head",
        "keypoint_head.0": "keypoint head",
    },
    ("ROIAlign, boxes", "ROIAlign, keypoints"),
)


def costs_of(graph: EngineGraph, stages: Stages = WHOLE) -> dict[str, list[Cost]]:
    """By stage, the costs of each operation of one run over the whole batch."""
    counter = _Counter(stages)
    module = graph.module.to("meta")
    hooks = [
        part.register_forward_pre_hook(counter.opener(stages.modules[name]))
        for name, part in module.named_modules()
        if name in stages.modules
    ]
    inputs = [tensor.to("meta") for tensor in graph.inputs.values()]
    marked = patch.object(one_person_rcnn, "pooled", counter.regions())
    with marked, torch.no_grad(), counter:
        module(*inputs)
    for hook in hooks:
        hook.remove()
    return counter.costs


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's base has no types
    def __init__(self, stages: Stages) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.costs: dict[str, list[Cost]] = {stages.first: []}
        self._stages = stages
        self._stage = stages.first

    def opener(self, stage: str) -> Callable[[nn.Module, object], None]:
        """A hook that begins a stage."""

        def begin(_module: nn.Module, _arguments: object) -> None:
            self._begin(stage)

        return begin

    def regions(self) -> Callable[..., Tensor]:
        """ROIAlign, each call of which begins the next of its stages."""
        stages = iter(self._stages.regions)

        def marked(*arguments: Values) -> Tensor:
            self._begin(next(stages))
            return pooled(*arguments)

        return marked

    def __torch_dispatch__(
        self, func: Operation, types: Values, args: Values = (), kwargs: Values = None
    ) -> object:
        answer = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in _MOVING:
            written = list(_tensors(answer))
            read = [*written, args[2]] if name == _PICKING else list(_tensors(args))
            operations = _operations(func, name, args, kwargs or {}, answer)
            size = sum(tensor.numel() * tensor.element_size() for tensor in read + written)
            single = operations if written[0].dtype == torch.float32 else 0
            self.costs[self._stage].append(Cost(operations, size, single))
        return answer

    def _begin(self, stage: str) -> None:
        self._stage = stage
        self.costs.setdefault(stage, [])


def _operations(func: Operation, name: str, args: Values, kwargs: Values, answer: Values) -> int:
    """Multiplications and additions, counted apart."""
    if name == _SAMPLING:
        return _PER_SAMPLE * int(answer.numel())
    count = flop_registry.get(func.overloadpacket)
    return int(count(*args, **kwargs, out_val=answer)) if count else 0


def _tensors(values: object) -> Iterator[Tensor]:
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)
