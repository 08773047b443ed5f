"""The process of one job: takes it from stdin, does it within its limits, tells of it on stdout.

Lines of JSON: `{"stage", "share"}` any number of times, then `{"result"}` or `{"error"}`. It ends
when stdin does: the worker that started it is gone.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

import structlog

from coach_server.errors import CoachError, InternalError
from coach_server.library.jobs.limits import JobLimits, is_too_large_a_file
from coach_server.library.jobs.memory import MemoryWatch
from coach_server.library.jobs.performer import Performer, Workplace
from coach_server.logs import logs_to_stderr
from coach_server.settings import load_settings

_TELL_EVERY_S: Final = 0.25


class Teller:
    """Tells the worker how far the job is, now and then."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._told: tuple[str, float] = ("", 0.0)

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """As `Progress`: `done` of `total` of the whole job."""
        now = time.monotonic()
        last_stage, at = self._told
        if stage != last_stage or now - at >= _TELL_EVERY_S:
            self._told = (stage, now)
            self.say({"stage": stage, "share": min(done / total, 1.0) if total else None})

    def say(self, message: Mapping[str, Any]) -> None:
        """One line."""
        line = json.dumps(message).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]


def main(performers: Mapping[str, Performer] | None = None) -> None:
    """Do the job that stands on stdin.

    Args:
        performers: by the kind of job; the real ones where None.
    """
    teller = Teller(os.dup(1))
    os.dup2(2, 1)  # what a library prints goes to the log
    settings = load_settings()
    logs_to_stderr(settings.log_format)
    limits = JobLimits.of(settings)
    limits.apply()
    memory = MemoryWatch(limits.memory_mb << 20)
    with open(0, "rb", buffering=0, closefd=False) as stdin:  # a descriptor
        asked = json.loads(stdin.readline())
    threading.Thread(target=_end_with_worker, name="lifeline", daemon=True).start()
    try:
        if performers is None:
            from coach_server.library.jobs.performers import PERFORMERS  # heavy

            performers = PERFORMERS
        place = Workplace(settings, asked["id"])
        teller.say({"result": performers[asked["kind"]](place, asked["arguments"], teller)})
    except Exception as error:  # noqa: BLE001  # the process's edge: untold, it would seem killed
        teller.say(_told(error, limits, memory))


def _told(error: Exception, limits: JobLimits, memory: MemoryWatch) -> dict[str, Any]:
    if memory.is_cause_of(error):
        return limits.out_of_memory().as_dict()
    if is_too_large_a_file(error):
        return limits.out_of_disk().as_dict()
    if isinstance(error, CoachError):
        return error.as_dict()
    structlog.get_logger(__name__).error("the job failed", exc_info=error)
    return InternalError(
        "Something went wrong in the job.",
        hint="Try it again; the server's log says more.",
    ).as_dict()


def _end_with_worker() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
