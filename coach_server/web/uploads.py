"""Films that are sent: received, looked at apart, and handed to a job."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from aiohttp import web

from coach_server.coaching.routine import Mirror
from coach_server.errors import InputError, KindError
from coach_server.library.archive import SUFFIX
from coach_server.library.chapters import read_chapters
from coach_server.library.editing import checked_title
from coach_server.library.routine_file import Level
from coach_server.library.store import RoutineLibrary
from coach_server.library.uploads import Uploads, title_of
from coach_server.settings import Settings
from coach_server.video.limits import FilmLimits
from coach_server.video.probe import probe_apart
from coach_server.web.jobs import JOBS
from coach_server.web.multipart import Form, Received, Receiver

FILM: Final = "film"
MAX_CHAPTERS: Final = 1 << 20
"""Bytes of a WebVTT file."""

_Choice = TypeVar("_Choice", bound=StrEnum)
_Usual = TypeVar("_Usual")


class Gate:
    """Where films come in.

    Args:
        settings: how large they may be, and where they go.

    Attributes:
        data: the folder that jobs' arguments name files in.
        receiver: receives them.
    """

    def __init__(self, settings: Settings) -> None:
        self.data = settings.data
        self._limits = FilmLimits.of(settings)
        self.receiver = Receiver(Uploads(settings.data / "uploads"), self._limits.max_bytes)

    async def check_film(self, film: Received) -> None:
        """Look at a film in a process of its own.

        Raises:
            KindError, MediaError, TooLargeError: it is refused; says why.
        """
        await asyncio.to_thread(probe_apart, film.path, self._limits, called=film.called)

    def argument(self, path: Path) -> str:
        """A file as a job's arguments name it."""
        return str(path.relative_to(self.data))


def upload_routes(library: RoutineLibrary, gate: Gate) -> list[web.AbstractRouteDef]:
    """The route that makes a routine of a film, or of a routine that was exported."""

    async def add(request: web.Request) -> web.Response:
        small = {"chapters": MAX_CHAPTERS}
        async with gate.receiver.form(request, films=frozenset({FILM}), small=small) as form:
            film = file_of(form, FILM)
            kind, title, arguments = await _job(form, film)
            job = await request.app[JOBS].submit(kind, title, arguments, job_id=form.folder.name)
        return web.json_response({"job": job.id}, status=202)

    async def _job(form: Form, film: Received) -> tuple[str, str, dict[str, Any]]:
        sent = form.texts.get("title")
        if film.kind == "archive":
            title = checked_title(sent or title_of(film.called.removesuffix(SUFFIX)))
            given = {
                "title": title if sent else None,
                "mirror": choice_of(form, "mirror", Mirror, None),
                "level": choice_of(form, "level", Level, None),
            }
            archive, routine = gate.argument(film.path), library.new_id(title)
            arguments = {"archive": archive, "called": film.called, "routine": routine}
            return "import", title, {**arguments, **given}
        title = checked_title(sent or title_of(film.called))
        mirror = choice_of(form, "mirror", Mirror, Mirror.SAME)
        chapters = form.files.get("chapters")
        if chapters is not None:
            await asyncio.to_thread(read_chapters, chapters.path)
        await gate.check_film(film)
        return (
            "prepare",
            title,
            {
                "film": gate.argument(film.path),
                "called": film.called,
                "title": title,
                "chapters": None if chapters is None else gate.argument(chapters.path),
                "mirror": str(mirror),
                "level": choice_of(form, "level", Level, None),
                "routine": library.new_id(title),
            },
        )

    return [web.post("/api/routines", add)]


def file_of(form: Form, name: str) -> Received:
    """A file that must be there.

    Raises:
        InputError: it is not.
    """
    if name not in form.files:
        raise InputError(
            f"the form has no file called {name}", hint=f"send a film in the field {name}"
        )
    return form.files[name]


def film_of(form: Form, name: str) -> Received:
    """A film that must be there.

    Raises:
        InputError: it is not.
        KindError: it is an archive.
    """
    film = file_of(form, name)
    if film.kind != "film":
        raise KindError(f"{film.called} is a zip archive, no film.", hint="Give a film.")
    return film


def choice_of(form: Form, name: str, kind: type[_Choice], usual: _Usual) -> _Choice | _Usual:
    """A field that names one of some choices, or is not there.

    Raises:
        InputError: it names none of them.
    """
    text = form.texts.get(name, "")
    try:
        return kind(text) if text else usual
    except ValueError as error:
        choices = ", ".join(str(choice) for choice in kind)
        raise InputError(f"the field {name} does not fit", hint=f"send one of {choices}") from error
