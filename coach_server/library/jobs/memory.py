"""Whether a job failed because memory was short, which those who ran out of it seldom say.

Python and PyAV raise MemoryError; onnxruntime says it in a sentence; and FFmpeg's decoders, where
they get none, call the film damaged. So one looks how near the process has come to its limit.
"""

import os
import threading
from pathlib import Path
from typing import Final

_SENTENCES: Final = ("bad_alloc", "allocate memory")
_NEAR: Final = 0.85
"""From this share of the limit on, whatever then fails is put down to it."""
_LOOK_S: Final = 0.1
_DATA: Final = 5
"""Which number in `statm` counts the pages of data."""


class MemoryWatch:
    """Looks now and then how much data this process has, from its making on.

    Args:
        limit: bytes of data that it may have.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._most = 0
        threading.Thread(target=self._look, name="memory watch", daemon=True).start()

    def is_cause_of(self, error: BaseException) -> bool:
        """Whether memory was short, however that was wrapped on its way up."""
        if self._most >= _NEAR * self._limit:
            return True
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, MemoryError) or any(part in str(cause) for part in _SENTENCES):
                return True
            cause = cause.__cause__ or cause.__context__
        return False

    def _look(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        statm = Path("/proc/self/statm")
        stop = threading.Event()
        while statm.exists():  # elsewhere than on Linux one has the errors' word alone
            self._most = max(self._most, int(statm.read_bytes().split()[_DATA]) * page)
            stop.wait(_LOOK_S)
