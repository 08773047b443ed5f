"""T0 and T1: sessions of drawn routines, joints exact or misread as the lifter misreads them."""

from dataclasses import dataclass
from typing import Any

from scripts.cue_scores.controls import controls
from scripts.cue_scores.figures import Done, cost_of, figures_of
from scripts.cue_scores.noise import Noise
from scripts.cue_scores.rivals import NAMES, rivals
from scripts.cue_scores.rows import rows
from scripts.cue_scores.seen import Seen
from scripts.cue_scores.watching import PLAIN, Advance, Watching


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


def tier(noise: Noise | None, size: Size, advance: Advance) -> dict[str, Any]:
    """All figures of a tier.

    Args:
        noise: None where joints are exact.
        size: how much is run.
        advance: told of each session that is done.
    """
    watching = Watching(noise, size.routines, advance)
    leads = watching.leads()
    faulty = watching.watched(leads, PLAIN, students=size.students)
    right = watching.watched(leads, PLAIN.perfect)
    figures = figures_of(faulty, right) | {"cost_ms": cost_of([*faulty, *right])}
    if size.rivals:
        figures["rivals"] = _rivals(faulty, right, advance)
    if size.rows:
        figures["rows"] = rows(watching, leads, faulty[:: size.students])
        figures["controls"] = controls(watching, leads)
    return figures


def _rivals(faulty: Done, right: Done, advance: Advance) -> dict[str, Any]:
    """What the others say of the same sessions."""
    said: dict[str, tuple[Done, Done]] = {name: ([], []) for name in NAMES}
    for i, done in enumerate((faulty, right)):
        for one, _ in done:
            for name, outcome in rivals(Seen.of(one)).items():
                said[name][i].append((one, outcome))
            advance("rivals")
    return {name: figures_of(*both) for name, both in said.items()}
