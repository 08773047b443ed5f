"""What a job may use: strangers' films are decoded in its process."""

import errno
import resource
from dataclasses import dataclass
from typing import Final, Self

from coach_server.errors import InputError
from coach_server.settings import Settings

_FILMS: Final = 4
"""A job's file may be so many times as large as a film may be that is sent."""
_LEAST_FILE_MB: Final = 1024
"""What engines and databases take, however small films are."""
_MORE_S: Final = 5
"""After its limit of computing a process that does not end is killed."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What the process of a job is stopped beyond.

    Attributes:
        memory_mb: megabytes of data.
        cpu_s: seconds of computing.
        wall_s: seconds from its beginning.
        file_mb: megabytes of any file that it writes.
    """

    memory_mb: int
    cpu_s: int
    wall_s: float
    file_mb: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the operator has set them."""
        return cls(
            memory_mb=settings.job_memory_mb,
            cpu_s=settings.job_cpu_s,
            wall_s=settings.job_wall_s,
            file_mb=max(_FILMS * settings.max_film_mb, _LEAST_FILE_MB),
        )

    def apply(self) -> None:
        """Hold this very process to them; the wall clock is watched by who started it."""
        data = self.memory_mb << 20
        resource.setrlimit(resource.RLIMIT_DATA, (data, data))
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_s, self.cpu_s + _MORE_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = self.file_mb << 20
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # Python has it raise EFBIG

    def out_of_memory(self) -> InputError:
        """Said of a job that asked for more memory."""
        return InputError(
            f"The job needs more than {self.memory_mb} MB of memory.",
            hint="Give a smaller film, 1280 x 720 at the most; who runs the server may raise "
            "job_memory_mb.",
            code="job_memory",
        )

    def out_of_disk(self) -> InputError:
        """Said of a job that wrote a larger file."""
        return InputError(
            f"The job would write a file of more than {self.file_mb} MB.",
            hint="Give a shorter or smaller film; who runs the server may raise max_film_mb.",
            code="job_file",
        )

    def out_of_cpu(self) -> InputError:
        """Said of a job that computed for too long."""
        return InputError(
            f"The job needs more than {_minutes(self.cpu_s)} of computing.",
            hint="Cut the film into parts; who runs the server may raise job_cpu_s.",
            code="job_cpu",
        )

    def out_of_time(self) -> InputError:
        """Said of a job that ran for too long."""
        return InputError(
            f"The job has not ended within {_minutes(self.wall_s)}.",
            hint="Try it again when less goes on, or cut the film into parts; who runs the "
            "server may raise job_wall_s.",
            code="job_time",
        )


def is_too_large_a_file(error: BaseException) -> bool:
    """Whether a file grew beyond its limit, however that was wrapped on its way up."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno == errno.EFBIG:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
