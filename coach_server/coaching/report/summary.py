"""The sum of a practice: one frozen record, and how JSON holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.corrections import JUDGED_JOINTS
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.report.next_steps import Step
from coach_server.coaching.report.records import Correction, PoseSequence, WorstMoment
from coach_server.coaching.report.score import score
from coach_server.coaching.report.symmetry import Balance
from coach_server.coaching.report.timeline import Timeline


class Verdict(StrEnum):
    """Whether there is enough to go by."""

    JUDGED = "judged"
    TOO_LITTLE = "too_little"
    """The film ran, but hardly anything could be judged."""
    NOT_BEGUN = "not_begun"
    """The film never ran."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind the film the student was, seconds: the median and the middle half."""

    median_s: float
    lower_s: float
    upper_s: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a practice came to.

    Attributes:
        title: of the routine.
        began_t: when the film first ran, seconds since the student's first frame.
        film_s: seconds in which the film ran and the student's frames came.
        judged_s: seconds of those in which the student was judged.
        stood_s: seconds in which the film stood still after it had begun.
        silent_s: seconds of `film_s` in which nothing was judged, by the reason.
        passed, reached: poses that the film held, and those of them that the student did.
        lag: None where it was never known.
        sequences: in the order of the practice.
        sequences_dropped: those beyond what is kept.
        balance: left against right.
        best, worst: of the sequences reached; None where there are not two.
        corrections: what was cued, the most often unmended first.
        cues: every event in order.
        cues_dropped: those beyond what is kept.
        timeline: how far off, over time.
        verdict: whether there is enough to go by.
        steps: what to practise next, the most rewarding first.
        moments: the worst of the sequences, the worst first.
    """

    title: str
    began_t: float
    film_s: float
    judged_s: float
    stood_s: float
    silent_s: Mapping[str, float]
    passed: int
    reached: int
    lag: Lag | None
    sequences: tuple[PoseSequence, ...]
    sequences_dropped: int
    balance: tuple[Balance, ...]
    best: PoseSequence | None
    worst: PoseSequence | None
    corrections: tuple[Correction, ...]
    cues: tuple[CueEvent, ...]
    cues_dropped: int
    timeline: Timeline
    verdict: Verdict
    steps: tuple[Step, ...]
    moments: tuple[WorstMoment, ...] = ()

    @property
    def score(self) -> int | None:
        """0..100, see `score`; None where too little was judged."""
        return score(self.sequences) if self.verdict is Verdict.JUDGED else None

    @property
    def judged_share(self) -> float:
        """Of the time in which the film ran."""
        return self.judged_s / self.film_s if self.film_s > 0 else 0.0

    def as_dict(self) -> dict[str, object]:
        """As JSON holds it; of numbers that are not known it holds null."""
        lag = self.lag
        return {
            "title": self.title,
            "verdict": str(self.verdict),
            "score": self.score,
            "time": {
                "began_t": round(self.began_t, 2),
                "film_s": round(self.film_s, 2),
                "judged_s": round(self.judged_s, 2),
                "judged_share": round(self.judged_share, 3),
                "stood_s": round(self.stood_s, 2),
                "silent_s": {reason: round(s, 2) for reason, s in self.silent_s.items()},
            },
            "holds": {"passed": self.passed, "reached": self.reached},
            "lag": None
            if lag is None
            else {
                "median_s": round(lag.median_s, 2),
                "quartiles_s": [round(lag.lower_s, 2), round(lag.upper_s, 2)],
            },
            "sequences": [sequence.as_dict() for sequence in self.sequences],
            "sequences_dropped": self.sequences_dropped,
            "symmetry": [balance.as_dict() for balance in self.balance],
            "best": None if self.best is None else self.best.number,
            "worst": None if self.worst is None else self.worst.number,
            "corrections": [correction.as_dict() for correction in self.corrections],
            "cues": [cue.as_dict() for cue in self.cues],
            "cues_dropped": self.cues_dropped,
            "timeline": _timeline(self.timeline),
            "moments": [moment.as_dict() for moment in self.moments],
            "next": [step.as_dict() for step in self.steps],
        }


def _timeline(timeline: Timeline) -> dict[str, object]:
    """Columns of equal length; the angles by their index in `body.angles.Angle`."""
    return {
        "row_s": timeline.slot_s,
        "t": [round(float(t), 2) for t in timeline.t],
        "excess": _column(timeline.excess, 2),
        "angle": [None if angle < 0 else int(angle) for angle in timeline.angle],
        "deviation_deg": _column(timeline.degrees, 1),
        "lag_s": _column(timeline.lag_s, 2),
        "joints": joint_columns(timeline),
    }


def joint_columns(timeline: Timeline) -> dict[str, list[float | None]]:
    """How far off each joint was, by its name; empty where no joint was ever judged."""
    if not np.isfinite(timeline.joints).any():
        return {}
    return {
        name: _column(timeline.joints[:, column], 2) for column, name in enumerate(JUDGED_JOINTS)
    }


def _column(values: NDArray[np.float32], digits: int) -> list[float | None]:
    return [round(float(v), digits) if np.isfinite(v) else None for v in values]
