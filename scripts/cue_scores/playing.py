"""The film as it is played, and the moments in which a camera looks at the student."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.cue_scores.figure import Array
from scripts.cue_scores.manner import Manner

PAUSE_S: Final = 5.0
SKIP_S: Final = (12.0, 25.0)
UNDISTURBED_S: Final = 15.0
"""Pauses and skips are at least so far from the beginning and the end, and from one another."""


@dataclass(frozen=True, slots=True)
class Played:
    """T frames; seconds are those of the student's camera, places are seconds of the routine.

    Attributes:
        t: (T,) when each frame was taken.
        player_t: (T,) where the film was.
        runs: (T,) whether it ran.
        pauses: (start, end) of each pause.
        skips: when it jumped.
    """

    t: Array
    player_t: Array
    runs: NDArray[np.bool_]
    pauses: tuple[tuple[float, float], ...] = ()
    skips: tuple[float, ...] = ()


def play(duration_s: float, manner: Manner, rng: np.random.Generator) -> Played:
    """Play a film to its end."""
    pauses, skips = _events(duration_s, manner, rng)
    longest = duration_s + PAUSE_S * len(pauses)
    slow, fast = manner.fps
    count = int(longest * fast) + 1
    t = np.concatenate([[0.0], np.cumsum(1.0 / rng.uniform(slow, fast, count))])
    t = t[rng.random(len(t)) >= manner.lost]
    paused = [np.clip(t - start, 0.0, end - start) for start, end in pauses]
    jumped = [np.where(t >= at, by, 0.0) for at, by in skips]
    place = t - sum(paused, np.zeros(len(t))) + sum(jumped, np.zeros(len(t)))
    on = place < duration_s
    runs = np.ones(len(t), np.bool_)
    for start, end in pauses:
        runs &= (t < start) | (t >= end)
    return Played(t[on], place[on], runs[on], tuple(pauses), tuple(at for at, _ in skips))


def _events(
    duration_s: float, manner: Manner, rng: np.random.Generator
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Pauses (start, end), and skips (when, by how much), in the student's time."""
    count = manner.pauses + manner.skips
    if not count:
        return [], []
    left = duration_s - manner.skips * SKIP_S[1]
    room = left / count
    pauses: list[tuple[float, float]] = []
    skips: list[tuple[float, float]] = []
    for number in range(count):
        at = number * room + rng.uniform(UNDISTURBED_S, room - 5.0) + PAUSE_S * len(pauses)
        if number < manner.pauses:
            pauses.append((at, at + PAUSE_S))
        else:
            skips.append((at, float(rng.uniform(*SKIP_S))))
    return pauses, skips
