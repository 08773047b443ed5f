"""What a coach must not fall for, and breaks from which it has to find back."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from coach_server.body.angles import Angle
from scripts.cue_scores.figures import brief, cues_of, quantiles
from scripts.cue_scores.following import NEVER_S, found_after
from scripts.cue_scores.intervals import share
from scripts.cue_scores.routines import fidgeting
from scripts.cue_scores.scoring import Verdict
from scripts.cue_scores.sessions import Instructor, instructor
from scripts.cue_scores.tally import Tally
from scripts.cue_scores.watching import PLAIN, Watching

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
FEW: Final = 4
"""Routines of most controls."""
REMINDED_S: Final = 30.0
"""A fault of every pose has to be named once in this time."""


def controls(watching: Watching, leads: list[Instructor]) -> dict[str, Any]:
    """What a coach must not fall for, and breaks from which it has to find back."""
    perfect, every, leads = PLAIN.perfect, leads, leads[:FEW]
    restless = [
        instructor(fidgeting(lead.score, i), watching.noise, i) for i, lead in enumerate(leads)
    ]
    controls = {
        "fidgeting_instructor": brief(cues_of(watching.watched(restless, perfect))),
        "sway": brief(cues_of(watching.watched(leads, replace(perfect, sway_deg=2.0)))),
        "hidden_limbs": brief(cues_of(watching.watched(leads, replace(perfect, hides=True)))),
    }
    for name, manner in (
        ("pause", replace(perfect, pauses=4)),
        ("skip", replace(perfect, skips=4)),
    ):
        done = watching.watched(leads, manner)
        took = [s for one, said in done for s in found_after(one, said.routine_t)]
        controls[name] = brief(cues_of(done)) | {
            "found_s": quantiles(took),
            "never": share(sum(s >= NEVER_S for s in took), len(took)),
        }
    controls["habit"] = _habits(watching, every)
    return controls


def _habits(watching: Watching, leads: list[Instructor]) -> dict[str, Any]:
    """Whether a fault that is there in every pose is named again and again."""
    stretches: list[bool] = []
    first: list[float] = []
    every = Tally()
    for number, lead in enumerate(leads):
        manner = replace(PLAIN, habit=HABITS[number % len(HABITS)])
        ((one, said),) = watching.watched([lead], manner)
        verdicts = every.add(said.cues, one.faults, one.duration_s)
        named = [v.cue.t for v in verdicts if v.verdict in (Verdict.RIGHT, Verdict.REPEATED)]
        first.append(min(named, default=np.inf))
        starts = np.arange(0.0, one.duration_s - REMINDED_S, REMINDED_S)
        stretches += [any(s <= t < s + REMINDED_S for t in named) for s in starts]
    found = [s for s in first if np.isfinite(s)]
    return {
        "named_each_half_minute": share(sum(stretches), len(stretches)),
        "caught": share(len(found), len(first)),
        "first_s": quantiles(found),
        "cues": every.figures()["cues"],
    }
