"""What carries the ids of jobs to workers: huey, on SQLite or on a Redis server.

Messages are JSON: huey's own pickles would let whoever writes to the Redis server run code here.
"""

import hashlib
import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from huey import RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from coach_server.errors import InputError
from coach_server.settings import Settings

FILE: Final = "queue.sqlite"
SQLITE: Final = "sqlite"

_IDLE_LOOK_S: Final = 1.0
"""How often an idle worker looks into the SQLite queue; Redis tells at once."""
_CONNECT_S: Final = 5.0


class JobQueue:
    """The queue of a data folder; made without touching disk or network."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening = threading.Lock()
        self._huey: Any = None
        self._task: Any = None
        self._perform: Callable[[str], None] = _nobody

    def check(self) -> None:
        """Find out whether the queue can be used.

        Raises:
            InputError: the Redis server does not answer, or its package is not installed; or the
                queue's file cannot be written.
        """
        self._do(lambda huey: huey.pending_count())

    def put(self, job_id: str) -> None:
        """Have a worker look at this job.

        Raises:
            InputError: see `check`.
        """
        self._do(lambda huey: huey.enqueue(self._task.s(job_id)))

    def waiting(self) -> set[str]:
        """The jobs that no worker has taken out yet.

        Raises:
            InputError: see `check`.
        """
        return {str(task.args[0]) for task in self._do(lambda huey: huey.pending())}

    def consumer(self, perform: Callable[[str], None]) -> Consumer:
        """A consumer with one thread, in which `perform` is called with the ids; not running yet.

        SIGTERM has it finish its call first.

        Raises:
            InputError: see `check`.
        """
        self.check()
        self._perform = perform
        # it would write a traceback each second while Redis is away
        logging.getLogger("huey").setLevel(logging.CRITICAL)
        return self._huey.create_consumer(
            workers=1,
            periodic=False,
            initial_delay=0.1,
            max_delay=_IDLE_LOOK_S,
            scheduler_interval=60,  # nothing is ever scheduled
            graceful_signal="TERM",
        )

    def close(self) -> None:
        """Let go of files and connections."""
        if self._huey is None:
            return
        self._huey.storage.close()
        if hasattr(self._huey.storage, "pool"):
            self._huey.storage.pool.disconnect()

    def _do(self, act: Callable[[Any], Any]) -> Any:  # noqa: ANN401  # huey has no types
        on_redis = self._settings.broker != SQLITE
        if on_redis and find_spec("redis") is None:
            raise InputError(
                "The setting broker names a Redis server, but the package redis is not installed.",
                hint="Install coach-server[redis], or leave the setting out.",
                code="no_redis",
            )
        try:
            with self._opening:
                if self._huey is None:
                    self._huey = self._open_redis() if on_redis else self._open_sqlite()
                    self._task = self._huey.task(name="perform")(self._run)
                try:
                    return act(self._huey)
                finally:
                    if not on_redis:  # a connection of SQLite's belongs to nobody for long
                        self._huey.storage.close()
        except (OSError, sqlite3.Error, ValueError) as error:
            raise self._unusable(error) from error
        except Exception as error:
            # redis is optional, so its errors cannot be named where it is not installed
            if type(error).__module__.partition(".")[0] == "redis":
                raise self._unusable(error) from error
            raise

    def _run(self, job_id: str) -> None:
        self._perform(job_id)

    def _open_sqlite(self) -> SqliteHuey:
        self._settings.data.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(
            "coach",
            filename=str(self._settings.data / FILE),
            results=False,
            serializer=_Json(),
        )

    def _open_redis(self) -> RedisHuey:
        """A queue of this data folder's own: several servers may share a Redis server."""
        from redis import ConnectionPool  # an extra

        folder = str(self._settings.data.resolve())
        return RedisHuey(
            f"coach{hashlib.sha256(folder.encode()).hexdigest()[:12]}",
            connection_pool=ConnectionPool.from_url(
                self._settings.broker, socket_connect_timeout=_CONNECT_S
            ),
            results=False,
            serializer=_Json(),
        )

    def _unusable(self, error: Exception) -> InputError:
        why = str(error).rstrip(".")
        if self._settings.broker == SQLITE:
            return InputError(
                f"The queue {self._settings.data / FILE} cannot be used: {why}.",
                hint="Make room, or move the file aside: no job is lost with it.",
                code="bad_queue",
            )
        return InputError(
            f"The Redis server at {_address(self._settings.broker)} cannot be used: {why}.",
            hint="Start it, mend the setting broker, or leave that out to do without Redis.",
            code="no_redis",
        )


class _Json(Serializer):  # type: ignore[misc]  # huey has no types
    """Messages as JSON, of which only what we use is there."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps({"id": data.id, "name": data.name, "args": data.args}).encode()

    def _deserialize(self, data: bytes) -> Message:
        said = json.loads(bytes(data))
        return Message(
            id=str(said["id"]), name=str(said["name"]), args=tuple(said["args"]), kwargs={}
        )


def _address(url: str) -> str:
    """Without user and password, and without what stands behind the path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _nobody(job_id: str) -> None:
    raise RuntimeError(job_id)
