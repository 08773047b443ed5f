"""Loading the engines of a process that serves students."""

import gc

from coach_server import heap
from coach_server.inference.engines import Engines
from coach_server.inference.protocols import Progress
from coach_server.library.prepare import retrack_stale
from coach_server.library.store import RoutineLibrary
from coach_server.sessions.boot import Loader
from coach_server.settings import Settings


def engine_loader(settings: Settings, library: RoutineLibrary) -> Loader:
    """Loads the engines, then brings up to them the routines that others tracked."""

    def load(tell: Progress) -> Engines:
        engines = Engines.load(
            settings.cache,
            keypoints=settings.keypoints,
            lifter=settings.lifter,
            device=settings.device,
            shared=True,
            progress=tell,
        )
        retrack_stale(library, engines, tell)
        # What is loaded by now stays: without this the collector walks all of it now and then,
        # which holds the event loop for a tenth of a second.
        gc.collect()
        gc.freeze()
        heap.give_back()
        return engines

    return load
