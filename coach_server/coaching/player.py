"""Where the instructor's film is: the page says so now and then, time says the rest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayerClock:
    """The last word on the player.

    Attributes:
        t: seconds on the routine's clock at `at_s`.
        playing: whether the film runs.
        rate: routine seconds per second of `at_s`'s clock.
        at_s: when that held, in seconds on the clock that frames are captured on.
        end_s: the routine's duration: the film stops there.
    """

    t: float
    playing: bool
    rate: float
    at_s: float
    end_s: float

    def position(self, at_s: float) -> float:
        """The routine time shown at `at_s` (same clock as the attribute), within 0..`end_s`."""
        moved = (at_s - self.at_s) * self.rate if self.playing else 0.0
        return min(max(self.t + moved, 0.0), self.end_s)

    def runs(self, at_s: float) -> bool:
        """Whether the film is running at `at_s`: playing, and not yet at its end."""
        return self.playing and self.position(at_s) < self.end_s
