"""Hand-made practices for the report: what was off, when, by exactly how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.cue import CueEvent, CueState, Direction, Joint, Side
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.report.practice import PlannedPose, PracticeReport
from coach_server.coaching.silence import Silence

FPS: Final = 10
"""Of a hand-made practice: a tenth of a second a frame, so that sums are round."""

BAND_DEG: Final = 10.0


def off_by(degrees: Mapping[Angle, float], band_deg: float = BAND_DEG) -> Deviation:
    """A comparison in which these angles are off and all others are right."""
    found = np.zeros(len(Angle), np.float32)
    for angle, off in degrees.items():
        found[angle] = off
    return Deviation(
        degrees=found,
        band=np.full(len(Angle), band_deg, np.float32),
        judged=np.ones(len(Angle), bool),
        far_off=np.zeros(len(Angle), bool),
    )


def cue(
    number: int,
    t: float,
    *,
    state: CueState = CueState.RAISED,
    side: Side = Side.LEFT,
    deviation_deg: float = -20.0,
) -> CueEvent:
    """A knee that is to bend more, or has been bent."""
    text = f"Bend your {side} knee more"
    return CueEvent(
        number, t, t, Joint.KNEE, side, Direction.BEND, deviation_deg, text, state, spoken=True
    )


@dataclass
class Practising:
    """Feeds a report, frame by frame; the film runs with the student `lag_s` behind it."""

    report: PracticeReport
    lag_s: float = 0.5
    t: float = 0.0
    frame: int = field(default=0)

    def go_on(
        self,
        seconds: float,
        *,
        hold: int = -1,
        off: Mapping[Angle, float] | None = None,
        cues: Sequence[CueEvent] = (),
        silence: Silence | None = None,
        runs: bool = True,
        film: float | None = None,
        joints: FloatArray | None = None,
        mirrored: bool = False,
    ) -> None:
        """So many seconds alike.

        Args:
            seconds: how long.
            hold: that the student is judged in, -1 in none.
            off: degrees by which angles are off there.
            cues: with the last frame.
            silence: why nothing is judged; moving between poses where there is no hold.
            runs: whether the film does.
            film: where it is at all that time; by default it keeps to the student's lag.
            joints: of the student.
            mirrored: whether they follow as in a mirror.
        """
        frames = round(seconds * FPS)
        if silence is None and hold < 0:
            silence = Silence.MOVING
        for i in range(frames):
            self.frame += 1
            self.t = self.frame / FPS
            self.report.add(
                self.t,
                routine_t=self.t - self.lag_s,
                lag_s=None if silence is Silence.NO_PERSON else self.lag_s,
                hold=hold,
                measured=off_by(off or {}) if hold >= 0 else None,
                cues=cues if i == frames - 1 else (),
                silence=silence,
                player_t=self.t if film is None else film,
                runs=runs,
                joints=joints,
                mirrored=mirrored,
            )


def plan(*names: str, every_s: float = 10.0, held_s: float = 5.0) -> tuple[PlannedPose, ...]:
    """Poses of `held_s`, one every `every_s`, the first from 0."""
    return tuple(
        PlannedPose(name, every_s * index, every_s * index + held_s)
        for index, name in enumerate(names)
    )
