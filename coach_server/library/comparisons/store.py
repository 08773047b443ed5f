"""The comparisons on disk, one folder each, and the little file by which they are listed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, Field

from coach_server.coaching.comparing.warping import Alignment
from coach_server.coaching.cue import Direction, Joint
from coach_server.coaching.cue import Side as BodySide
from coach_server.errors import InputError, NotFoundError
from coach_server.library.folders import Folders

FILE: Final = "comparison.json"
OVERLAY: Final = "overlay.mp4"
REPORT: Final = "report.json"
ERRORS: Final = "errors.csv"
POSTER: Final = "poster.jpg"
FILES: Final = (OVERLAY, REPORT, ERRORS, POSTER)
"""What people may have of a comparison."""

FORMAT: Final = 1
WORST: Final = 5
"""Findings that a list shows."""

log = structlog.get_logger(__name__)


class WorstFinding(BaseModel):
    """One of the greatest deviations, as `coaching.comparing.findings` has them."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    joint: Joint
    side: BodySide
    direction: Direction
    deviation_deg: float
    t: float
    routine_t: float
    text: str


class ComparisonMeta(BaseModel):
    """`comparison.json`.

    Attributes:
        title: what people call it.
        created_at: ISO 8601.
        duration_s: of the overlay, which is as long as the student's film.
        alignment: which frames were compared.
        mirrored: whether the student's left was compared with the instructor's right.
        mean_error: mean size of the deviations that were judged, degrees; None where none was.
        worst: the greatest findings, the greatest first.
        format: version of the folder's layout.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: str = Field(min_length=1)
    created_at: str
    duration_s: float = Field(ge=0)
    alignment: Alignment
    mirrored: bool
    mean_error: float | None
    worst: tuple[WorstFinding, ...]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """One comparison's folder.

    Attributes:
        id: the folder's name.
        folder: where it lies.
        meta: what is known of it.
    """

    id: str
    folder: Path
    meta: ComparisonMeta

    def file(self, name: str) -> Path:
        """One of `FILES`.

        Raises:
            NotFoundError: it has no such file.
        """
        path = self.folder / name
        if name not in FILES or not path.is_file():
            raise NotFoundError(
                f"The comparison {self.id} has no file {name[:64]!r}.",
                hint=f"It has {', '.join(FILES)}.",
                code="no_such_file",
            )
        return path


class ComparisonLibrary:
    """All comparisons under one folder, which is made when the first is added.

    Args:
        root: where they lie.
    """

    def __init__(self, root: Path) -> None:
        self._folders = Folders(root, "comparison")

    def all(self) -> list[StoredComparison]:
        """The newest first; a folder that cannot be read is left out and logged."""
        found = [one for name in self._folders.ids() if (one := self._read(name))]
        return sorted(found, key=lambda one: (one.meta.created_at, one.id), reverse=True)

    def open(self, comparison_id: str) -> StoredComparison:
        """One comparison.

        Raises:
            NotFoundError: there is none of that id.
            InputError: its folder is damaged.
        """
        folder = self._folders.path_of(comparison_id)
        if folder is None:
            raise _no_such_comparison(comparison_id)
        return StoredComparison(comparison_id, folder, read_meta(folder))

    def remove(self, comparison_id: str) -> None:
        """Remove a comparison with all its files.

        Raises:
            NotFoundError: there is none of that id.
            InputError: it cannot be removed.
        """
        if not self._folders.remove(comparison_id):
            raise _no_such_comparison(comparison_id)

    def new_id(self, title: str) -> str:
        """An id that is free, from the title's letters and a few random ones."""
        return self._folders.new_id(title)

    @contextmanager
    def writing(self, comparison_id: str) -> Iterator[Path]:
        """A folder to fill, which becomes the comparison's when the block ends without error.

        Raises:
            InputError: the library's folder cannot be written.
        """
        with self._folders.writing(comparison_id) as folder:
            yield folder

    def recover(self) -> None:
        """Mend what a machine that stopped has left; see `Folders.recover`."""
        self._folders.recover()

    def _read(self, comparison_id: str) -> StoredComparison | None:
        try:
            return self.open(comparison_id)
        except InputError as error:
            log.warning("comparison_unreadable", comparison=comparison_id, reason=error.message)
            return None


def read_meta(folder: Path) -> ComparisonMeta:
    """`comparison.json` of a folder.

    Raises:
        InputError: it is missing, damaged, or of a newer version.
    """
    try:
        fields = json.loads((folder / FILE).read_bytes())
        if isinstance(fields, dict) and fields.get("format", 0) > FORMAT:
            raise InputError(
                f"The comparison {folder.name} was written by a newer version.",
                hint="Update the coach.",
                code="newer_format",
            )
        return ComparisonMeta.model_validate(fields)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise InputError(
            f"The comparison in {folder.name} is damaged: its {FILE} cannot be read.",
            hint="Compare the two films again, or remove the folder.",
            code="bad_comparison",
        ) from error


def _no_such_comparison(comparison_id: str) -> NotFoundError:
    return NotFoundError(
        f"There is no comparison called {comparison_id[:64]!r}.",
        hint="The compare page lists those there are.",
        code="no_such_comparison",
    )
