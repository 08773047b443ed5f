"""What the front and a worker say to each other: JSON, one message a line, over a socket pair.

JSON, and no pickles: a worker reads what strangers send, and whoever took one over must not be
able to run code in the front, which holds the token.
"""

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Self, TypeAlias

import structlog

from coach_server.errors import (
    BusyError,
    CoachError,
    EngineError,
    FullError,
    InputError,
    InternalError,
    NotFoundError,
    OfferError,
    StartingError,
    StorageError,
)

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 32 * 2**20
"""Of a line; a report of some hours has a few megabytes."""

MOST_UNSENT: Final = 4 * 2**20
"""Bytes that may wait for the other side; what is told beyond that is dropped."""

FLUSH_S: Final = 0.5
"""For what was said last to leave."""

Json: TypeAlias = Any
"""What `json` gives: it is checked where it is used."""

Answers: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[Json]]
"""Answers a call: its name and its fields; raises `CoachError`s that the caller gets as well."""

Hears: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Is told what needs no answer."""

_KINDS: Final = {
    kind.__name__: kind
    for kind in (
        *(BusyError, EngineError, InputError, InternalError, NotFoundError),
        *(OfferError, StartingError, StorageError),
    )
}


class LineLostError(InternalError):
    """The other side has gone, or does not answer."""

    code = "worker_lost"


class Line:
    """One end.

    Args:
        reader, writer: of the socket.
        answers: to calls of the other side.
        hears: what the other side tells.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answers: Answers,
        hears: Hears,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answers = answers
        self._hears = hears
        self._ids = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._ended = False

    @property
    def has_ended(self) -> bool:
        """Whether the other side is gone, or nobody listens to it any more."""
        return self._ended

    @classmethod
    async def over(cls, end: socket.socket, *, answers: Answers, hears: Hears) -> Self:
        """A line over one end of a socket pair, which it closes in the end."""
        reader, writer = await asyncio.open_connection(sock=end, limit=MOST_BYTES)
        return cls(reader, writer, answers=answers, hears=hears)

    async def call(self, name: str, within_s: float, **fields: object) -> Json:
        """Ask the other side.

        Raises:
            CoachError: that it raised.
            LineLostError: it has gone, or gave no answer within `within_s`.
        """
        if self._ended:
            raise LineLostError("a worker has ended", hint="try again")
        number = next(self._ids)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._send({"call": name, "id": number, "fields": fields})
            async with asyncio.timeout(within_s):
                return await answer
        except TimeoutError as error:
            raise LineLostError("a worker does not answer", hint="try again") from error
        finally:
            del self._waiting[number]

    def tell(self, name: str, **fields: object) -> None:
        """Tell the other side something; dropped where it has not read for long."""
        if self._writer.transport.get_write_buffer_size() < MOST_UNSENT:
            self._send({"told": name, "fields": fields})

    async def run(self) -> None:
        """Read until the other side is gone; then those who wait for an answer are told."""
        try:
            while text := await self._reader.readline():
                self._take(json.loads(text))
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            log.warning("a line was lost", reason=type(error).__name__)
        finally:
            self._ended = True
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(LineLostError("a worker has ended", hint="try again"))
            for task in self._answering:
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(FLUSH_S):  # who has stopped reading never takes it
                    await self._writer.wait_closed()
            self._writer.transport.abort()

    def abort(self) -> None:
        """End it at once, whether or not it has ever run."""
        self._ended = True
        self._writer.transport.abort()

    def _take(self, message: Mapping[str, Any]) -> None:
        if "told" in message:
            self._hears(message["told"], message["fields"])
        elif "call" in message:
            task = asyncio.create_task(self._answer(message), name=f"call {message['call']}")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        else:
            answer = self._waiting.get(message["id"])
            if answer is None or answer.done():
                return  # nobody waits for it any more
            if "error" in message:
                answer.set_exception(error_of(message["error"]))
            else:
                answer.set_result(message["answer"])

    async def _answer(self, message: Mapping[str, Any]) -> None:
        try:
            answer = {"answer": await self._answers(message["call"], message["fields"])}
        except CoachError as error:
            answer = {"error": fields_of(error)}
        except Exception as error:  # noqa: BLE001  # the last edge: a fault is one answer's
            await asyncio.to_thread(
                log.error, "a call failed", call=message["call"], exc_info=error
            )
            answer = {"error": fields_of(InternalError("something went wrong in a worker"))}
        try:
            self._send({"id": message["id"], **answer})
        except (ValueError, TypeError) as error:  # an answer that JSON cannot hold
            log.warning(
                "an answer cannot be told", call=message["call"], error=type(error).__name__
            )
            told = fields_of(InternalError("something went wrong in a worker"))
            self._send({"id": message["id"], "error": told})

    def _send(self, message: Mapping[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(message, allow_nan=False).encode() + b"\n")


def fields_of(error: CoachError) -> dict[str, Any]:
    """An error as a message has it."""
    return {
        "kind": next((k.__name__ for k in type(error).__mro__ if k.__name__ in _KINDS), ""),
        "message": error.message,
        "hint": error.hint,
        "code": error.error_code,
        "retry_after_s": getattr(error, "retry_after_s", None),
    }


def error_of(told: Mapping[str, Any]) -> CoachError:
    """The error of which `fields_of` made these."""
    if told["code"] == FullError.code:
        return FullError(
            told["message"], retry_after_s=int(told["retry_after_s"]), hint=told["hint"]
        )
    kind = _KINDS.get(told["kind"], InternalError)
    return kind(told["message"], hint=told["hint"], code=told["code"])
