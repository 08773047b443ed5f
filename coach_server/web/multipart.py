"""Forms with files, streamed to disk with caps; nothing of a film is held in memory."""

import asyncio
import errno
import warnings
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from aiohttp import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    BodyPartReader,
    web,
)
from aiohttp.http_exceptions import BadHttpMessage

from coach_server.errors import FullError, InputError, TooLargeError
from coach_server.library.uploads import Uploads, shown_name
from coach_server.video.kinds import HEAD, Kind, kind_of
from coach_server.web.refusals import RefusalError

T = TypeVar("T")

_ODD_HEADERS: Final = (BadContentDispositionHeader, BadContentDispositionParam)
for _kind in _ODD_HEADERS:
    # A warning would write what a stranger sent on stderr, past the log's sieve, and be kept there.
    warnings.filterwarnings("error", category=_kind)

MAX_PARTS: Final = 12
MAX_TEXT: Final = 4096
"""Bytes of a field that is no file."""
CHUNK: Final = 1 << 20
QUIET_S: Final = 30.0
"""Who sends nothing for so long has gone."""
SPARE: Final = 512 << 20
"""Bytes of the disk that uploads leave free."""
AT_ONCE: Final = 4
"""Uploads received at a time."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was sent.

    Attributes:
        path: where it lies.
        called: what its sender calls it, fit to be shown.
        kind: what its first bytes say; None of a file that is no film.
    """

    path: Path
    called: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent.

    Attributes:
        folder: holds the files, and nothing else.
        files, texts: by the fields' names.
    """

    folder: Path
    files: dict[str, Received] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


class Receiver:
    """Receives forms, only so many at a time.

    Args:
        uploads: where files go.
        max_bytes: of a film.
        at_once: how many are received at a time.
        quiet_s: when a sender counts as gone.
    """

    def __init__(
        self, uploads: Uploads, max_bytes: int, *, at_once: int = AT_ONCE, quiet_s: float = QUIET_S
    ) -> None:
        self._uploads = uploads
        self._max_bytes = max_bytes
        self._free = at_once
        self._quiet_s = quiet_s

    @asynccontextmanager
    async def form(
        self, request: web.Request, *, films: frozenset[str], small: Mapping[str, int]
    ) -> AsyncIterator[Form]:
        """What a request brings; its folder stays when the block ends without error.

        Args:
            request: whose body it is.
            films: names of the fields that hold a film, or an archive.
            small: names of those that hold another file, with the bytes it may have.

        Raises:
            RefusalError: 415, it is no form; 408, the sender has gone quiet; 400, or is gone.
            KindError: a file is no film.
            TooLargeError: something is too large.
            FullError: too many send at this moment, or the disk is full.
            InputError: the form is broken.
        """
        if request.content_type != "multipart/form-data":
            raise RefusalError(
                415,
                "wrong_content_type",
                "this address takes a form with a file",
                hint="send it as multipart/form-data",
            )
        if self._free <= 0:
            raise FullError(
                "several films are being uploaded already",
                retry_after_s=10,
                hint="wait until one of them is done",
            )
        self._free -= 1
        try:
            with ExitStack() as held:
                folder = await self._folder(held, request.content_length or 0, len(films))
                try:
                    yield await self._receive(request, Form(folder), films, small)
                except BaseException:
                    await asyncio.to_thread(self._uploads.remove, folder.name)
                    raise
        finally:
            self._free += 1

    async def _folder(self, held: ExitStack, announced: int, films: int) -> Path:
        if announced > films * self._max_bytes + MAX_PARTS * CHUNK:
            raise self._too_large("the upload")
        try:
            free = await asyncio.to_thread(self._uploads.free_bytes)
            if announced + SPARE > free:
                raise _disk_full()
            return await asyncio.to_thread(held.enter_context, self._uploads.receiving())
        except OSError as error:
            raise _disk_full() from error

    async def _receive(
        self, request: web.Request, form: Form, films: frozenset[str], small: Mapping[str, int]
    ) -> Form:
        count = 0
        try:
            reader = await request.multipart()
            while (part := await self._soon(reader.next())) is not None:
                count += 1
                name = part.name if isinstance(part, BodyPartReader) else None
                if not isinstance(part, BodyPartReader) or not name or count > MAX_PARTS:
                    raise InputError("the form has fields that do not belong there", hint=_HINT)
                if name in form.files or name in form.texts:
                    raise InputError(f"the form has two fields called {name[:40]}", hint=_HINT)
                if name in films or name in small:
                    form.files[name] = await self._file(part, form.folder, name, small.get(name))
                else:
                    form.texts[name] = await self._text(part, name)
        except (
            ValueError,
            AssertionError,
            LookupError,
            BadHttpMessage,
            web.RequestPayloadError,
            *_ODD_HEADERS,
        ) as error:
            # what aiohttp raises at forms that are broken or cut short
            raise InputError("the form is broken or cut short", hint="send it again") from error
        return form

    async def _file(
        self, part: BodyPartReader, folder: Path, name: str, most: int | None
    ) -> Received:
        called = shown_name(part.filename, f"the file {name}")
        path = folder / name
        kind: Kind | None = None
        written = 0
        chunks = self._chunks(part)
        first = await anext(chunks, b"")
        if most is None:
            kind = kind_of(first[:HEAD], called)
        try:
            with await asyncio.to_thread(path.open, "xb") as file:
                chunk = first
                while chunk:
                    written += len(chunk)
                    if written > (most if most is not None else self._max_bytes):
                        raise self._too_large(called, most)
                    await asyncio.to_thread(file.write, chunk)
                    chunk = await anext(chunks, b"")
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _disk_full() from error
            raise
        return Received(path, called, kind)

    async def _text(self, part: BodyPartReader, name: str) -> str:
        body = b""
        async for chunk in self._chunks(part):
            body += chunk
            if len(body) > MAX_TEXT:
                raise TooLargeError(f"the field {name[:40]} is too long", hint=_HINT)
        return body.decode("utf-8")

    async def _chunks(self, part: BodyPartReader) -> AsyncIterator[bytes]:
        """The part's bytes in pieces that are worth a trip to the disk."""
        kept = bytearray()
        while piece := await self._soon(part.read_chunk(64 << 10)):
            kept += piece
            if len(kept) >= CHUNK:
                yield bytes(kept)
                kept.clear()
        if kept:
            yield bytes(kept)

    async def _soon(self, wanted: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._quiet_s):
                return await wanted
        except TimeoutError as error:
            raise RefusalError(
                408, "too_slow", "nothing has come for a while", hint="upload it again"
            ) from error
        except ConnectionError as error:  # nobody will read the answer; it is no fault of ours
            raise RefusalError(
                400, "sender_gone", "the sender has hung up", hint="upload it again"
            ) from error

    def _too_large(self, called: str, most: int | None = None) -> TooLargeError:
        limit = self._max_bytes if most is None else most
        return TooLargeError(
            f"{called} has more than {max(1, limit >> 20)} MB.",
            hint="Cut it, or save it at 1280 x 720 or smaller.",
        )


_HINT: Final = "Send the fields that this address knows, each once."


def _disk_full() -> FullError:
    return FullError(
        "the server's disk has no room for this upload",
        retry_after_s=60,
        hint="remove routines or comparisons that are not needed, or make room",
    )
