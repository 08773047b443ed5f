"""Many simulated webcams at once, and what they have seen together."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, Self

from scripts.bench.cpu import spread
from scripts.load.films import Films
from scripts.load.seen import Join, Seen
from scripts.load.webcam import RefusedError, SimulatedWebcam

GAP_S: Final = 0.1
"""Between one student's offer and the next."""
STAGGER: Final = 0.618
"""Share of the film by which each student begins later than the one before: never together."""
WINDOWS: Final = 12
"""Into how many parts a measurement is cut, to see whether ages grow."""


class Crowd:
    """Students who come one after another, stay, and leave together.

    Args:
        address: of the server.
        films: what they send, each from another place.
        fps: frames a second of each.
        obeys, patience_s: see `SimulatedWebcam`.

    Attributes:
        webcams: of those who have a place.
        turned_away: how many were refused for good.
    """

    def __init__(
        self,
        address: str,
        films: Films,
        *,
        fps: float = 30,
        obeys: bool = False,
        patience_s: float = 60.0,
    ) -> None:
        self.webcams: list[SimulatedWebcam] = []
        self.turned_away = 0
        self._address, self._films, self._fps = address, films, fps
        self._obeys, self._patience_s = obeys, patience_s
        self._keeping: list[asyncio.Task[None]] = []
        self._refused: Counter[int] = Counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await asyncio.gather(*(webcam.leave() for webcam in self.webcams))

    async def grow(self, students: int) -> None:
        """Bring their number to `students`; who has a place has seen a first pose.

        They come back when cut off. Those whom the server refuses for good stay away.
        """
        came = len(self.webcams)
        new = [self._webcam(index) for index in range(came, students)]
        results = await asyncio.gather(
            *(self._come(webcam, index * GAP_S) for index, webcam in enumerate(new))
        )
        for webcam, is_in in zip(new, results, strict=True):
            if is_in:
                self.webcams.append(webcam)
                self._keeping.append(asyncio.create_task(webcam.keep()))
            else:
                self.turned_away += 1
                self._refused.update(webcam.seen.refused)
                await webcam.leave()

    async def come_and_go(self, times: int) -> dict[str, Any]:
        """Students who come one by one and leave with their first pose: how they joined."""
        joins: list[Join] = []
        failed = 0
        for index in range(times):
            async with self._webcam(index) as webcam:
                if await self._come(webcam, 0.0):
                    joins += webcam.seen.joins
                else:
                    failed += 1
        return {"joins": len(joins), "failed": failed, **joined(joins)}

    async def measure(self, seconds: float) -> dict[str, Any]:
        """What everybody sees in the next `seconds`; joins are those since the last measurement."""
        before = [webcam.take() for webcam in self.webcams]
        sent = [webcam.sent for webcam in self.webcams]
        for one in sent:
            one.clear()
        began_s, cpu_s = time.monotonic(), time.process_time()
        await asyncio.sleep(seconds)
        took_s, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
        seen = [webcam.take() for webcam in self.webcams]
        here = len(self.webcams)
        student_s = max(1, here) * took_s
        return {
            "students": here,
            "turned_away": self.turned_away,
            "connected": sum(webcam.is_live for webcam in self.webcams),
            "fps": self._fps,
            "seconds": round(took_s, 2),
            "sent_per_s": round(sum(one.frames for one in sent) / student_s, 2),
            "poses_per_s": round(sum(one.poses for one in seen) / student_s, 2),
            "bodies_per_s": round(sum(one.bodies for one in seen) / student_s, 2),
            "age_ms": told(age for one in seen for age in one.ages_ms),
            "age_p95_worst_ms": max((told(one.ages_ms)["p95"] or 0.0 for one in seen), default=0.0),
            "age_windows": windows(seen, began_s, took_s),
            "late_ms": told(late for one in sent for late in one.late_ms),
            "missed": sum(one.missed for one in sent),
            "keys_asked": sum(one.asked for one in sent),
            **joined([join for one in before for join in one.joins]),
            "controls": _summed(one.controls for one in seen),
            "byes": _summed(one.byes for one in [*before, *seen]),
            "refused": _summed([*(one.refused for one in [*before, *seen]), self._refused]),
            "lost": sum(one.lost for one in [*before, *seen]),
            "broken": sum(one.broken for one in [*before, *seen]),
            "generator_cpu_s_per_student_s": round(cpu_s / student_s, 4),
        }

    def _webcam(self, index: int) -> SimulatedWebcam:
        film = self._films.at(self._fps)
        return SimulatedWebcam(
            self._address,
            self._films,
            fps=self._fps,
            obeys=self._obeys,
            patience_s=self._patience_s,
            start_s=index * STAGGER % 1 * len(film.packets) / film.fps,
        )

    async def _come(self, webcam: SimulatedWebcam, after_s: float) -> bool:
        await asyncio.sleep(after_s)
        try:
            await webcam.join()
            await webcam.begun()
        except (RefusedError, TimeoutError):
            return False
        return True


def told(values: Iterable[float]) -> dict[str, float | None]:
    """Mean, median, 95th percentile and the most, rounded; None where there are none."""
    kept = list(values)
    if not kept:
        return {"mean": None, "p50": None, "p95": None, "most": None}
    return {**spread(kept), "most": round(max(kept), 3)}


def joined(joins: list[Join]) -> dict[str, Any]:
    """How long it took from the offer to the answer, and to the first pose."""
    poses = [join.first_pose_ms for join in joins if join.first_pose_ms is not None]
    return {
        "join_answer_ms": told(join.answer_ms for join in joins),
        "join_first_pose_ms": told(poses),
    }


def windows(seen: list[Seen], began_s: float, took_s: float) -> list[dict[str, float | None]]:
    """Ages in `WINDOWS` parts of a measurement: middle of the part in seconds, p50, p95."""
    parts: list[list[float]] = [[] for _ in range(WINDOWS)]
    for one in seen:
        for at_s, age in zip(one.at_s, one.ages_ms, strict=True):
            part = int((at_s - began_s) / took_s * WINDOWS)
            parts[min(max(part, 0), WINDOWS - 1)].append(age)
    return [
        {
            "at_s": round((index + 0.5) * took_s / WINDOWS, 2),
            "p50": told(ages)["p50"],
            "p95": told(ages)["p95"],
        }
        for index, ages in enumerate(parts)
    ]


def _summed(counts: Iterable[Counter[Any]]) -> dict[str, int]:
    total: Counter[Any] = Counter()
    for count in counts:
        total.update(count)
    return {str(key): total[key] for key in sorted(total, key=str)}
