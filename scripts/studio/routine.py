"""A routine as it is written down: which poses, how long each is moved into and held."""

from dataclasses import dataclass, replace

from scripts.studio.asana import Asana
from scripts.studio.asanas import ASANAS


@dataclass(frozen=True, slots=True)
class Beat:
    """One pose of a routine.

    Attributes:
        pose: key of the asana.
        move_s: how long the way into it takes (ignored for the first).
        hold_s: how long it is held.
        facing_deg: which way the person faces, as in `Asana`; None where the pose says it.
    """

    pose: str
    move_s: float
    hold_s: float
    facing_deg: float | None = None

    @property
    def asana(self) -> Asana:
        """The pose itself."""
        asana = ASANAS[self.pose]
        if self.facing_deg is None:
            return asana
        return replace(asana, facing_deg=self.facing_deg)


@dataclass(frozen=True, slots=True)
class Span:
    """When a pose is held, seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Routine:
    """Poses in their order."""

    title: str
    beats: tuple[Beat, ...]

    def spans(self) -> tuple[Span, ...]:
        """When each pose is held by someone who keeps exactly to the beat."""
        spans = []
        now = 0.0
        for i, beat in enumerate(self.beats):
            now += beat.move_s if i else 0.0
            spans.append(Span(now, now + beat.hold_s))
            now += beat.hold_s
        return tuple(spans)

    def chapters(self) -> str:
        """WebVTT: one chapter a pose, from the start of the way into it to the end of its hold."""
        lines = ["WEBVTT", ""]
        start = 0.0
        for beat, span in zip(self.beats, self.spans(), strict=True):
            asana = beat.asana
            lines += [f"{_stamp(start)} --> {_stamp(span.end_s)}"]
            lines += [f"{asana.english} ({asana.sanskrit})", ""]
            start = span.end_s
        return "\n".join(lines)


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"00:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


DEMO = Routine(
    "Standing flow",
    (
        Beat("mountain", 0.0, 3.0),
        Beat("upward_salute", 2.0, 4.5),
        Beat("star", 2.0, 6.5),
        Beat("goddess", 1.8, 6.0),
        Beat("warrior_two_left", 2.0, 5.0),
        Beat("side_bend_left", 2.2, 6.0),
        Beat("tree_left", 2.2, 4.5),
        Beat("mountain", 2.0, 2.5),
        Beat("warrior_two_right", 2.0, 5.0),
        Beat("side_bend_right", 2.2, 5.5),
        Beat("tree_right", 2.2, 4.5),
        Beat("chair", 1.8, 4.5),
        Beat("mountain", 2.0, 3.0),
    ),
)
"""The routine the product ships with."""
