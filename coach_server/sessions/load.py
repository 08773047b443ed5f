"""How busy a process is that serves students, and what it asks of their pages before it refuses.

Pure decisions on measurements that are passed in; `LoadMeter` makes these.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

LATE_S: Final = 0.15
"""A result that is older than this is late: a cue would come after the movement it is about."""

LOOK_S: Final = 1.0
"""How often the load is measured."""

_WINDOW: Final = 5
"""Looks that a measurement spans: one frame that had to search says nothing of a load."""
_MOST_AGES: Final = 4096
_LEAST_FRAMES: Final = 30
"""In a window, for its price of a frame to be believed."""
_STILL: Final = 1 / 3
"""Of what a frame costs that is read, one that is not, for nothing has moved. It is a half or less:
rather too little here, for then a frame is taken to be dear."""
_FIRST_FRAME_S: Final = 0.015
"""CPU seconds that a frame is taken to cost until any was measured."""


@dataclass(frozen=True, slots=True)
class Camera:
    """What a page is asked to send.

    Attributes:
        max_fps: frames a second, at the most.
        scale_down: its picture's width and height are divided by this.
    """

    max_fps: int
    scale_down: float

    def as_dict(self) -> dict[str, object]:
        """As the message `camera` has it."""
        return asdict(self)


LADDER: Final = (Camera(30, 1.0), Camera(20, 1.0), Camera(15, 1.0), Camera(15, 1.5))
"""From all that a webcam gives to the least with which a coach can still see.

Fewer frames come first: a hold lasts for seconds, and 15 frames in each are plenty. A smaller
picture saves decoding alone, and costs keypoints where the student stands far away.
"""

FLOOR_FPS: Final = LADDER[-1].max_fps


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a process is.

    Attributes:
        students: connected.
        cpu: of the cores that are its share, what it uses; above 1 it takes from others.
        age_s: of its results, from a frame's arrival to the channel, the 95th percentile; 0 where
            there were none.
        frame_cpu: of its cores, what one frame a second takes that is read.
        moving_cpu: what it would use if all students moved, so that each frame were read.
    """

    students: int = 0
    cpu: float = 0.0
    age_s: float = 0.0
    frame_cpu: float = 0.0
    moving_cpu: float = 0.0

    def busy(self, most: float) -> float:
        """0 to 1 and beyond: what it uses, or how late its results are, where `most` is late."""
        return max(self.cpu, most * self.age_s / LATE_S)

    def with_more(self, joining: int) -> float:
        """What it would use with so many more, were all pages asked for as little as may be."""
        return (self.students + joining) * FLOOR_FPS * self.frame_cpu

    def takes_one_more(self, most: float, joining: int = 0) -> bool:
        """Whether one more can be served beside those who are there, and those about to be.

        Args:
            most: the share of its cores that it may use; 0 takes everybody.
            joining: students who have come since this was measured.
        """
        if most == 0 or self.students + joining == 0:
            return True
        return self.age_s <= LATE_S and self.with_more(joining + 1) <= most

    def as_dict(self) -> dict[str, Any]:
        """As it is told to the front process."""
        return asdict(self)


class Shedding:
    """Which rung of `LADDER` the pages are asked for.

    Down a rung once the process was too busy for `PATIENCE` looks; up again once what the rung
    above is expected to cost has fitted for `TRUST` looks, with room to spare: who is asked for
    more and then for less again sees both. Where that was in vain, for what is short does not
    follow the frames, it takes twice as long each time, up to `MOST_TRUST`.
    """

    PATIENCE: Final = 2
    TRUST: Final = 10
    MOST_TRUST: Final = 320
    IN_VAIN: Final = 20
    """Looks after a climb within which being too busy is its doing."""
    SPARE: Final = 0.8

    def __init__(self, most: float) -> None:
        self._most = most
        self._rung = 0
        self._hot = 0
        self._cool = 0
        self._trust = self.TRUST
        self._climbed: int | None = None
        self._students = 0

    @property
    def camera(self) -> Camera:
        """What is asked for at present."""
        return LADDER[self._rung]

    @property
    def rung(self) -> int:
        """0 where nothing is asked."""
        return self._rung

    def look(self, load: Load) -> Camera:
        """Take in a measurement; gives what is asked for from now on."""
        if load.students < self._students:
            self._trust = self.TRUST
        self._students = load.students
        if load.students == 0:  # what keeps it busy is no student's
            self._rung = self._hot = self._cool = 0
            self._climbed = None
            return self.camera
        if self._climbed is not None:
            self._climbed += 1
            if self._climbed > self.IN_VAIN:  # it held
                self._climbed, self._trust = None, self.TRUST
        busy = load.busy(self._most)
        self._hot = self._hot + 1 if self._most and busy > self._most else 0
        self._cool = self._cool + 1 if self._fits_above(load) else 0
        if self._hot >= self.PATIENCE and self._helps_below(load):
            if self._climbed is not None:
                self._climbed, self._trust = None, min(2 * self._trust, self.MOST_TRUST)
            self._move(1)
        elif self._cool >= self._trust and self._rung > 0:
            self._climbed = 0
            self._move(-1)
        return self.camera

    def _helps_below(self, load: Load) -> bool:
        """Whether there is a rung below, and it spares what is short.

        A smaller picture spares our own processor, and nothing where others keep us waiting.
        """
        if self._rung == len(LADDER) - 1:
            return False
        smaller = LADDER[self._rung + 1].scale_down > LADDER[self._rung].scale_down
        return load.cpu > self._most or not smaller

    def _fits_above(self, load: Load) -> bool:
        """Whether the rung above is expected to fit: computing follows the frames, age does not."""
        if self._rung == 0:
            return False
        more = LADDER[self._rung - 1].max_fps / LADDER[self._rung].max_fps
        in_time = load.age_s < self.SPARE * LATE_S
        return in_time and max(load.cpu, load.moving_cpu) * more < self.SPARE * self._most

    def _move(self, rungs: int) -> None:
        self._rung += rungs
        # What the step brings shows only after some looks.
        self._hot, self._cool = -_WINDOW, 0


@dataclass(frozen=True, slots=True)
class _Look:
    at_s: float
    cpu_s: float
    frames: int
    still: int


class LoadMeter:
    """Measures this process.

    Args:
        cores: its share of the machine's; None: all that it may run on.
        now: seconds on a clock that only goes forward.
        cpu: CPU seconds that the process has used, all its threads.
    """

    def __init__(
        self,
        cores: float | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._cores = cores or available_cores()
        self._now = now
        self._cpu = cpu
        self._frames = self._still = 0
        self._ages: deque[tuple[float, float]] = deque(maxlen=_MOST_AGES)
        self._looks: deque[_Look] = deque([_Look(now(), cpu(), 0, 0)], maxlen=_WINDOW + 1)
        self._frame_s = _FIRST_FRAME_S

    def judged(self, age_s: float, *, still: bool = False) -> None:
        """A frame's result is on its way, `age_s` after it came; `still` ones were not read."""
        self._frames += 1
        self._still += still
        self._ages.append((self._now(), age_s))

    def look(self, students: int) -> Load:
        """The load since some looks ago, with so many `students` connected."""
        now_s = self._now()
        self._looks.append(_Look(now_s, self._cpu(), self._frames, self._still))
        first, last = self._looks[0], self._looks[-1]
        cpu_s, frames = last.cpu_s - first.cpu_s, last.frames - first.frames
        # Students hold still together; a price of such frames would let in more than can move.
        still = last.still - first.still
        if frames >= _LEAST_FRAMES:
            self._frame_s = cpu_s / (frames - still + _STILL * still)
        while self._ages and self._ages[0][0] < first.at_s:
            self._ages.popleft()
        took_s = max(last.at_s - first.at_s, 1e-3)
        return Load(
            students=students,
            cpu=cpu_s / took_s / self._cores,
            age_s=_p95([age for _, age in self._ages]),
            frame_cpu=self._frame_s / self._cores,
            moving_cpu=frames * self._frame_s / took_s / self._cores,
        )


def available_cores() -> int:
    """Cores that this process may run on, or what a container's quota leaves of them."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError):  # none, or "max": all of them
        return cores


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * len(values))] if values else 0.0
