"""A worker process as the front sees it."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import structlog
from pydantic import TypeAdapter

from coach_server.errors import CoachError, InternalError
from coach_server.inference.protocols import Progress
from coach_server.rtc.offer import CleanOffer
from coach_server.rtc.peer import PeerLimits
from coach_server.sessions.load import Load
from coach_server.sessions.practices import Joined
from coach_server.sessions.workers.line import Json, Line, error_of
from coach_server.sessions.workers.samples import Told
from coach_server.settings import Settings, environment_of

log = structlog.get_logger(__name__)

COMMAND: Final = (sys.executable, "-P", "-m", "coach_server.sessions.workers.process")

JOIN_S: Final = PeerLimits().answer_s + 3.0
"""For the answer to an offer: aiortc's time, and a routine's from the disk."""

RECOUNT_S: Final = 3.0
"""For a worker to say how many places are taken."""

STOP_S: Final = 6.0
"""For a worker to say goodbye to its pages and to keep their reports; then it is killed."""

LOADING_SILENT_S: Final = 60.0
"""How long it may say nothing before it can serve."""

_LOOK_S: Final = 0.25
"""How often its silence is measured."""
_SLEPT_S: Final = 1.0
"""Who wakes so much later than they wanted to has not been running, and has heard nobody."""

_LOAD: Final = TypeAdapter(Load)
_LIVE: Final = TypeAdapter(list[str])
_COUNTED: Final[TypeAdapter[Told]] = TypeAdapter(Told)
"""What a worker tells of itself is looked at: it is nearer to strangers than we are."""


class Child:
    """One worker.

    Attributes:
        engines: that it has loaded; None until it can serve.
        failure: why it cannot.
        load: as it said last.
        live: the sessions that are connected.
        joining: offers that it is asked to answer; it tells the place taken before its answer.
        counted: what it has counted so far.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        line: Line,
        progress: Progress,
        on_change: Callable[[], None],
    ) -> None:
        self.engines: Mapping[str, str] | None = None
        self.failure: CoachError | None = None
        self.load = Load()
        self.live: frozenset[str] = frozenset()
        self.joining = 0
        self.counted: Told = []
        self._closing = False
        self._process = process
        self._progress = progress
        self._on_change = on_change
        self._now = asyncio.get_running_loop().time
        self._heard_s = self._now()
        self._line = line

    @classmethod
    async def start(
        cls,
        settings: Settings,
        cores: float,
        command: tuple[str, ...],
        *,
        progress: Progress,
        on_change: Callable[[], None],
    ) -> Self:
        """Start a worker.

        Args:
            settings: the front's.
            cores: that are its share of the machine.
            command: its program.
            progress: is told how far loading has come.
            on_change: is called when it can serve, and when it has told its load.

        Raises:
            OSError: the system has no room for a process.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    str(theirs.fileno()),
                    str(cores),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # a Ctrl-C is for the front, which says goodbye
                    # what carries jobs is none of its business, and may hold a password
                    env={**os.environ, **environment_of(settings), "COACH_BROKER": "sqlite"},
                )
        except BaseException:
            ours.close()
            raise
        # nothing is heard before `ended` listens
        line = await Line.over(ours, answers=_refuse, hears=lambda *told: child._hear(*told))
        child = cls(process, line, progress, on_change)
        return child

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def used(self) -> int:
        """Places taken, and offers being answered."""
        return len(self.live) + self.joining

    @property
    def joined_since(self) -> int:
        """Students whom the load that it told does not know of."""
        return max(0, self.used - self.load.students)

    @property
    def serves(self) -> bool:
        """Whether students may be sent there."""
        return self.engines is not None and not self._closing and not self._line.has_ended

    async def ended(self, silent_s: float) -> str:
        """Wait for its end; gives why it ended. Who has said nothing for `silent_s` is killed.

        While it loads it may be silent for longer: converting a model holds its interpreter.
        """
        line = asyncio.create_task(self._line.run(), name="line to a worker")
        try:
            while not line.done():
                looked_s = self._now()
                await asyncio.wait([line], timeout=_LOOK_S)
                if self._now() - looked_s > _LOOK_S + _SLEPT_S:
                    self._heard_s = self._now()  # it is we who slept, and maybe all of the machine
                limit_s = silent_s if self.engines is not None else max(silent_s, LOADING_SILENT_S)
                if self._now() - self._heard_s > limit_s:
                    self._closing = True
                    await self._killed()
                    return "silent"
            await self._reaped()  # it has closed its line, so it ends
            status = self._process.returncode
            if self.failure is not None:
                return "failed"
            return "killed" if status is not None and status < 0 else "ended"
        finally:
            self._closing = True
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)
            self._line.abort()
            if self._process.returncode is None:  # the front itself goes
                await asyncio.shield(self._stopped())

    async def _stopped(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._reaped()

    async def _reaped(self) -> None:
        """Wait for the process to end by itself; then kill it."""
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            await self._killed()

    async def _killed(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:  # it hangs in the system, which nobody can help
            log.warning("a worker cannot be killed", pid=self._process.pid)

    async def join(self, offer: CleanOffer, **asked: str | int | None) -> Joined:
        """Have an offer answered; as `Practices.join`."""
        self.joining += 1
        try:
            told = await self._call("join", JOIN_S, offer=offer, **asked)
        finally:
            self.joining -= 1
        return Joined(**told)

    async def recount(self) -> None:
        """Ask how many places are taken: goodbyes may be under way."""
        await self._call("slots", RECOUNT_S)  # it tells them before it answers

    async def report(self, session: str) -> Mapping[str, Any]:
        """A session's report: its `text`, and whether it is `resumable`."""
        told: Mapping[str, Any] = await self._call("report", JOIN_S, session=session)
        return told

    async def under_way(self, routine: str | None) -> list[Any]:
        """Practices that are in no index yet, as JSON holds them."""
        told: list[Any] = await self._call("under_way", JOIN_S, routine=routine)
        return told

    async def _call(self, name: str, within_s: float, **fields: object) -> Json:
        return await self._line.call(name, within_s, **fields)

    def _hear(self, name: str, fields: Mapping[str, Any]) -> None:
        self._heard_s = self._now()
        match name:
            case "loading":
                self._progress(fields["stage"], fields["done"], fields["total"])
            case "ready":
                self.engines = fields["engines"]
                self._on_change()
            case "failed":
                self.failure = error_of(fields)
            case "closing":
                self._closing = True
                self._on_change()
            case "slots" | "load":
                self.live = frozenset(_LIVE.validate_python(fields["live"]))
                self.counted = _COUNTED.validate_python(fields["counted"])
                if name == "load":
                    self.load = _LOAD.validate_python(fields["load"])
                self._on_change()


async def _refuse(call: str, _fields: Mapping[str, Any]) -> None:
    raise InternalError(f"the front answers no calls, and so not {call}")
