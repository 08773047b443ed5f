"""Fetches a file that its makers publish: over https alone, bounded, and checked."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from coach_server.errors import EngineError
from coach_server.inference.protocols import Progress
from coach_server.inference.recipe import UrlSource

MOST_BYTES: Final = 1 << 29
"""Of a file whose makers do not say how large it is: the largest we know has 330 MB."""
_TIMEOUT_S: Final = 30.0
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that has arrived whole.

    Attributes:
        path: where it lies, for as long as the context lasts.
        sha256: of it.
    """

    path: Path
    sha256: str


def matches(source: UrlSource, sha256: str, md5: str) -> bool:
    """Whether a file with these sums is the one that a source names."""
    if source.sha256 is not None:
        return sha256 == source.sha256
    return md5.startswith(source.md5_prefix or " ")


def sums(path: Path) -> tuple[str, str]:
    """SHA-256 and MD5 of a file."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return sha256, md5.hexdigest()


@contextmanager
def fetched(
    source: UrlSource, progress: Progress | None = None, opener: OpenerDirector | None = None
) -> Iterator[Fetched]:
    """The file of a source, gone when the context ends.

    Args:
        source: what to fetch.
        progress: is told how much has arrived.
        opener: opens the address; by default one that knows https and the user's proxies, and
            nothing else, wherever it may be sent on to.

    Raises:
        EngineError: it cannot be fetched, or is not the file that is meant.
    """
    name = source.url.rpartition("/")[2]
    with tempfile.TemporaryDirectory(prefix="coach-engines-") as folder:
        path = Path(folder) / "fetched"
        try:
            _receive(source, path, name, progress, opener or _https())
        except (OSError, URLError, HTTPException, ValueError) as error:
            raise EngineError(f"{source.url} could not be fetched: {_reason(error)}") from error
        sha256, md5 = sums(path)
        if not matches(source, sha256, md5):
            raise EngineError(
                f"{source.url} is not the file that is meant: its checksum is another"
            )
        yield Fetched(path, sha256)


def _receive(
    source: UrlSource, path: Path, name: str, progress: Progress | None, opener: OpenerDirector
) -> None:
    most = source.size or MOST_BYTES
    with opener.open(source.url, timeout=_TIMEOUT_S) as answer, path.open("wb") as file:
        promised = int(answer.headers.get("Content-Length") or 0) or source.size
        done = 0
        while piece := answer.read(_PIECE):
            done += len(piece)
            if done > most:
                raise ValueError(f"it is larger than {most} bytes")
            file.write(piece)
            if progress is not None:
                progress(f"downloading {name}", done, promised)
    if promised is not None and done != promised:
        raise ValueError(f"it ended after {done} of {promised} bytes")


def _https() -> OpenerDirector:
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPSHandler(),
        HTTPRedirectHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error) or type(error).__name__
