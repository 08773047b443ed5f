"""What a job may use: strangers' films are decoded in its process."""

import resource
from dataclasses import dataclass
from typing import Final, Self

from coach_server.errors import InputError
from coach_server.settings import Settings

_MORE_S: Final = 5
"""After its limit of computing a process that does not end is killed."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What the process of a job is stopped beyond.

    Attributes:
        memory_mb: megabytes of data.
        cpu_s: seconds of computing.
        wall_s: seconds from its beginning.
    """

    memory_mb: int
    cpu_s: int
    wall_s: float

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the operator has set them."""
        return cls(settings.job_memory_mb, settings.job_cpu_s, settings.job_wall_s)

    def apply(self) -> None:
        """Hold this very process to them; the wall clock is watched by who started it."""
        data = self.memory_mb << 20
        resource.setrlimit(resource.RLIMIT_DATA, (data, data))
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_s, self.cpu_s + _MORE_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def out_of_memory(self) -> InputError:
        """Said of a job that asked for more memory."""
        return InputError(
            f"The job needs more than {self.memory_mb} MB of memory.",
            hint="Give a smaller film, 1280 x 720 at the most; who runs the server may raise "
            "job_memory_mb.",
            code="job_memory",
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


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
