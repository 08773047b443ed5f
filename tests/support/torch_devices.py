"""Where tests of what runs on a GPU run: on the CPU, and on a GPU too where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

DEVICES: Final = [torch.device("cpu")] + [torch.device("cuda")] * torch.cuda.is_available()
"""On a GPU the same steps are CUDA graphs, in pinned memory."""
EXACT: Final = {"cpu": 2e-5, "cuda": 2e-4}
"""Up to which answers of the order of 1 may differ: sums in another order."""

torch.backends.cudnn.allow_tf32 = False  # as plans are built


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one thread: other tests run beside these, and its threads wait by spinning."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
