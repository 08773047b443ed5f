"""A worker with fake engines and lessons: a program that `Workers` starts in the tests.

What it does amiss is told by the variable FAULT: `load` (the engines cannot be had), or `exit` (it
ends at once).
"""

import os
import sys
import time

from coach_server.errors import EngineError
from coach_server.inference.protocols import Progress
from coach_server.sessions.workers.process import Worker, run
from coach_server.settings import load_settings
from support.live_server import FakeEngines, FakeLessons


def load(tell: Progress) -> FakeEngines:
    tell("fetching a model", 1, 4)
    if os.environ.get("FAULT") == "load":
        raise EngineError("the download is broken", hint="try again", code="no_model")
    time.sleep(0.05)
    return FakeEngines()


def main() -> None:
    if os.environ.get("FAULT") == "exit":
        sys.exit(3)
    lessons = FakeLessons()
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
