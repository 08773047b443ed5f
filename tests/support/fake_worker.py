"""A worker with fake engines and lessons: a program that `Workers` starts in the tests.

What it does amiss is told by the variable FAULT: `load` (the engines cannot be had), `loading`
(that they are loaded never ends), `exit` (it ends at once), or `hang` (its engine hangs in the
frame after the fifth).
"""

import itertools
import os
import sys
import time
from collections.abc import Callable

from coach_server.errors import EngineError
from coach_server.inference.protocols import Progress
from coach_server.sessions import one_process
from coach_server.sessions.workers.process import Worker, run
from coach_server.settings import load_settings
from support.live_server import FakeEngines, FakeLessons


def load(tell: Progress) -> FakeEngines:
    tell("fetching a model", 1, 4)
    if os.environ.get("FAULT") == "load":
        raise EngineError("the download is broken", hint="try again", code="no_model")
    time.sleep(600 if os.environ.get("FAULT") == "loading" else 0.05)
    return FakeEngines()


def hang_after(frames: int) -> Callable[[], None]:
    """A coach that hangs in the frame after so many."""
    steps = itertools.count()
    return lambda: time.sleep(600 if next(steps) == frames else 0)


def main() -> None:
    one_process.KEEP_SHARE = 1.0  # type: ignore[misc]  # keeping is not to wait for a busy machine
    if os.environ.get("FAULT") == "exit":
        sys.exit(3)
    hangs = os.environ.get("FAULT") == "hang"
    lessons = FakeLessons(hang_after(5)) if hangs else FakeLessons()
    worker = Worker(
        load_settings(),
        load=load,
        lessons_of=lambda _engines: lessons,
        cores=float(sys.argv[2]),
        keep_every_s=0.2,
    )
    run(worker)


if __name__ == "__main__":
    main()
