"""Work on tensors that stay where they are: as one CUDA graph where there is a GPU.

A graph is launched at once, where a plan and what is around it would be hundreds of launches. It
reads and writes the same memory each time: so inputs are filled in place, and an answer is good
until the next run.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import structlog
import torch
from numpy.typing import NDArray
from torch import Tensor

log = structlog.get_logger(__name__)

Step: TypeAlias = Callable[[], Tensor]
Capture: TypeAlias = Callable[[Step], Step]
WARM_UP: Final = 3
"""Runs before a capture: what is set up at the first must not become part of the graph."""


def static_step(step: Step, device: torch.device, capture: Capture | None = None) -> Step:
    """A step made as fast as the device allows; a CPU's stays as it is.

    Args:
        step: enqueues work on tensors that live as long as it does, and gives the answer's.
        device: where they are.
        capture: makes the graph; that of CUDA where none is given and there is a GPU.
    """
    capture = capture or (captured if device.type == "cuda" else None)
    if capture is None:
        return step
    try:
        return capture(step)
    except RuntimeError as error:  # slower, but right
        log.warning("no CUDA graph can be made, so kernels are launched singly", reason=str(error))
        return step


def captured(step: Step) -> Step:
    """A step as a CUDA graph.

    Raises:
        RuntimeError: something in it cannot be captured.
    """
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch left it without types
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    # Other threads have engines of their own, and may allocate meanwhile.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        answer = step()

    def replay() -> Tensor:
        graph.replay()
        return answer

    return replay


class HostBuffer:
    """Numbers on the host with their like on the device; pinned where there is a GPU.

    Args:
        shape: of both.
        device: of the other.
        dtype: of both.

    Attributes:
        array: those on the host.
        tensor: those on the device.
    """

    def __init__(
        self, shape: tuple[int, ...], device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        self._host = torch.zeros(shape, dtype=dtype, pin_memory=device.type == "cuda")
        self.array: NDArray[Any] = self._host.numpy()
        self.tensor = torch.zeros(shape, dtype=dtype, device=device)

    def send(self, count: int | None = None) -> None:
        """Have the first `count` rows (None: all) go to the device; does not wait.

        The host's must not change before `wait_for` the device.
        """
        self.tensor[:count].copy_(self._host[:count], non_blocking=True)

    def fetch(self, answer: Tensor) -> None:
        """Have an answer on the device come to the first rows of the host's; does not wait."""
        self._host[: len(answer)].copy_(answer, non_blocking=True)


def own_stream(device: torch.device) -> None:
    """Give this thread a stream of its own.

    In torch's usual one, which all threads share, an engine would queue behind the others, and wait
    for them as well.
    """
    if device.type == "cuda":
        stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # torch left it without types
        torch.cuda.set_stream(stream)


def wait_for(device: torch.device) -> None:
    """Wait until all that this thread gave the device to do is done."""
    if device.type == "cuda":
        torch.cuda.current_stream(device).synchronize()
