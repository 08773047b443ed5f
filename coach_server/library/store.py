"""Routines on disk, one folder each: there whole, or not at all."""

import contextlib
import errno
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import structlog
from pydantic import BaseModel, ConfigDict, Field

from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Routine
from coach_server.errors import InputError, NotFoundError
from coach_server.library.chapters import names_of, read_chapters
from coach_server.library.track_file import load_track

FORMAT: Final = 2
"""Version of the folder's layout; 1 had no importance of angles, and is read as it is."""

AngleName: TypeAlias = Literal[
    "left_elbow_flexion",
    "right_elbow_flexion",
    "left_knee_flexion",
    "right_knee_flexion",
    "left_hip_flexion",
    "right_hip_flexion",
    "left_hip_abduction",
    "right_hip_abduction",
    "left_shoulder_elevation",
    "right_shoulder_elevation",
    "left_shoulder_plane",
    "right_shoulder_plane",
    "trunk_forward",
    "trunk_side",
    "trunk_twist",
    "neck_forward",
    "neck_side",
]
"""The angles of `body.angles`, as files name them."""

MAX_TITLE: Final = 200
"""Characters."""

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

_UNFINISHED: Final = ".unfinished"
_REPLACED: Final = ".replaced"
_ABANDONED_S: Final = 86_400.0
_TRIES: Final = 5

log = structlog.get_logger(__name__)


class Segment(BaseModel):
    """A stretch of the routine, seconds on its clock; what lies between holds is transition.

    Attributes:
        importance: 0..1, how much an angle makes the pose, by its name (`left_knee_flexion`); what
            is not named is taken from the track.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "hold"
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    importance: dict[AngleName, Annotated[float, Field(ge=0, le=1)]] = {}


class RoutineMeta(BaseModel):
    """`routine.json`.

    Attributes:
        id: the folder's name.
        title: what people call it.
        fps, duration_s: of the film.
        segments: the holds, in order.
        engines: fingerprints of the engines that made the track, by role.
        format: version of the folder's layout.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str = Field(min_length=1, max_length=MAX_TITLE)
    fps: float = Field(gt=0)
    duration_s: float = Field(gt=0)
    segments: tuple[Segment, ...]
    engines: dict[str, str]
    format: int = FORMAT


class StoredRoutine:
    """One routine's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meta = _read_meta(folder)

    @property
    def video(self) -> Path:
        """The film, playable in browsers."""
        return self.folder / "video.mp4"

    @property
    def poster(self) -> Path:
        """A still of it."""
        return self.folder / "poster.jpg"

    @property
    def chapters(self) -> Path:
        """WebVTT."""
        return self.folder / "chapters.vtt"

    @property
    def track(self) -> Path:
        """The instructor's poses."""
        return self.folder / "track.npz"

    def load(self) -> Routine:
        """The routine as the coach compares with it.

        Raises:
            InputError: its track is missing or damaged.
        """
        held = [segment for segment in self.meta.segments if segment.kind == "hold"]
        holds = tuple(Hold(segment.start_s, segment.end_s) for segment in held)
        return Routine(
            track=load_track(self.track),
            holds=holds,
            names=names_of(holds, read_chapters(self.chapters)) if self.chapters.exists() else (),
            weights=tuple({str(k): w for k, w in s.importance.items()} for s in held),
        )


class RoutineLibrary:
    """All routines under one folder, which is made when the first is added."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def summaries(self) -> list[RoutineMeta]:
        """All routines by title; a folder that cannot be read is left out and logged."""
        found = []
        for folder in sorted(self._root.glob("*/")):
            if not _ID.fullmatch(folder.name):
                continue
            try:
                found.append(_read_meta(folder))
            except InputError as error:
                log.warning("routine_unreadable", routine=folder.name, reason=error.message)
        return sorted(found, key=lambda meta: (meta.title.casefold(), meta.id))

    def open(self, routine_id: str) -> StoredRoutine:
        """One routine.

        Raises:
            NotFoundError: there is none of that id.
            InputError: its folder is damaged.
        """
        folder = self._root / routine_id
        if not _ID.fullmatch(routine_id) or not folder.is_dir():
            raise NotFoundError(
                f"There is no routine called {routine_id[:64]!r}.",
                hint="`GET /api/routines` and the library page list those there are.",
                code="no_such_routine",
            )
        return StoredRoutine(folder)

    def new_id(self, title: str) -> str:
        """An id that is free, from the title's letters and a few random ones."""
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:48] or "routine"
        return f"{slug}-{secrets.token_hex(3)}"

    @contextmanager
    def writing(self, routine_id: str) -> Iterator[Path]:
        """A folder to fill, which becomes the routine's when the block ends without error.

        Raises:
            InputError: the library's folder cannot be written.
        """
        unfinished = self._root / f".{routine_id}.{secrets.token_hex(4)}{_UNFINISHED}"
        try:
            unfinished.mkdir(parents=True)
            yield unfinished
            self._put(unfinished, self._root / routine_id)
        except OSError as error:
            raise InputError(
                f"The routine cannot be written to {self._root}: {error.strerror}.",
                hint="Make room, or set COACH_DATA to a folder that you may write to.",
                code="unwritable",
            ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def recover(self) -> None:
        """Mend what a machine that stopped has left: put back what was being replaced.

        Folders that were never finished are removed once they are a day old; a younger one may
        be in the making.
        """
        for folder in self._root.glob(f".*{_REPLACED}"):
            target = self._root / folder.name[1:].split(".")[0]
            if target.exists():
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.rename(target)
        for folder in self._root.glob(f".*{_UNFINISHED}"):
            if time.time() - folder.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _put(self, finished: Path, target: Path) -> None:
        """Rename into place; what is there goes aside first, whoever put it there."""
        for _ in range(_TRIES):
            try:
                finished.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            else:
                return
            aside = self._root / f".{target.name}.{secrets.token_hex(4)}{_REPLACED}"
            with contextlib.suppress(FileNotFoundError):  # another process was first
                target.rename(aside)
                finished.rename(target)
                shutil.rmtree(aside)
                return
        raise OSError(errno.EBUSY, "others keep writing it")


def write_meta(meta: RoutineMeta, folder: Path) -> None:
    """Write `routine.json` into a routine's folder."""
    (folder / "routine.json").write_text(meta.model_dump_json(indent=2) + "\n", "utf-8")


def _read_meta(folder: Path) -> RoutineMeta:
    try:
        fields = json.loads((folder / "routine.json").read_bytes())
        if isinstance(fields, dict) and fields.get("format", 0) > FORMAT:
            raise InputError(
                f"The routine {folder.name} was written by a newer version "
                f"(format {fields['format']}).",
                hint="Update the coach.",
                code="newer_format",
            )
        meta = RoutineMeta.model_validate(fields)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"The routine in {folder.name} is damaged: its routine.json cannot be read.",
            hint="Prepare it again from its film, or remove the folder.",
            code="bad_routine",
        ) from error
    return meta.model_copy(update={"id": folder.name})
