"""T0 and T1: sessions of drawn routines, joints exact or misread as the lifter misreads them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.routine import Mirror
from scripts.bench.cpu import spread
from scripts.cue_scores.coached import Outcome, coached
from scripts.cue_scores.following import NEVER_S, found_after, lag_errors
from scripts.cue_scores.intervals import share
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.noise import Noise
from scripts.cue_scores.rivals import NAMES, rivals
from scripts.cue_scores.routines import fidgeting, scores
from scripts.cue_scores.scoring import Verdict
from scripts.cue_scores.seen import Seen
from scripts.cue_scores.sessions import Instructor, Session, instructor, session
from scripts.cue_scores.tally import Tally

STUDENTS_A_ROUTINE: Final = 100
"""Numbers of students of one routine."""
ROW_FPS: Final = (15.0, 15.0)
"""Rows of robustness are told apart from the plain run at this rate."""
HABITS: Final = (
    (Angle.RIGHT_ELBOW_FLEXION, 20.0),
    (Angle.LEFT_SHOULDER_ELEVATION, -20.0),
    (Angle.TRUNK_FORWARD, 20.0),
    (Angle.LEFT_KNEE_FLEXION, 20.0),
    (Angle.TRUNK_SIDE, -20.0),
    (Angle.RIGHT_SHOULDER_ELEVATION, 20.0),
    (Angle.TRUNK_TWIST, 20.0),
    (Angle.RIGHT_HIP_ABDUCTION, 20.0),
)
"""What is wrong in every pose, a routine each."""
REMINDED_S: Final = 30.0
"""A fault of every pose has to be named once in this time."""

Done: TypeAlias = list[tuple[Session, Outcome]]
Advance: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is run.

    Attributes:
        routines: how many.
        students: with faults, a routine.
        rows: whether the rows of robustness and the controls are run.
        rivals: whether other ways to compare are run on the same sessions.
    """

    routines: int = 8
    students: int = 2
    rows: bool = True
    rivals: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A way to practise that has to be borne."""

    manner: Manner
    choices: Choices = USUAL


_PLAIN: Final = Manner(fps=ROW_FPS)
_AS_IN_A_MIRROR: Final = replace(_PLAIN, mirrored=True)
ROWS: Final = {
    "limbs": Row(replace(_PLAIN, limbs=0.2)),
    "yaw": Row(replace(_PLAIN, yaw_deg=(0.0, 180.0))),
    "mirror": Row(_AS_IN_A_MIRROR, replace(USUAL, mirror=Mirror.MIRRORED)),
    "mirror_found": Row(_AS_IN_A_MIRROR, replace(USUAL, mirror=Mirror.AUTO)),
    "lag": Row(replace(_PLAIN, wide_lag=True)),
    "tempo": Row(replace(_PLAIN, tempo=0.15)),
    "fps": Row(replace(_PLAIN, fps=(15.0, 30.0))),
    "loss": Row(replace(_PLAIN, lost=0.1)),
}
"""What is told apart from the plain run by its F1."""


@dataclass(frozen=True, slots=True)
class Tier:
    """The sessions of a tier.

    Attributes:
        noise: None where joints are exact.
        size: how much is run.
        advance: told of each session that is done.
    """

    noise: Noise | None
    size: Size
    advance: Advance

    def run(self) -> dict[str, Any]:
        """All figures of the coach."""
        leads = self.leads()
        faulty = list(self.watched(leads, Manner(), students=self.size.students))
        right = list(self.watched(leads, Manner().perfect))
        figures = _figures(faulty, right) | {"cost_ms": _cost([*faulty, *right])}
        if self.size.rivals:
            figures["rivals"] = self._rivals(faulty, right)
        if self.size.rows:
            figures["rows"] = self.rows(leads)
            figures["controls"] = self.controls(leads)
        return figures

    def leads(self) -> list[Instructor]:
        """The instructors."""
        every = scores(self.size.routines)
        return [instructor(score, self.noise, i) for i, score in enumerate(every)]

    def sessions(
        self, leads: list[Instructor], manner: Manner, choices: Choices = USUAL, students: int = 1
    ) -> Iterator[Session]:
        """Of so many students a routine; the first are the same in every row."""
        for number, lead in enumerate(leads):
            for turn in range(students):
                who = number * STUDENTS_A_ROUTINE + turn
                yield session(lead, manner, self.noise, who, choices)

    def watched(
        self, leads: list[Instructor], manner: Manner, choices: Choices = USUAL, students: int = 1
    ) -> Iterator[tuple[Session, Outcome]]:
        """Those sessions with what the coach says."""
        for one in self.sessions(leads, manner, choices, students):
            yield one, coached(one)
            self.advance("coach")

    def _rivals(self, faulty: Done, right: Done) -> dict[str, Any]:
        """What the others say of the same sessions."""
        said: dict[str, tuple[Done, Done]] = {name: ([], []) for name in NAMES}
        for i, done in enumerate((faulty, right)):
            for one, _ in done:
                for name, outcome in rivals(Seen.of(one)).items():
                    said[name][i].append((one, outcome))
                self.advance("rivals")
        return {name: _figures(*both) for name, both in said.items()}

    def rows(self, leads: list[Instructor]) -> dict[str, Any]:
        """F1 of each row and by how much it is lower than that of the plain run."""
        plain = _cues(list(self.watched(leads, _PLAIN)))
        found: dict[str, Any] = {"plain": _brief(plain)}
        for name, row in ROWS.items():
            figures = _cues(list(self.watched(leads, row.manner, row.choices)))
            drop = (plain["f1"] or 0.0) - (figures["f1"] or 0.0)
            found[name] = _brief(figures) | {"f1_drop": drop}
        return found

    def controls(self, leads: list[Instructor]) -> dict[str, Any]:
        """What a coach must not fall for, and breaks from which it has to find back."""
        perfect = _PLAIN.perfect
        restless = [
            instructor(fidgeting(lead.score, i), self.noise, i) for i, lead in enumerate(leads)
        ]
        controls = {
            "fidgeting_instructor": _brief(_cues(list(self.watched(restless, perfect)))),
            "sway": _brief(_cues(list(self.watched(leads, replace(perfect, sway_deg=2.0))))),
            "hidden_limbs": _brief(_cues(list(self.watched(leads, replace(perfect, hides=True))))),
        }
        for name, manner in (
            ("pause", replace(perfect, pauses=4)),
            ("skip", replace(perfect, skips=4)),
        ):
            done = list(self.watched(leads, manner))
            took = [s for one, said in done for s in found_after(one, said.routine_t)]
            controls[name] = _brief(_cues(done)) | {
                "found_s": _quantiles(took),
                "never": share(sum(s >= NEVER_S for s in took), len(took)),
            }
        controls["habit"] = self._habits(leads)
        return controls

    def _habits(self, leads: list[Instructor]) -> dict[str, Any]:
        """Whether a fault that is there in every pose is named again and again."""
        stretches: list[bool] = []
        first: list[float] = []
        every = Tally()
        for number, lead in enumerate(leads):
            manner = replace(_PLAIN, habit=HABITS[number % len(HABITS)])
            ((one, said),) = self.watched([lead], manner)
            verdicts = every.add(said.cues, one.faults, one.duration_s)
            named = [v.cue.t for v in verdicts if v.verdict in (Verdict.RIGHT, Verdict.REPEATED)]
            first.append(min(named, default=np.inf))
            starts = np.arange(0.0, one.duration_s - REMINDED_S, REMINDED_S)
            stretches += [any(s <= t < s + REMINDED_S for t in named) for s in starts]
        found = [s for s in first if np.isfinite(s)]
        return {
            "named_each_half_minute": share(sum(stretches), len(stretches)),
            "caught": share(len(found), len(first)),
            "first_s": _quantiles(found),
            "cues": every.figures()["cues"],
        }


def _figures(faulty: Done, right: Done) -> dict[str, Any]:
    """Of students with faults, and beside them of those who are right."""
    following = _following([*faulty, *right])
    return _cues(faulty) | {"perfect": _cues(right), "following": following}


def _cues(done: Done) -> dict[str, Any]:
    tally = Tally()
    for one, said in done:
        tally.add(said.cues, one.faults, one.duration_s, one.hidden)
    return tally.figures()


def _brief(figures: dict[str, Any]) -> dict[str, Any]:
    """What is told of rows and controls."""
    kept = ("f1", "precision", "false_per_min", "false_spoken_per_min", "on_hidden_joints", "tf")
    found = {name: figures[name] for name in kept}
    return found | {"recall": figures["recall"].get("all"), "sign_right": figures["sign_right"]}


def _following(done: Done) -> dict[str, Any]:
    parts = [lag_errors(one, said.routine_t) for one, said in done]
    errors = np.concatenate([errors for errors, _ in parts])
    silent = sum(silent for _, silent in parts)
    return {
        "lag_error_ms": float(1000 * errors.mean()) if len(errors) else None,
        "lag_error_p95_ms": float(1000 * np.percentile(errors, 95)) if len(errors) else None,
        "frames": len(errors),
        "silent": silent / max(len(errors) + silent, 1),
    }


def _cost(done: Done) -> dict[str, float]:
    return spread(np.concatenate([said.cpu_ms for _, said in done]).tolist())


def _quantiles(values: list[float]) -> dict[str, Any]:
    if not values:
        return {"median": None, "p95": None, "count": 0}
    return {
        "median": float(np.median(values)),
        "p95": float(np.percentile(values, 95)),
        "count": len(values),
    }
