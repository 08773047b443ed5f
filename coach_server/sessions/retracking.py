"""Bringing a routine of other engines up to those in use while the server runs."""

import threading

import structlog

from coach_server.errors import BusyError, InputError
from coach_server.inference.protocols import EngineSet
from coach_server.library.prepare import is_stale, retrack
from coach_server.library.store import RoutineLibrary, StoredRoutine

log = structlog.get_logger(__name__)


class Retracker:
    """Tracks routines again that came in beside the server, one at a time, in the background.

    A routine whose film cannot be tracked is left as it is, and practised so: at the server's start
    it would be as well. So is one at which an engine has failed twice.

    Args:
        engines: those in use.
        library: the routines.
    """

    def __init__(self, engines: EngineSet, library: RoutineLibrary) -> None:
        self._engines = engines
        self._library = library
        self._lock = threading.Lock()
        self._working = ""
        self._done = 0
        self._failed: set[str] = set()
        self._tried: set[str] = set()

    def check(self, stored: StoredRoutine) -> None:
        """Let a routine pass that may be practised; begin to track another again.

        Raises:
            BusyError: it is being tracked again, or waits for it.
        """
        routine_id = stored.meta.id
        if not is_stale(stored, self._engines):
            return
        with self._lock:
            if routine_id in self._failed:
                return
            if not self._working:
                self._working, self._done = routine_id, 0
                # a daemon: a film of an hour must not hold the server's end
                threading.Thread(
                    target=self._work, args=(routine_id,), name="retracking", daemon=True
                ).start()
            percent = f" ({self._done} %)" if self._working == routine_id else ""
        raise BusyError(
            "The routine was watched by other engines than those in use, and is being watched "
            f"again{percent}.",
            hint="Try again in a minute.",
            code="retracking",
        )

    def _work(self, routine_id: str) -> None:
        try:
            retrack(self._library, routine_id, self._engines, self._told)
        except InputError as error:
            log.warning("routine_not_tracked_again", routine=routine_id, reason=error.message)
            if not isinstance(error, BusyError):
                self._failed.add(routine_id)
        except Exception:  # a thread's end is heard by nobody
            log.exception("routine_not_tracked_again", routine=routine_id)
            if routine_id in self._tried:
                self._failed.add(routine_id)
            self._tried.add(routine_id)
        finally:
            with self._lock:  # who finds nobody at work sees what came of it
                self._working = ""

    def _told(self, done: int, of: int | None) -> None:
        self._done = 100 * done // of if of else 0
