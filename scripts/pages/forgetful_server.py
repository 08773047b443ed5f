"""The scripted server of the tests with a coach that says it all again when the film goes back."""

from browser import scripted_server
from browser.scripted_server import ScriptedCoach

from coach_server.coaching.player import PlayerClock
from coach_server.inference.protocols import Frame
from coach_server.pipeline.student import FrameResult


class ForgetfulCoach(ScriptedCoach):
    """A practice that is gone through again and again has its cues each time."""

    _position = 0.0

    def step(self, frame: Frame, t: float, clock: PlayerClock | None) -> FrameResult:
        """One frame, as the scripted coach takes it."""
        position = clock.position(t) if clock is not None else 0.0
        if position < self._position - 1.0:
            self._told.clear()
        self._position = position
        return super().step(frame, t, clock)


if __name__ == "__main__":
    scripted_server.ScriptedCoach = ForgetfulCoach  # type: ignore[misc]  # what its lessons make
    scripted_server.main()
