"""A routine's segments: holds with what makes their poses, repetitions, and what lies between."""

from collections.abc import Iterable, Iterator
from typing import Final

from coach_server.body.angles import Angle
from coach_server.coaching.holds import Hold
from coach_server.coaching.routine import Routine
from coach_server.coaching.track import Track
from coach_server.library.routine_file import Segment

SHORTEST_S: Final = 0.3
"""A gap shorter than this is no transition."""


def segments_of(track: Track, holds: tuple[Hold, ...]) -> tuple[Segment, ...]:
    """All that happens in a track, with these holds."""
    duration_s = len(track.time_s) / track.fps
    return with_transitions(hold_segments(track, holds), (), duration_s)


def hold_segments(track: Track, holds: tuple[Hold, ...]) -> tuple[Segment, ...]:
    """The holds, with how much each angle makes their pose."""
    names = [angle.name.lower() for angle in Angle]
    return tuple(
        Segment.model_validate(
            {
                "start_s": round(hold.start_s, 3),
                "end_s": round(hold.end_s, 3),
                "importance": dict(zip(names, (round(float(w), 2) for w in weights), strict=True)),
            }
        )
        for hold, weights in zip(holds, Routine(track, holds).importance, strict=True)
    )


def is_seen(track: Track, hold: Hold) -> bool:
    """Whether anybody is seen in a hold."""
    inside = (track.time_s >= hold.start_s) & (track.time_s <= hold.end_s)
    return bool(track.present[inside].any())


def with_transitions(
    holds: Iterable[Segment], repetitions: Iterable[Segment], duration_s: float
) -> tuple[Segment, ...]:
    """All in order: what overlaps a hold is no repetition, what is neither is a transition."""
    kept = list(holds)
    for each in repetitions:
        if all(each.end_s <= hold.start_s or each.start_s >= hold.end_s for hold in kept):
            kept.append(each)
    kept.sort(key=lambda segment: segment.start_s)
    return tuple(sorted([*kept, *_between(kept, duration_s)], key=lambda s: s.start_s))


def _between(segments: list[Segment], duration_s: float) -> Iterator[Segment]:
    ends = [0.0, *(segment.end_s for segment in segments)]
    starts = [*(segment.start_s for segment in segments), duration_s]
    for end_s, start_s in zip(ends, starts, strict=True):
        if start_s - end_s >= SHORTEST_S:
            yield Segment(kind="transition", start_s=end_s, end_s=round(start_s, 3))
