"""Ways to practise that a coach has to bear: told apart from the plain run by the F1."""

from dataclasses import dataclass, replace
from typing import Any, Final

from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.routine import Mirror
from scripts.cue_scores.figures import Done, brief, cues_of
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.sessions import Instructor
from scripts.cue_scores.watching import PLAIN, Watching


@dataclass(frozen=True, slots=True)
class Row:
    """A way to practise that has to be borne."""

    manner: Manner
    choices: Choices = USUAL


_AS_IN_A_MIRROR: Final = replace(PLAIN, mirrored=True)
ROWS: Final = {
    "limbs": Row(replace(PLAIN, limbs=0.2)),
    "yaw": Row(replace(PLAIN, yaw_deg=(0.0, 180.0))),
    "mirror": Row(_AS_IN_A_MIRROR, replace(USUAL, mirror=Mirror.MIRRORED)),
    "mirror_found": Row(_AS_IN_A_MIRROR, replace(USUAL, mirror=Mirror.AUTO)),
    "lag": Row(replace(PLAIN, wide_lag=True)),
    "tempo": Row(replace(PLAIN, tempo=0.15)),
    "fps": Row(replace(PLAIN, fps=(15.0, 30.0))),
    "loss": Row(replace(PLAIN, lost=0.1)),
}
"""What is told apart from the plain run by its F1."""


def rows(watching: Watching, leads: list[Instructor], done: Done) -> dict[str, Any]:
    """F1 of each row and by how much it is lower than that of the plain run, `done`."""
    plain = cues_of(done)
    found: dict[str, Any] = {"plain": brief(plain)}
    for name, row in ROWS.items():
        figures = cues_of(watching.watched(leads, row.manner, row.choices))
        drop = (plain["f1"] or 0.0) - (figures["f1"] or 0.0)
        found[name] = brief(figures) | {"f1_drop": drop}
    return found
