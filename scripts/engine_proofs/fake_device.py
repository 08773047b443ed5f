"""A GPU that is not there, for a compiler that only wants to know what it compiles for.

Importing torch_tensorrt and partitioning a graph ask what the device is, and nothing else of it. It
is faked here alone, never in the package, and nothing can run on it.
"""

from types import SimpleNamespace
from typing import Any, Final

import torch

_MEMORY: Final = 24 << 30


def fake_device() -> None:
    """Have torch say that there is a GPU; before torch_tensorrt is imported."""
    properties: Any = SimpleNamespace(
        name="no GPU: a fake for the compiler",
        major=8,
        minor=9,
        total_memory=_MEMORY,
        multi_processor_count=128,
    )
    torch.cuda.get_device_capability = lambda *_: (8, 9)
    torch.cuda.current_device = lambda: 0
    torch.cuda.get_device_properties = lambda *_: properties
    torch.cuda.mem_get_info = lambda *_: (_MEMORY, _MEMORY)
