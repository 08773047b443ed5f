"""Counts over many sessions, and the figures they give."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from scripts.cue_scores.faults import MENDING_S, Fault
from scripts.cue_scores.hiding import Hidden
from scripts.cue_scores.intervals import rate, share
from scripts.cue_scores.scoring import (
    ACKNOWLEDGED_S,
    ON_TIME_S,
    PERSISTENCE_S,
    SPOKEN_EVERY_S,
    Cue,
    Judged,
    Verdict,
    judged,
    names,
)

STEP_S: Final = 1e-6


@dataclass(slots=True)
class Tally:
    """Sessions are added; `figures` says what they show.

    Attributes:
        minutes: of all sessions.
        cues: how many of each verdict, and of some other properties.
        false_of: what false cues were about.
        faults: of each label whether the faults that count were found.
        delays: seconds from the moment at which the faulty pose is reached to the cue.
    """

    minutes: float = 0.0
    cues: Counter[str] = field(default_factory=Counter)
    false_of: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[bool]] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)

    def add(
        self,
        cues: Sequence[Cue],
        faults: Sequence[Fault],
        duration_s: float,
        hidden: Sequence[Hidden] = (),
    ) -> list[Judged]:
        """Add a session; returns its cues with what they are."""
        self.minutes += duration_s / 60.0
        verdicts = judged(cues, faults)
        first = {v.fault: v.cue for v in verdicts if v.verdict is Verdict.RIGHT}
        for verdict in verdicts:
            self._count(verdict)
        for i, fault in enumerate(faults):
            self.cues["unseen"] += fault.meant and not fault.seen
            if fault.counts:
                self._fault(fault, first.get(i))
        self._said_aloud([cue for cue in cues if cue.spoken])
        self.cues["hidden"] += sum(_of_hidden(cue, hidden) for cue in cues)
        return verdicts

    def _count(self, judged_cue: Judged) -> None:
        verdict, cue = judged_cue.verdict, judged_cue.cue
        self.cues[verdict.value] += 1
        if verdict is Verdict.FALSE:
            self.cues["false_spoken"] += cue.spoken
            way = "" if cue.direction is None else f" {cue.direction}"
            self.false_of[f"{cue.joint}{way}"] += 1
        if verdict is Verdict.NEUTRAL:
            return
        if judged_cue.named:
            self.cues["named"] += 1
            self.cues["sign_told"] += cue.direction is not None
            told_right = verdict is not Verdict.FALSE and cue.direction is not None
            self.cues["sign_right"] += told_right
        if judged_cue.during:
            self.cues["during"] += 1
            self.cues["during_named"] += judged_cue.named

    def _fault(self, fault: Fault, cue: Cue | None) -> None:
        for label in fault.labels:
            self.faults.setdefault(label, []).append(cue is not None)
        if cue is None:
            return
        self.delays.append(cue.t - fault.arrived)
        self.cues["on_time"] += abs(cue.t - fault.arrived - PERSISTENCE_S) <= ON_TIME_S
        if fault.mended is not None and cue.t < fault.mended - MENDING_S:
            self.cues["mended"] += 1
            late = np.inf if cue.fixed_t is None else cue.fixed_t - fault.mended
            self.cues["acknowledged"] += -MENDING_S <= late <= ACKNOWLEDGED_S
        if cue.fixed_t is not None:
            begins = fault.end if fault.mended is None else fault.mended - MENDING_S
            self.cues["praised"] += 1
            self.cues["praised_wrongly"] += cue.fixed_t < begins - STEP_S

    def _said_aloud(self, cues: Sequence[Cue]) -> None:
        times = sorted(cue.t for cue in cues)
        self.cues["spoken"] += len(times)
        gaps = (b - a for a, b in pairwise(times))
        self.cues["too_close"] += sum(gap < SPOKEN_EVERY_S - STEP_S for gap in gaps)

    def figures(self) -> dict[str, Any]:
        """All figures; shares and rates with intervals and counts.

        `tf` is the temporal F score: the F1 of cues against the moments at which they are due
        (`PERSISTENCE_S` after the faulty pose is reached); a right cue within `ON_TIME_S` of it
        is a hit, each other one and each other fault a miss. What is repeated or neutral does not
        count.
        """
        right, false = self.cues["right"], self.cues["false"]
        every = self.faults.get("all", [])
        found = sum(every)
        precision, recall = share(right, right + false), share(found, len(every))
        delays = np.array(self.delays)
        return {
            "minutes": self.minutes,
            "cannot_be_seen": share(self.cues["unseen"], self.cues["unseen"] + len(every)),
            "recall": {
                key: share(sum(hits), len(hits)) for key, hits in sorted(self.faults.items())
            },
            "precision": precision,
            "f1": _harmonic(precision["value"], recall["value"]),
            "sign_right": share(self.cues["sign_right"], self.cues["sign_told"]),
            "joint_and_side_right": share(self.cues["during_named"], self.cues["during"]),
            "tf": _ratio(2 * self.cues["on_time"], right + false + len(every)),
            "delay_s": {
                "median": float(np.median(delays)) if len(delays) else None,
                "p95": float(np.percentile(delays, 95)) if len(delays) else None,
                "count": len(delays),
            },
            "false_per_min": rate(false, self.minutes),
            "false_spoken_per_min": rate(self.cues["false_spoken"], self.minutes),
            "acknowledged": share(self.cues["acknowledged"], self.cues["mended"]),
            "praised_wrongly": share(self.cues["praised_wrongly"], self.cues["praised"]),
            "cues": {v.value: self.cues[v.value] for v in Verdict},
            "false_of": dict(self.false_of.most_common()),
            "spoken": self.cues["spoken"],
            "spoken_too_close": self.cues["too_close"],
            "on_hidden_joints": self.cues["hidden"],
        }


def _of_hidden(cue: Cue, hidden: Sequence[Hidden]) -> bool:
    return any(
        h.start <= cue.t <= h.end and any(names(cue, joint, h.side) for joint in h.joints)
        for h in hidden
    )


def _harmonic(precision: float | None, recall: float | None) -> float | None:
    if precision is None or recall is None or not precision + recall:
        return 0.0 if recall is not None else None
    return 2 * precision * recall / (precision + recall)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
