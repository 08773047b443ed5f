"""One server after another under students who come and go, until the hours are full."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from coach_server.errors import InputError
from coach_server.sessions.load import available_cores
from scripts.load.films import Films
from scripts.load.webcam import SimulatedWebcam
from scripts.soak.samples import EVERY_S, Sample, append, read, soaked_s
from scripts.soak.server import SoakedServer
from scripts.soak.students import FPS, Students, Tally

SAMPLES: Final = "samples.jsonl"
PLAN: Final = "soak.json"
_SETTLE_S: Final = 5.0
_PRICED_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Soak:
    """What is soaked; kept in the folder, so that it goes on the same.

    Attributes:
        load: share of the machine's cores that server and webcams shall use together.
        workers: processes that serve students.
        keypoints: the engine.
        seed: of the students' plans.
        student_cores: that one student costs the server at the camera's full rate; None until it is
            measured.
        webcam_cores: that the student's own webcam costs.
    """

    load: float
    workers: int
    keypoints: str
    seed: int
    student_cores: float | None = None
    webcam_cores: float | None = None

    @property
    def at_once(self) -> float:
        """Students on average."""
        if self.student_cores is None or self.webcam_cores is None:
            raise ValueError("the price of a student was not measured yet")
        return max(0.2, self.load * available_cores() / (self.student_cores + self.webcam_cores))


def begin(folder: Path, wanted: Soak) -> Soak:
    """The folder's soak: the one that was begun there, or the one that is wanted now.

    Raises:
        InputError: another was begun there.
    """
    path = folder / PLAN
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        return wanted
    kept = Soak(**json.loads(path.read_text("utf-8")))
    given = (wanted.load, wanted.workers, wanted.keypoints, wanted.seed)
    if given != (kept.load, kept.workers, kept.keypoints, kept.seed):
        raise InputError(
            f"Another soak was begun in {folder}: {path.read_text('utf-8').strip()}",
            hint="Give the same options, or another folder.",
        )
    return kept


async def soak(
    folder: Path, planned: Soak, hours: float, cache: Path, shows: Callable[[Sample], None]
) -> None:
    """Soak until `hours` are full in all, or until told to stop; each sample is shown and kept."""
    films = Films(cache)
    for fps, smaller in ((FPS, 1.0), (20.0, 1.0), (15.0, 1.0), (15.0, 1.5)):
        await asyncio.to_thread(films.at, fps, smaller)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    while not stopped.is_set():
        samples = read(folder / SAMPLES)
        left_s = hours * 3600 - soaked_s(samples)
        if left_s <= 0:
            return
        segment = samples[-1].segment + 1 if samples else 1
        came = samples[-1].came if samples else 0
        server = SoakedServer(folder, segment, workers=planned.workers, keypoints=planned.keypoints)
        with await asyncio.to_thread(server.__enter__):
            if planned.student_cores is None:
                planned = await _priced(planned, server, films)
                (folder / PLAN).write_text(json.dumps(asdict(planned)) + "\n", "utf-8")
            watch = _Watch(folder / SAMPLES, server, segment, shows)
            async with Students(
                server.address, films, at_once=planned.at_once, seed=planned.seed, came=came
            ) as students:
                await watch.until(left_s, students, stopped)


class _Watch:
    """Takes the samples of one server."""

    def __init__(
        self, path: Path, server: SoakedServer, segment: int, shows: Callable[[Sample], None]
    ) -> None:
        self._path, self._server, self._segment, self._shows = path, server, segment, shows
        self._at_s, self._replaced = time.monotonic(), 0
        self._cpu_s, self._own_s = server.cpu_s, time.process_time()

    async def until(self, seconds: float, students: Students, stopped: asyncio.Event) -> None:
        """Sample until these seconds are over, the server has died, or all shall stop."""
        end_s = self._server.up_s + seconds
        while not stopped.is_set() and not self._server.has_died and self._server.up_s < end_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await stopped.wait()
            if students.broken is not None:
                raise students.broken
            sample = await self._look(students)
            await asyncio.to_thread(append, self._path, sample)
            self._shows(sample)

    async def _look(self, students: Students) -> Sample:
        processes = await asyncio.to_thread(self._server.processes)
        replaced = await asyncio.to_thread(self._server.replaced)
        errors, warnings = await asyncio.to_thread(self._server.new_events)
        tally = students.take()
        now_s, cpu_s, own_s = time.monotonic(), self._server.cpu_s, time.process_time()
        took_s = now_s - self._at_s
        counted, self._replaced = replaced - self._replaced, max(replaced, self._replaced)
        sample = Sample(
            at=round(time.time(), 2),
            segment=self._segment,
            up_s=round(self._server.up_s, 2),
            students=sum(webcam.is_live for webcam in students.live),
            came=students.came,
            rss_mb=round(sum(each.rss_mb for each in processes), 2),
            fds=sum(each.fds for each in processes),
            threads=sum(each.threads for each in processes),
            processes=tuple(processes),
            cpu=round((cpu_s - self._cpu_s) / took_s, 3),
            webcams_cpu=round((own_s - self._own_s) / took_s, 3),
            load_1min=round(os.getloadavg()[0], 2),
            errors=errors,
            warnings=warnings,
            replaced=max(0, counted),
            died=self._server.has_died,
            **_of_students(tally, took_s),
        )
        self._at_s, self._cpu_s, self._own_s = now_s, cpu_s, own_s
        return sample


def _of_students(tally: Tally, took_s: float) -> dict[str, Any]:
    """The fields of a sample that students' webcams have counted."""
    ages = sorted(age for seen in tally.seen for age in seen.ages_ms)
    refused: Counter[str] = Counter()
    for seen in tally.seen:
        refused.update({str(status): count for status, count in seen.refused.items()})
    return {
        "poses_per_s": round(sum(seen.poses for seen in tally.seen) / took_s, 2),
        "age_p50_ms": round(ages[len(ages) // 2], 1) if ages else None,
        "age_p95_ms": round(ages[int(len(ages) * 0.95)], 1) if ages else None,
        "joins": sum(len(seen.joins) for seen in tally.seen),
        "resumed": tally.resumed,
        "left": dict(tally.left),
        "refused": dict(refused),
        "asked_less": sum(seen.controls["camera"] for seen in tally.seen),
        "unserved": tally.unserved,
        "lost": max(0, sum(seen.lost for seen in tally.seen) - tally.reloaded),
        "broken": sum(seen.broken for seen in tally.seen),
    }


async def _priced(planned: Soak, server: SoakedServer, films: Films) -> Soak:
    """Measure what one student costs, who is alone."""
    async with SimulatedWebcam(server.address, films, fps=FPS) as webcam:
        await webcam.join()
        await webcam.begun()
        await asyncio.sleep(_SETTLE_S)
        webcam.take()
        cpu_s, own_s = server.cpu_s, time.process_time()
        await asyncio.sleep(_PRICED_S)
        full_s = max(1, webcam.take().poses) / FPS  # so long for every frame to be answered
        return Soak(
            planned.load,
            planned.workers,
            planned.keypoints,
            planned.seed,
            round((server.cpu_s - cpu_s) / full_s, 4),
            round((time.process_time() - own_s) / full_s, 4),
        )
