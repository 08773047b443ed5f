"""A routine's segments: holds with what makes their poses, repetitions, and what lies between."""

from collections.abc import Iterable, Iterator
from typing import Final

from coach_server.body.angles import Angle
from coach_server.coaching.anomalies import Anomaly
from coach_server.coaching.holds import Hold
from coach_server.coaching.repetitions import PAUSE_S, find_repetitions
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from coach_server.library.routine_file import Segment

SHORTEST_S: Final = 0.3
"""A gap shorter than this is no transition."""


def segments_of(
    track: Track, holds: tuple[Hold, ...], anomalies: tuple[Anomaly, ...]
) -> tuple[Segment, ...]:
    """All that happens in a track, with these holds and what is not to be followed in them."""
    repetitions = [
        Segment(
            kind="repetitions",
            start_s=round(found.start_s, 3),
            end_s=round(found.end_s, 3),
            count=found.count,
        )
        for found in find_repetitions(track, holds)
    ]
    duration_s = len(track.time_s) / track.fps
    return with_transitions(hold_segments(track, holds, anomalies), repetitions, duration_s)


def hold_segments(
    track: Track, holds: tuple[Hold, ...], anomalies: tuple[Anomaly, ...]
) -> tuple[Segment, ...]:
    """The holds, with how much each angle makes their pose."""
    routine = Routine(track, holds, anomalies=anomalies)
    names = [angle.name.lower() for angle in Angle]
    return tuple(
        Segment.model_validate(
            {
                "start_s": round(hold.start_s, 3),
                "end_s": round(hold.end_s, 3),
                "importance": dict(zip(names, (round(float(w), 2) for w in weights), strict=True)),
            }
        )
        for hold, weights in zip(holds, routine.importance, strict=True)
    )


def is_seen(track: Track, hold: Hold) -> bool:
    """Whether anybody is seen in a hold."""
    inside = (track.time_s >= hold.start_s) & (track.time_s <= hold.end_s)
    return bool(track.present[inside].any())


def with_transitions(
    holds: Iterable[Segment], repetitions: Iterable[Segment], duration_s: float
) -> tuple[Segment, ...]:
    """All in order; what is neither hold nor repetition is a transition.

    A stretch of repetitions may hold short pauses, which are held and judged; where somebody keeps
    still for longer, nothing is repeated.
    """
    kept = list(holds)
    still = [hold for hold in kept if hold.end_s - hold.start_s > PAUSE_S]
    kept.extend(
        each
        for each in repetitions
        if all(each.end_s <= hold.start_s or each.start_s >= hold.end_s for hold in still)
    )
    between = _between(sorted(kept, key=_by_time), duration_s)
    return tuple(sorted([*kept, *between], key=_by_time))


def _between(segments: list[Segment], duration_s: float) -> Iterator[Segment]:
    end_s = 0.0
    for start_s, after_s in [*((s.start_s, s.end_s) for s in segments), (duration_s, duration_s)]:
        if start_s - end_s >= SHORTEST_S:
            yield Segment(kind="transition", start_s=end_s, end_s=round(start_s, 3))
        end_s = max(end_s, after_s)


def _by_time(segment: Segment) -> tuple[float, float]:
    return segment.start_s, -segment.end_s
