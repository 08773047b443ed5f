"""What is looked at every ten seconds of a soak, kept a line each."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from coach_server.errors import InputError

EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the server.

    Attributes:
        role: `front`, `worker`, or `other`: a job, or what looks at a stranger's film.
        rss_mb: resident megabytes; what is shared with others counts in each.
        cpu_s: CPU seconds so far.
    """

    pid: int
    role: str
    rss_mb: float
    fds: int
    threads: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The server and its students at one time; counts are since the sample before.

    Attributes:
        at: seconds since 1970.
        segment: which server process, from 1.
        up_s: since that process could serve.
        students: that are live.
        came: students so far, over all segments.
        rss_mb, fds, threads: of all processes together.
        processes: each of them.
        cpu: cores that the server used.
        webcams_cpu: cores that the simulated webcams used.
        load_1min: of the machine.
        poses_per_s: that arrived, of all students together.
        age_p50_ms, age_p95_ms: from capture to arrival; None where none came.
        joins, resumed: ways in, and those of them that took a session up again.
        left: students who are through, by how they went.
        refused: offers, by HTTP status; 0 where nobody answered.
        asked_less: the server's messages that ask for another rate.
        unserved: students who gave up, or saw no pose.
        lost: connections that ended without a student's wish.
        broken: messages that are not what the protocol says.
        errors, warnings: events of the server's log.
        replaced: workers that ended and were replaced.
        died: whether the server's process ended by itself.
    """

    at: float
    segment: int
    up_s: float
    students: int
    came: int
    rss_mb: float
    fds: int
    threads: int
    processes: tuple[Process, ...]
    cpu: float
    webcams_cpu: float
    load_1min: float
    poses_per_s: float
    age_p50_ms: float | None
    age_p95_ms: float | None
    joins: int
    resumed: int
    left: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    asked_less: int = 0
    unserved: int = 0
    lost: int = 0
    broken: int = 0
    errors: int = 0
    warnings: int = 0
    replaced: int = 0
    died: bool = False


def append(path: Path, sample: Sample) -> None:
    """Add a sample, whole: a line that was cut off before stays a line of its own."""
    with path.open("a+", encoding="utf-8") as file:
        if file.tell() and not _ends_whole(path):
            file.write("\n")
        file.write(json.dumps(asdict(sample)) + "\n")


def read(path: Path) -> list[Sample]:
    """All samples; a line that was cut off by a kill is passed over.

    Raises:
        InputError: there are lines that are no samples of this version.
    """
    if not path.exists():
        return []
    return list(_parsed(path))


def soaked_s(samples: Sequence[Sample]) -> float:
    """Seconds for which servers were up: times between segments do not count."""
    return sum(run[-1].up_s for run in segments(samples))


def segments(samples: Sequence[Sample]) -> list[list[Sample]]:
    """The samples of each server process."""
    runs: list[list[Sample]] = []
    for sample in samples:
        if not runs or runs[-1][-1].segment != sample.segment:
            runs.append([])
        runs[-1].append(sample)
    return runs


def _parsed(path: Path) -> Iterator[Sample]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.endswith("}"):
            continue
        try:
            told = json.loads(line)
            told["processes"] = tuple(Process(**each) for each in told["processes"])
            yield Sample(**told)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"Line {number} of {path.name} is no sample: {error}.",
                hint="Soak in another folder.",
            ) from error


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
