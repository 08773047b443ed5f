"""Following a student through a routine, by whichever clock and on whichever side was chosen."""

import numpy as np

from coach_server.coaching.alignment import Match
from coach_server.coaching.calibration import Calibration
from coach_server.coaching.choices import Choices, Tempo
from coach_server.coaching.free_tempo import FreeTempo
from coach_server.coaching.lag import LagFilter
from coach_server.coaching.mirroring import MirrorFollower
from coach_server.coaching.motion import Steady
from coach_server.coaching.routine import Mirror, Routine


class Follower:
    """Where one student is in one routine.

    Args:
        routine: what is practised.
        choices: whose tempo, and which side.
    """

    def __init__(self, routine: Routine, choices: Choices) -> None:
        self._sides = (routine.followed(mirrored=False), routine.followed(mirrored=True))
        self._mirrored = choices.mirror is Mirror.MIRRORED
        self._both = None
        if choices.mirror is Mirror.AUTO:
            same, mirrored = (side.resampled for side in self._sides)
            self._both = MirrorFollower(same, mirrored)
        self._is_free = choices.tempo is Tempo.FREE
        self._take_side()

    @property
    def mirrored(self) -> bool:
        """Whether the student is followed as in a mirror."""
        return self._mirrored

    @property
    def routine(self) -> Routine:
        """The routine as the student takes it."""
        return self._sides[self._mirrored]

    @property
    def waits(self) -> bool:
        """Whether the film should wait for the student."""
        return self._free is not None and self._free.waits

    def reset(self) -> None:
        """The player has jumped: what was known of the place says nothing any more."""
        if self._both is not None:
            self._both.reset()
        self._take_side()

    def step(
        self, steady: Steady, t: float, player_t: float, level: Calibration | None
    ) -> Match | None:
        """Where the student is; None where the instructor is not in sight.

        Args:
            steady: the student's pose.
            t: seconds since the student's first frame.
            player_t: the player's time, seconds on the routine's clock.
            level: what is known of the student's camera.
        """
        directions = steady.directions
        if level is not None:
            turn = level.level.as_matrix().T.astype(np.float32)
            directions = np.asarray(directions @ turn, np.float32)
        found = None
        if self._both is not None:
            found = self._both.step(directions, steady.speed, t, player_t, still=steady.still)
            if self._both.mirrored is not self._mirrored:
                self._mirrored = self._both.mirrored
                self._take_side()
        if self._free is not None:
            return self._free.step(directions, t, player_t, still=steady.still)
        if self._lag is not None:
            return self._lag.step(directions, steady.speed, t, player_t, still=steady.still)
        return found

    def _take_side(self) -> None:
        routine = self.routine.resampled
        self._free = FreeTempo(routine) if self._is_free else None
        self._lag = None if self._is_free or self._both is not None else LagFilter(routine)
