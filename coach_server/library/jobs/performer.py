"""What does a job of one kind, and what it may count on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from coach_server.errors import InputError
from coach_server.inference.protocols import Progress
from coach_server.settings import Settings


class Workplace:
    """Where a job is done.

    Args:
        settings: of the server.
        job_id: of the job.
    """

    def __init__(self, settings: Settings, job_id: str) -> None:
        self.settings = settings
        self._job_id = job_id

    @property
    def folder(self) -> Path:
        """The job's own folder; there even where nothing was uploaded for it."""
        folder = self.settings.data / "uploads" / self._job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def file(self, relative: str) -> Path:
        """A file that the arguments name, relative to the data folder.

        Raises:
            InputError: it is not there any more, or lies elsewhere.
        """
        data = self.settings.data.resolve()
        path = (data / relative).resolve()
        if not path.is_relative_to(data) or not path.is_file():
            raise InputError(
                "What was uploaded for this job is not kept any more.",
                hint="Upload it again.",
                code="upload_gone",
            )
        return path


class Performer(Protocol):
    """Does jobs of one kind; safe to be begun again after it was stopped anywhere."""

    def __call__(
        self, place: Workplace, arguments: Mapping[str, Any], progress: Progress
    ) -> Mapping[str, str]:
        """Do it; gives the ids of what came of it.

        Args:
            place: where.
            arguments: of the job.
            progress: is told the stage, and how much of the whole job is done.

        Raises:
            CoachError: it cannot be done; says why.
        """
